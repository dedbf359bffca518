import { type Compiled, compiled } from './compiled.ts';
import { impossibleError } from './forward.ts';
import type { PassOptions } from './forward-backward.ts';
import { type Constraint, constraintOf } from './labels.ts';
import type { Hmm } from './model.ts';
import { plainForward } from './plain.ts';
import { type StatePath, tracedPath } from './state-path.ts';

const impossible = Number.NEGATIVE_INFINITY;

/** Back pointers are kept whole up to this many (one byte each for up to 255 states). */
const wholePointers = 2 ** 26;

type Pointers = Uint8Array | Uint16Array | Int32Array;

/**
 * The Viterbi algorithm: the single most likely state path. Long sequences take √n memory: δ is kept at
 * checkpoints, and back pointers are made again for one stretch after another. Of equally likely paths,
 * the one through the state of lower number is taken. With `labels`, the best path that agrees with them.
 * Throws a data error for a sequence of probability zero.
 * @example viterbi(model, dna.encode('ACGTTTACGA')).states // Int32Array [1, 1, 1, 0, 0, 0, …]
 */
export function viterbi<O>(model: Hmm<O>, observations: O, { labels, stretch }: PassOptions = {}): StatePath {
  const c = compiled(model);
  const n = c.states;
  const length = model.emissions.length(observations);
  const constraint = labels ? constraintOf(labels, c, length) : null;
  const step = stretch ?? (length * n <= wholePointers ? Math.max(1, length) : Math.ceil(Math.sqrt(length)));
  const run = viterbiRows(model, c, observations, constraint);
  const checkpoints = new Float64Array(Math.ceil(length / step) * n);
  const pointers = pointerArray(n, Math.min(step, length) * n);
  const beginPointers = pointerArray(n, n);
  const delta = run.begin(beginPointers);
  const count = (from: number) => Math.min(step, length - from);
  for (let from = 0; from < length; from += step) {
    checkpoints.set(delta, (from / step) * n);
    run.block(delta, from, count(from), pointers);
  }
  const { state, log } = bestEnd(delta, c, length === 0 && !model.end);
  if (state < 0 && log === impossible) {
    const { impossibleAt } = plainForward(model, observations, { c, constraint });
    throw impossibleError(impossibleAt ?? length, length, constraint ? 'The labelled sequence' : undefined);
  }
  const trace = tracedPath(c, length, state);
  for (let from = (Math.ceil(length / step) - 1) * step; from >= 0; from -= step) {
    if (step < length) {
      delta.set(checkpoints.subarray((from / step) * n, (from / step + 1) * n));
      run.block(delta, from, count(from), pointers);
    }
    trace.back(from, count(from), (row, s) => pointers[row * n + s]!);
  }
  return trace.finish(log, (s) => beginPointers[s]!);
}

/** An array for state numbers 0 … n, n standing for none. */
export const pointerArray = (n: number, length: number): Pointers =>
  n < 256 ? new Uint8Array(length) : n < 65536 ? new Uint16Array(length) : new Int32Array(length);

function bestEnd(delta: Float64Array, { end, states }: Compiled, free: boolean) {
  if (free) return { state: -1, log: 0 };
  let [state, log] = [-1, impossible];
  for (let s = 0; s < states; s++) {
    const x = delta[s]! + Math.log(end[s]!);
    if (x > log) [state, log] = [s, x];
  }
  return { state, log };
}

function viterbiRows<O>(model: Hmm<O>, c: Compiled, observations: O, constraint: Constraint | null) {
  const { states: n, emitting, group, groups, into } = c;
  const start = c.start.map(Math.log);
  const weight = into.weight.map(Math.log);
  const dense = c.dense?.into.map(Math.log) ?? null;
  const next = new Float64Array(n);
  const emit = new Float64Array(256 * groups);

  /** The best way into states [first, last) from `x`, into `y`, `alternative` (the start) if that is better. */
  const listed = (
    first: number,
    last: number,
    x: Float64Array,
    y: Float64Array,
    to: Pointers,
    at: number,
    atStart: boolean,
  ) => {
    for (let s = first; s < last; s++) {
      let best = atStart ? start[s]! : impossible;
      let arg = n;
      for (let e = into.from[s]!; e < into.from[s + 1]!; e++) {
        const value = weight[e]! + x[into.state[e]!]!;
        if (value > best) {
          best = value;
          arg = into.state[e]!;
        }
      }
      y[s] = best;
      to[at + s] = arg;
    }
  };

  const matrix = (m: Float64Array, x: Float64Array, y: Float64Array, to: Pointers, at: number) => {
    for (let s = 0, i = 0; s < n; s++) {
      let best = impossible;
      let arg = n;
      for (let u = 0; u < n; u++) {
        const value = x[u]! + m[i++]!;
        if (value > best) {
          best = value;
          arg = u;
        }
      }
      y[s] = best;
      to[at + s] = arg;
    }
  };

  const begin = (pointers: Pointers): Float64Array => {
    const delta = new Float64Array(n).fill(impossible);
    listed(emitting, n, delta, delta, pointers, 0, true);
    return delta;
  };

  const block = (delta: Float64Array, from: number, length: number, pointers: Pointers) => {
    for (let r = 0; r < length; r++) {
      const t = from + r;
      const slot = r % 256;
      if (slot === 0) model.emissions.fillLogs(observations, t, Math.min(t + 256, from + length), emit);
      const at = r * n;
      if (dense && t > 0) matrix(dense, delta, next, pointers, at);
      else listed(0, emitting, delta, next, pointers, at, t === 0);
      const e = slot * groups;
      for (let s = 0; s < emitting; s++) delta[s] = next[s]! + emit[e + group[s]!]!;
      if (constraint) forbid(constraint, t, delta, emitting);
      if (emitting < n) listed(emitting, n, delta, delta, pointers, at, false);
    }
  };
  return { begin, block };
}

/** −Infinity for the states that contradict the label of position t. */
export function forbid(
  { labels, classes }: Constraint,
  t: number,
  logs: Float64Array,
  emitting: number,
): void {
  const label = labels[t]!;
  if (label >= 0) for (let s = 0; s < emitting; s++) if (classes[s] !== label) logs[s] = impossible;
}
