import { blank } from '../../../models/transcriber/spec.ts';

/** ln P of every class at every step, row-major [steps, classes]; class 0 is the blank. */
export interface ClassLogs {
  readonly logs: Float32Array | Float64Array;
  readonly classes: number;
}

const none = Number.NEGATIVE_INFINITY;

function logAdd(a: number, b: number): number {
  if (a === none) return b;
  if (b === none) return a;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}

/** Labels with a blank before, between and after them. */
function extended(labels: ArrayLike<number>): Int32Array {
  const all = new Int32Array(2 * labels.length + 1).fill(blank);
  for (let i = 0; i < labels.length; i++) all[2 * i + 1] = labels[i]!;
  return all;
}

/** Whether a path may come to place s from s − 2: onto a label that differs from the one before. */
const jumps = (places: Int32Array, s: number): boolean =>
  s >= 2 && places[s] !== blank && places[s] !== places[s - 2];

/**
 * ln P(labels), the sum over all alignments (the forward recursion of Graves et al. 2006); −∞ where none fits.
 * @example labellingLogProbability({ logs, classes: 5 }, [2, 2, 4])
 */
export function labellingLogProbability({ logs, classes }: ClassLogs, labels: ArrayLike<number>): number {
  const places = extended(labels);
  let alpha = new Float64Array(places.length).fill(none);
  let next = new Float64Array(places.length);
  // Before the first step all paths wait in the first blank.
  alpha[0] = 0;
  for (let t = 0; t * classes < logs.length; t++) {
    for (let s = 0; s < places.length; s++) {
      const near = s > 0 ? logAdd(alpha[s]!, alpha[s - 1]!) : alpha[s]!;
      const all = jumps(places, s) ? logAdd(near, alpha[s - 2]!) : near;
      next[s] = all + logs[t * classes + places[s]!]!;
    }
    [alpha, next] = [next, alpha];
  }
  const last = places.length - 1;
  return last > 0 ? logAdd(alpha[last]!, alpha[last - 1]!) : alpha[last]!;
}

/** Where a label was written: steps `from` … `to` − 1 of the most probable alignment. */
export interface LabelSpan {
  readonly from: number;
  readonly to: number;
  /** The highest probability of the label within them. */
  readonly confidence: number;
}

/**
 * The steps at which each label stands in the most probable alignment of a labelling (Viterbi). Throws a range error where no alignment fits,
 * which no decoder's labelling can do.
 */
export function labelSpans({ logs, classes }: ClassLogs, labels: ArrayLike<number>): LabelSpan[] {
  const places = extended(labels);
  const width = places.length;
  const steps = logs.length / classes;
  const moves = new Uint8Array(steps * width);
  let best = new Float64Array(width).fill(none);
  let next = new Float64Array(width);
  best[0] = 0;
  for (let t = 0; t < steps; t++) {
    for (let s = 0; s < width; s++) {
      let [from, move] = [best[s]!, 0];
      if (s > 0 && best[s - 1]! > from) [from, move] = [best[s - 1]!, 1];
      if (jumps(places, s) && best[s - 2]! > from) [from, move] = [best[s - 2]!, 2];
      next[s] = from + logs[t * classes + places[s]!]!;
      moves[t * width + s] = move;
    }
    [best, next] = [next, best];
  }
  let s = width > 1 && best[width - 2]! > best[width - 1]! ? width - 2 : width - 1;
  if (best[s] === none) throw new RangeError('labelSpans: no alignment of these labels fits the steps.');
  const spans = Array.from(labels, () => ({ from: 0, to: 0, confidence: 0 }));
  for (let t = steps - 1; t >= 0; t--) {
    if (s % 2 === 1) {
      const span = spans[(s - 1) / 2]!;
      if (span.to === 0) span.to = t + 1;
      span.from = t;
      span.confidence = Math.max(span.confidence, Math.exp(logs[t * classes + places[s]!]!));
    }
    s -= moves[t * width + s]!;
  }
  return spans;
}
