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
import { type DecodedPath, namesOf, pathLines, stateNames } from './markov-path-lines.ts';

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
      yield { observation, paths: named(observation, () => pathsOf(file, observation, args, format)) };
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

/** Paths and, where they are asked for, what posteriors the format has room for: all of them are kept for a table only. */
function pathsOf(
  file: HmmFile,
  { values, length }: Observation,
  args: HmmDecodeArguments,
  format: Format,
): DecodedPath[] {
  const model = file.model as Hmm<unknown>;
  const found = statesOf(model, values, args);
  if (!args.posterior) return found;
  const { names, of, emitting } = namesOf(file, args.by);
  const sums = new Float64Array(names.length);
  const posteriors = format === 'tsv' ? new Float32Array(length * names.length) : undefined;
  const confidence = found.map(() => new Float64Array(length));
  const logLikelihood = visitPosteriors(model, values as unknown, (t, row) => {
    sums.fill(0);
    for (const s of emitting) sums[of[s]!]! += row[s]!;
    posteriors?.set(sums, t * names.length);
    for (const [i, { states }] of found.entries()) confidence[i]![t] = sums[of[states[t]!]!]!;
  });
  return found.map((path, i) => ({
    ...{ ...path, logLikelihood, confidence: confidence[i]! },
    ...(posteriors && { posteriors }),
  }));
}

function statesOf(model: Hmm<unknown>, values: unknown, { method, best }: HmmDecodeArguments): DecodedPath[] {
  if (method !== 'viterbi') {
    const { states, logLikelihood } = (method === 'mea' ? meaPath : posteriorStates)(model, values);
    return [{ states, logLikelihood }];
  }
  if (best === 1) return [viterbi(model, values)];
  const paths = kBestPaths(model, values, best);
  // None at all: the error that Viterbi has for it says where.
  return paths.length > 0 ? paths : [viterbi(model, values)];
}
