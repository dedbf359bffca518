import { dataError, usageError } from '../../../core/errors.ts';
import { marksNetwork } from '../../../models/marks/network.ts';
import { type Mark, type MarksSpec, type MarksTrack, most } from '../../../models/marks/spec.ts';
import type { MarkName, MarksData } from './data.ts';

/** A model of marks before it has seen data. */
export interface MarksDefinition {
  /** A name in the table of bodies. */
  readonly architecture: string;
  /** What of its configuration differs from the defaults. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Bins of a window that are answered, and those at either side that are context only. */
  readonly core?: number;
  readonly flank?: number;
  /** Bins with a mark count so much more in training that they weigh as much as those without; probabilities are corrected for it. */
  readonly balanced?: boolean;
}

export const usualWindow = { core: 96, flank: 16 };

/** No mark counts more than this, however rare. */
const mostWeight = 1000;

/**
 * The specification of a model for training data, its shares, means and scaling taken from them alone. Throws a usage error for what there is
 * not, a data error for a mark that is nowhere or everywhere in the training part.
 */
export function marksSpec(
  train: MarksData,
  {
    architecture,
    config = {},
    core = usualWindow.core,
    flank = usualWindow.flank,
    balanced = false,
  }: MarksDefinition,
): MarksSpec {
  const sizes = { core, flank };
  for (const [name, value] of Object.entries(sizes))
    if (!(Number.isInteger(value) && value >= (name === 'core' ? 1 : 0) && value <= most.bins))
      throw usageError(`expected a ${name} of 0 to ${most.bins} bins (core: at least 1), received ${value}.`);
  if (train.marks.length > most.marks || train.tracks.length > most.tracks)
    throw usageError(
      `expected at most ${most.marks} marks and ${most.tracks} tracks, received ${train.marks.length} and ${train.tracks.length}.`,
    );
  const { name, letters } = train.alphabet;
  const spec: MarksSpec = {
    ...{ kind: 'marks', architecture, config, alphabet: { name, letters }, bin: train.bin, ...sizes },
    marks: train.marks.map((mark, m) => markOf(mark, column(train, m), balanced)),
    tracks: train.tracks.map((track, t) => trackOf(track, column(train, t, 'tracks'))),
  };
  return { ...spec, config: marksNetwork(spec).config };
}

/** The known numbers of a mark, or of a track, in all stretches. */
export function* column(
  { stretches, marks, tracks }: MarksData,
  at: number,
  of: 'truth' | 'tracks' = 'truth',
): Generator<number, void, undefined> {
  const width = of === 'truth' ? marks.length : tracks.length;
  for (const stretch of stretches)
    for (let i = at; i < stretch[of].length; i += width) {
      const x = stretch[of][i]!;
      if (!Number.isNaN(x)) yield x;
    }
}

function moments(values: Iterable<number>, of: (x: number) => number = (x) => x) {
  let [count, sum, squares] = [0, 0, 0];
  for (const value of values) {
    const x = of(value);
    count++;
    sum += x;
    squares += x * x;
  }
  const mean = sum / count;
  return { count, sum, mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}

function markOf({ name, kind }: MarkName, values: Iterable<number>, balanced: boolean): Mark {
  const { count, sum, mean } = moments(values);
  if (count === 0)
    throw dataError(
      `the mark ${name} is not known anywhere in the training part. Hold less back, or leave it out.`,
    );
  if (sum === 0 || (kind === 'binary' && sum === count)) {
    // What is narrower than half a bin marks none.
    const narrow =
      sum === 0 && kind === 'binary'
        ? '; where its intervals are narrow make --bin smaller, for a bin has a mark from half of its letters on'
        : '';
    throw dataError(
      `the mark ${name} is ${sum === 0 ? 'nowhere' : 'everywhere'} in the training part (${count} bins): there is nothing to learn. Hold other sequences back, check that its file is of this assembly, or leave it out${narrow}.`,
    );
  }
  if (kind === 'signal') return { name, kind, mean };
  const weight = balanced ? Math.min(mostWeight, Math.max(1, (1 - mean) / mean)) : 1;
  return { name, kind, share: mean, weight };
}

function trackOf(name: string, values: readonly number[] | Iterable<number>): MarksTrack {
  const all = Float32Array.from(values);
  const log = all.every((x) => x >= 0);
  const { count, mean, deviation } = moments(all, (x) => (log ? Math.log1p(x) : x));
  if (count === 0 || !(deviation > 1e-9))
    throw dataError(
      `the track ${name} is ${count === 0 ? 'not known' : 'the same'} everywhere in the training part: it tells nothing. Leave it out, or check that its file is of this assembly.`,
    );
  return { name, log, mean, deviation };
}

/** Throws a data error where data do not have the marks and tracks of a model, in its bins. */
export function requireMarks(spec: Pick<MarksSpec, 'marks' | 'tracks' | 'bin'>, data: MarksData): void {
  const named = (marks: readonly { name: string; kind: string }[]) =>
    marks.map(({ name, kind }) => (kind === 'signal' ? `${name} (values)` : name)).join(', ');
  if (named(spec.marks) !== named(data.marks))
    throw dataError(
      `the model tells ${named(spec.marks)}; the data have ${named(data.marks) || 'no marks'}.`,
    );
  const tracks = spec.tracks.map(({ name }) => name).join(', ');
  if (tracks !== data.tracks.join(', '))
    throw dataError(
      `the model reads ${tracks || 'no tracks'} beside the letters; the data have ${data.tracks.join(', ') || 'none'}.`,
    );
}
