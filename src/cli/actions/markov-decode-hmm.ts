import { SeqwrightError, usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { kBestPaths } from '../../markov/hmm/k-best.ts';
import { meaPath } from '../../markov/hmm/mea.ts';
import type { Hmm } from '../../markov/hmm/model.ts';
import { posteriorStates, visitPosteriors } from '../../markov/hmm/posterior.ts';
import { viterbi } from '../../markov/hmm/viterbi.ts';
import type { HmmFile } from '../../models/markov/hmm-file.ts';
import { requireTrained } from '../../models/markov/language.ts';
import { readHmm } from '../../models/markov/markov-file.ts';
import { counted } from '../../report/format.ts';
import { openMessages } from '../messages.ts';
import type { decodeFormats, HmmDecodeArguments } from '../verbs/hmm-models.ts';
import { type Observation, openObservations, saySkipped } from './markov-observations.ts';
import { type DecodedPath, pathLines, stateNames } from './markov-path-lines.ts';

type Format = (typeof decodeFormats)[number];

/** Writes the states behind sequences, one sequence after the other. */
export async function hmmDecode(modelPath: string, data: string, args: HmmDecodeArguments): Promise<void> {
  if (modelPath === '-' && data === '-')
    throw usageError('Model and sequences cannot both be standard input. Name a file for one of them.');
  const messages = openMessages(args);
  const file: HmmFile = await readHmm(modelPath);
  requireTrained(file, modelPath);
  const format = formatOf(file, args);
  checkOptions(file, format, args);
  const observations = await openObservations(data, file.observes, args);
  let [sequences, positions] = [0, 0];
  async function* decoded() {
    for await (const observation of observations.each) {
      sequences++;
      positions += observation.length;
      yield { observation, paths: named(observation, () => pathsOf(file, observation, args)) };
    }
  }
  await atomicWrite(args.output, pathLines(file, decoded(), { ...args, format, ranked: args.best > 1 }));
  saySkipped(observations, messages);
  messages.say(`Decoded ${counted(sequences, 'sequence')} of ${counted(positions, 'position')}.`);
}

function formatOf({ observes }: HmmFile, { format, json, output }: HmmDecodeArguments): Format {
  if (json) return 'jsonl';
  if (format) return format;
  const [, suffix = ''] = /\.(fa|fasta|bed|tsv|jsonl)(?:\.gz)?$/i.exec(output) ?? [];
  const named = { fa: 'fasta', fasta: 'fasta', bed: 'bed', tsv: 'tsv', jsonl: 'jsonl' } as const;
  return named[suffix.toLowerCase() as keyof typeof named] ?? (observes.kind === 'letters' ? 'fasta' : 'tsv');
}

function checkOptions(
  file: HmmFile,
  format: Format,
  { best, method, only, by, posterior }: HmmDecodeArguments,
): void {
  if (best > 1 && method !== 'viterbi') throw usageError(`--best goes with --method viterbi, not ${method}.`);
  if (best > 1 && format === 'bed')
    throw usageError(
      'BED has no place for several paths of one sequence; use --format fasta, tsv or jsonl with --best.',
    );
  if (only && format !== 'bed') throw usageError('--only goes with --format bed.');
  if (posterior && format === 'fasta')
    throw usageError('FASTA has no place for posteriors; use --format bed, tsv or jsonl.');
  const names = stateNames(file, by);
  const strange = only?.find((name) => !names.includes(name));
  if (strange !== undefined)
    throw usageError(
      `--only ${strange}: the model has no such ${by}; it has ${[...new Set(names)].join(', ').slice(0, 200)}.`,
    );
}

/** An error about a sequence says which. */
function named<T>({ where }: Observation, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SeqwrightError) || error.kind !== 'data') throw error;
    throw new SeqwrightError(error.kind, `${where}: ${error.message}`, { cause: error });
  }
}

function pathsOf(file: HmmFile, { values, length }: Observation, args: HmmDecodeArguments): DecodedPath[] {
  const model = file.model as Hmm<unknown>;
  const found = statesOf(model, values, args);
  if (!args.posterior && args.method === 'viterbi') return found;
  const n = model.states.length;
  const posteriors = new Float64Array(length * n);
  const logLikelihood = visitPosteriors(model, values as unknown, (t, row) => posteriors.set(row, t * n));
  return found.map((path) => ({ ...path, logLikelihood, posteriors }));
}

function statesOf(model: Hmm<unknown>, values: unknown, { method, best }: HmmDecodeArguments): DecodedPath[] {
  if (method === 'mea') return [{ states: meaPath(model, values).states }];
  if (method === 'posterior') return [{ states: posteriorStates(model, values).states }];
  if (best === 1) return [viterbi(model, values)];
  const paths = kBestPaths(model, values, best);
  // None at all: the error that Viterbi has for it says where.
  return paths.length > 0 ? paths : [viterbi(model, values)];
}
