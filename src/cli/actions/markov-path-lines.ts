import type { Hmm } from '../../markov/hmm/model.ts';
import type { HmmFile } from '../../models/markov/hmm-file.ts';
import type { HmmDecodeArguments } from '../verbs/hmm-models.ts';
import type { Observation } from './markov-observations.ts';

/** The states behind one sequence. */
export interface DecodedPath {
  /** By position. */
  readonly states: Int32Array;
  /** ln P(observations and path), of Viterbi's paths. */
  readonly logProbability?: number;
  /** ln P(observations), where it is known. */
  readonly logLikelihood?: number;
  /** P(the name of the path's state | observations) at each position, where posteriors were asked for. */
  readonly confidence?: Float64Array;
  /** P(name at position | observations), [length, names], where they are to be written. */
  readonly posteriors?: Float32Array;
}

export interface DecodedObservation {
  readonly observation: Observation;
  /** The best first. */
  readonly paths: readonly DecodedPath[];
}

type LineOptions = Pick<HmmDecodeArguments, 'by' | 'only' | 'posterior'> & {
  readonly format: 'fasta' | 'bed' | 'tsv' | 'jsonl';
  readonly ranked: boolean;
};

/** What each state is called in the output. */
export const stateNames = ({ model, labels }: HmmFile, by: 'label' | 'state'): readonly string[] =>
  by === 'label' ? labels : (model as Hmm<unknown>).states.map(({ name }) => name);

/** Paths as text: see `hmm decode`. Positions of BED and JSON are counted from 0 and half-open, those of tables from 1. */
export async function* pathLines(
  file: HmmFile,
  decoded: AsyncIterable<DecodedObservation>,
  options: LineOptions,
): AsyncGenerator<string> {
  const named = namesOf(file, options.by);
  if (options.format === 'tsv') yield `${header(named, options).join('\t')}\n`;
  for await (const { observation, paths } of decoded)
    for (const [i, path] of paths.entries()) {
      if (options.format === 'tsv') yield* rows(named, observation, path, { ...options, rank: i + 1 });
      else yield writers[options.format](named, observation, path, { ...options, rank: i + 1 });
    }
}

/** The names of an output, and which of them each state has. */
export interface Named {
  readonly names: readonly string[];
  readonly of: Int32Array;
  readonly letters: readonly string[];
  /** Which of them has a state that emits. */
  readonly emits: readonly boolean[];
  /** The states that emit. */
  readonly emitting: readonly number[];
}

/** What the states of a model are called. */
export function namesOf(file: HmmFile, by: 'label' | 'state'): Named {
  const { states } = file.model as Hmm<unknown>;
  const all = stateNames(file, by);
  const names = [...new Set(all)];
  const of = Int32Array.from(all, (name) => names.indexOf(name));
  const emitting = [...states.keys()].filter((s) => states[s]!.emission !== null);
  const emits = names.map((_, n) => emitting.some((s) => of[s] === n));
  return { names, of, emits, emitting, letters: states.map(({ letter }) => letter) };
}

type Ranked = LineOptions & { readonly rank: number };
type Writer = (named: Named, observation: Observation, path: DecodedPath, options: Ranked) => string;

const lettersOf = ({ letters }: Named, { states }: DecodedPath): string => {
  const parts: string[] = [];
  for (const s of states) parts.push(letters[s]!);
  return parts.join('');
};

const writers: Record<'fasta' | 'bed' | 'jsonl', Writer> = {
  fasta(named, { id }, path, { ranked, rank }) {
    const about = [
      ...(ranked ? [`rank=${rank}`] : []),
      ...(path.logProbability === undefined ? [] : [`logProbability=${path.logProbability.toFixed(4)}`]),
      ...(path.logLikelihood === undefined ? [] : [`logLikelihood=${path.logLikelihood.toFixed(4)}`]),
    ];
    return `>${id} ${about.join(' ')}\n${wrapped(lettersOf(named, path))}`;
  },
  bed: (named, { id }, path, { only }) =>
    runsOf(named, path)
      .filter(({ name }) => !only || only.includes(name))
      .map(({ name, start, end, posterior }) =>
        posterior === undefined
          ? `${id}\t${start}\t${end}\t${name}\n`
          : `${id}\t${start}\t${end}\t${name}\t${Math.round(1000 * posterior)}\n`,
      )
      .join(''),
  jsonl(named, { id, length }, path, { ranked, rank }) {
    const { logProbability, logLikelihood } = path;
    const runs = runsOf(named, path).map(({ posterior, ...run }) => ({
      ...run,
      ...(posterior !== undefined && { posterior: Number(posterior.toFixed(6)) }),
    }));
    return `${JSON.stringify({ id, ...(ranked && { rank }), length, logProbability, logLikelihood, path: lettersOf(named, path), runs })}\n`;
  },
};

const wrapped = (text: string) => (text === '' ? '' : `${text.match(/.{1,60}/gsu)!.join('\n')}\n`);

const header = ({ names, emits }: Named, { ranked, posterior }: LineOptions) => [
  ...['id', ...(ranked ? ['rank'] : []), 'position', 'observed', 'state'],
  ...(posterior ? names.filter((_, n) => emits[n]).map((name) => `p(${name})`) : []),
];

function* rows(
  { names, of, emits }: Named,
  { id, text }: Observation,
  { states, posteriors }: DecodedPath,
  { ranked, rank, posterior }: Ranked,
): Generator<string> {
  for (let t = 0; t < states.length; t++) {
    const cells = [id, ...(ranked ? [String(rank)] : []), String(t + 1), text(t), names[of[states[t]!]!]!];
    if (posterior && posteriors)
      for (let i = 0; i < names.length; i++)
        if (emits[i]) cells.push(posteriors[t * names.length + i]!.toFixed(6));
    yield `${cells.join('\t')}\n`;
  }
}

/** Runs of one name, with the mean posterior of that name where posteriors are known. */
function runsOf({ names, of }: Named, { states, confidence }: DecodedPath) {
  const runs: { name: string; start: number; end: number; posterior?: number }[] = [];
  for (let t = 0, start = 0; t < states.length; t++) {
    const name = of[states[t]!]!;
    if (t + 1 < states.length && of[states[t + 1]!] === name) continue;
    const run = { name: names[name]!, start, end: t + 1 };
    runs.push(confidence ? { ...run, posterior: meanOf(confidence, run) } : run);
    start = t + 1;
  }
  return runs;
}

function meanOf(values: Float64Array, { start, end }: { start: number; end: number }): number {
  let sum = 0;
  for (let t = start; t < end; t++) sum += values[t]!;
  return Math.min(1, sum / (end - start));
}
