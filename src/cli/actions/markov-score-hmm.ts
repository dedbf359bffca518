import { usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { forward } from '../../markov/hmm/forward.ts';
import type { Hmm } from '../../markov/hmm/model.ts';
import { prefixLogs } from '../../markov/hmm/prefix-logs.ts';
import type { HmmFile } from '../../models/markov/hmm-file.ts';
import { requireTrained } from '../../models/markov/language.ts';
import { readHmm } from '../../models/markov/markov-file.ts';
import { openMessages } from '../messages.ts';
import type { HmmScoreArguments } from '../verbs/hmm-models.ts';
import { type Observation, openObservations, saySkipped } from './markov-observations.ts';

/** Writes how probable sequences are, each summed over all paths, or how surprising each of their positions is. */
export async function hmmScore(modelPath: string, data: string, args: HmmScoreArguments): Promise<void> {
  if (args.null !== undefined && args.positions)
    throw usageError('--null compares whole sequences; leave it or --positions out.');
  if ([modelPath, data, args.null].filter((path) => path === '-').length > 1)
    throw usageError('Only one input can be standard input. Name files for the others.');
  const messages = openMessages(args);
  const file = await trained(modelPath);
  const background = args.null === undefined ? undefined : await trained(args.null);
  if (background && JSON.stringify(background.observes) !== JSON.stringify(file.observes))
    throw usageError(
      `${args.null} reads other observations than ${modelPath}; both must have the same letters, symbols or columns.`,
    );
  const observations = await openObservations(data, file.observes, args);
  const lines = args.positions
    ? positionLines(file, observations.each)
    : sequenceLines(file, background, observations.each);
  await atomicWrite(args.output, lines);
  saySkipped(observations, messages);
}

async function trained(path: string): Promise<HmmFile> {
  const file = await readHmm(path);
  requireTrained(file, path);
  return file;
}

const bits = (nats: number) => (nats / Math.LN2).toFixed(4);

async function* sequenceLines(
  { model }: HmmFile,
  background: HmmFile | undefined,
  each: AsyncIterable<Observation>,
): AsyncGenerator<string> {
  yield `id\tlength\tlogLikelihood\tbitsPerPosition\timpossibleAt${background ? '\tlogOdds' : ''}\n`;
  for await (const { id, length, values } of each) {
    const { logLikelihood, impossibleAt } = forward(model as Hmm<unknown>, values);
    const odds =
      background && logLikelihood - forward(background.model as Hmm<unknown>, values).logLikelihood;
    const cells = [
      ...[id, length, logLikelihood.toFixed(4), length > 0 ? bits(-logLikelihood / length) : '0.0000'],
      impossibleAt === null ? '' : impossibleAt + 1,
      // Impossible under both: nothing tells them apart.
      ...(odds === undefined ? [] : [bits(Number.isNaN(odds) ? 0 : odds)]),
    ];
    yield `${cells.join('\t')}\n`;
  }
}

async function* positionLines({ model }: HmmFile, each: AsyncIterable<Observation>): AsyncGenerator<string> {
  yield 'id\tposition\tobserved\tbits\n';
  for await (const { id, values, text } of each) {
    const { logs } = prefixLogs(model as Hmm<unknown>, values);
    for (let t = 0; t < logs.length; t++) yield `${id}\t${t + 1}\t${text(t)}\t${bits(-logs[t]!)}\n`;
  }
}
