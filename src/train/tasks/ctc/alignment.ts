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
 * What the most probable class of every step adds up to, from each step to the end: no alignment gains more. So one that is behind by then can be
 * left out for good, and the work grows with the steps alone where the network is sure, instead of with steps times labels.
 */
function mostToCome({ logs, classes }: ClassLogs): Float64Array {
  const steps = logs.length / classes;
  const most = new Float64Array(steps + 1);
  for (let t = steps - 1; t >= 0; t--) {
    let best = none;
    for (let c = 0; c < classes; c++) best = Math.max(best, logs[t * classes + c]!);
    most[t] = most[t + 1]! + best;
  }
  return most;
}

/** The value of a place and, of the most probable alignment, how many places it moved to come there. */
type Arrive = (stay: number, one: number, two: number) => { value: number; move: number };

/**
 * Goes through all alignments at once, step by step: `values[s]` is what `arrive` makes of the ways to place s. Only places from which `least` can still
 * be reached go on. Tells `each` the values of every step; those before `low` and from `high` on are −∞.
 */
function sweep(
  { logs, classes }: ClassLogs,
  places: Int32Array,
  { arrive, least, most }: { arrive: Arrive; least: number; most: Float64Array },
  each?: (step: number, low: number, moves: Uint8Array) => void,
): (place: number) => number {
  const width = places.length;
  let values = new Float64Array(width).fill(none);
  let next = new Float64Array(width);
  // Before the first step all paths wait in the first blank.
  values[0] = 0;
  let [low, high] = [0, 1];
  const at = (s: number) => (s >= low && s < high ? values[s]! : none);
  for (let t = 0; t + 1 < most.length; t++) {
    const to = Math.min(width, high + 2);
    const moves = new Uint8Array(each ? to - low : 0);
    let [first, last] = [to, low];
    for (let s = low; s < to; s++) {
      const { value, move } = arrive(at(s), at(s - 1), jumps(places, s) ? at(s - 2) : none);
      next[s] = value + logs[t * classes + places[s]!]!;
      if (each) moves[s - low] = move;
      if (next[s]! + most[t + 1]! < least || next[s] === none) continue;
      first = Math.min(first, s);
      last = s + 1;
    }
    each?.(t, low, moves);
    [values, next] = [next, values];
    // Nowhere left from which `least` can be reached: nothing is found.
    [low, high] = first < last ? [first, last] : [0, 0];
    if (high === 0) break;
  }
  return at;
}

const summed: Arrive = (stay, one, two) => ({ value: logAdd(logAdd(stay, one), two), move: 0 });
const best: Arrive = (stay, one, two) => {
  if (two > one && two > stay) return { value: two, move: 2 };
  return one > stay ? { value: one, move: 1 } : { value: stay, move: 0 };
};

/** Alignments less probable than e⁻³⁰ of the best add nothing that float32 would show. */
const negligible = 30;

/**
 * ln P(labels), the sum over all alignments (the forward recursion of Graves et al. 2006), save those that are e⁻³⁰ times less probable than the best one; −∞ where
 * none fits.
 * @example labellingLogProbability({ logs, classes: 5 }, [2, 2, 4])
 */
export function labellingLogProbability(given: ClassLogs, labels: ArrayLike<number>): number {
  const found = bestAlignment(given, labels);
  if (!found) return none;
  const places = extended(labels);
  const least = found.logProbability - negligible;
  const at = sweep(given, places, { arrive: summed, least, most: mostToCome(given) });
  const last = places.length - 1;
  return logAdd(at(last), at(last - 1));
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
export function labelSpans(given: ClassLogs, labels: ArrayLike<number>): LabelSpan[] {
  const found = bestAlignment(given, labels);
  if (!found) throw new RangeError('labelSpans: no alignment of these labels fits the steps.');
  const { logs, classes } = given;
  const spans = Array.from(labels, () => ({ from: 0, to: 0, confidence: 0 }));
  found.places.forEach((place, t) => {
    if (place % 2 === 0) return;
    const span = spans[(place - 1) / 2]!;
    if (span.to === 0) span.from = t;
    span.to = t + 1;
    span.confidence = Math.max(span.confidence, Math.exp(logs[t * classes + labels[(place - 1) / 2]!]!));
  });
  return spans;
}

/** The place at every step where the most probable class of each step spells just these labels: then no alignment is more probable. */
function greedyAlignment({ logs, classes }: ClassLogs, labels: ArrayLike<number>): Int32Array | undefined {
  const path = new Int32Array(logs.length / classes);
  let written = 0;
  let before = blank;
  for (let t = 0; t < path.length; t++) {
    let top = 0;
    for (let c = 1; c < classes; c++) if (logs[t * classes + c]! > logs[t * classes + top]!) top = c;
    if (top !== blank && top !== before && labels[written++] !== top) return undefined;
    path[t] = top === blank ? 2 * written : 2 * written - 1;
    before = top;
  }
  return written === labels.length ? path : undefined;
}

/** The place of the most probable alignment at every step, and ln P of that alignment; undefined where none fits. */
function bestAlignment(given: ClassLogs, labels: ArrayLike<number>) {
  const places = extended(labels);
  const most = mostToCome(given);
  const last = places.length - 1;
  const sure = greedyAlignment(given, labels);
  if (sure) return { places: sure, logProbability: most[0]! };
  // What was left out is behind by more than `slack`: an alignment found within it is the best of all.
  for (let slack = negligible; ; slack *= 8) {
    const lows: number[] = [];
    const moves: Uint8Array[] = [];
    const least = Number.isFinite(most[0]!) && slack < 1e6 ? most[0]! - slack : none;
    const at = sweep(given, places, { arrive: best, least, most }, (_, low, own) => {
      lows.push(low);
      moves.push(own);
    });
    const end = at(last - 1) > at(last) ? last - 1 : last;
    const logProbability = at(end);
    if (logProbability === none && least === none) return undefined;
    if (logProbability === none || logProbability < least) continue;
    const path = new Int32Array(moves.length);
    for (let t = moves.length - 1, s = end; t >= 0; t--) {
      path[t] = s;
      s -= moves[t]![s - lows[t]!]!;
    }
    return { places: path, logProbability };
  }
}
