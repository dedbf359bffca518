import { type Compiled, compiled } from './compiled.ts';
import { impossibleError } from './forward.ts';
import type { PassOptions } from './forward-backward.ts';
import { type Constraint, constrain, constraintOf } from './labels.ts';
import type { Hmm } from './model.ts';
import { plainForward } from './plain.ts';
import { spread } from './recursion.ts';
import { type StatePath, tracedPath } from './state-path.ts';

const impossible = Number.NEGATIVE_INFINITY;

/** Positions whose emissions are written at a time; no more than a recursion takes. */
const chunk = 128;

/** Rows of at most about 128 MB are kept whole; above that, one in √length is (checkpoints). */
const wholeNumbers = 2 ** 24;

/**
 * The Viterbi algorithm: the single most likely state path. Only the scores δ of the best ways into the states
 * are kept, no back pointers: on the way back, the step before is looked for again for the one state on
 * the path, which is less work than remembering it for all. Long sequences take √n memory: δ is kept at
 * checkpoints, and made again for one stretch after another. Of equally likely paths, the one through the
 * state of lower number is taken. With `labels`, the best path that agrees with them.
 * Throws a data error for a sequence of probability zero.
 * @example viterbi(model, dna.encode('ACGTTTACGA')).states // Int32Array [1, 1, 1, 0, 0, 0, …]
 */
export function viterbi<O>(model: Hmm<O>, observations: O, { labels, stretch }: PassOptions = {}): StatePath {
  const c = compiled(model);
  const n = c.states;
  const length = model.emissions.length(observations);
  const constraint = labels ? constraintOf(labels, c, length) : null;
  const step = stretch ?? (length * n <= wholeNumbers ? Math.max(1, length) : Math.ceil(Math.sqrt(length)));
  const count = (from: number) => Math.min(step, length - from);
  const ways = waysInto(c);
  const rows = new Float64Array((count(0) + 1) * n);
  const checkpoints = new Float64Array(Math.ceil(length / step) * n);
  ways.begin(rows);
  for (let from = 0; from < length; from += step) {
    if (from > 0) rows.copyWithin(0, step * n, (step + 1) * n);
    checkpoints.set(rows.subarray(0, n), (from / step) * n);
    viterbiRows(model, c, observations, rows, from, count(from), { ways, constraint });
  }
  const final = length === 0 ? 0 : count(Math.floor((length - 1) / step) * step) * n;
  const { state, log } = bestEnd(rows, final, c, length === 0 && !model.end);
  if (log === impossible) {
    const { impossibleAt } = plainForward(model, observations, { c, constraint });
    throw impossibleError(impossibleAt ?? length, length, constraint ? 'The labelled sequence' : undefined);
  }
  const trace = tracedPath(c, length, state);
  for (let from = (Math.ceil(length / step) - 1) * step; from >= 0; from -= step) {
    if (step < length) {
      rows.set(checkpoints.subarray((from / step) * n, (from / step + 1) * n));
      viterbiRows(model, c, observations, rows, from, count(from), { ways, constraint });
    }
    trace.back(from, count(from), (row, s) =>
      s < c.emitting
        ? ways.best(s, rows, row * n, from + row === 0)
        : ways.best(s, rows, (row + 1) * n, false),
    );
  }
  return trace.finish(log, (s) => ways.best(s, rows, 0, true));
}

function bestEnd(rows: Float64Array, at: number, { end, states }: Compiled, free: boolean) {
  if (free) return { state: -1, log: 0 };
  let [state, log] = [-1, impossible];
  for (let s = 0; s < states; s++) {
    const x = rows[at + s]! + Math.log(end[s]!);
    if (x > log) [state, log] = [s, x];
  }
  return { state, log };
}

/** The best way into a state from a row of scores, or from the start where that is allowed. */
function waysInto({ states: n, emitting, into, start }: Compiled) {
  const starts = start.map(Math.log);
  const weight = into.weight.map(Math.log);
  /** Scores of states [first, last), from the row at x into the row at y. */
  const scores = (
    first: number,
    last: number,
    rows: Float64Array,
    x: number,
    y: number,
    atStart: boolean,
  ): void => {
    for (let s = first; s < last; s++) {
      let best = atStart ? starts[s]! : impossible;
      const stop = into.from[s + 1]!;
      for (let e = into.from[s]!; e < stop; e++) {
        const value = weight[e]! + rows[x + into.state[e]!]!;
        if (value > best) best = value;
      }
      rows[y + s] = best;
    }
  };
  return {
    scores,
    begin(rows: Float64Array): void {
      rows.fill(impossible, 0, emitting);
      scores(emitting, n, rows, 0, 0, true);
    },
    /** The state that the best way comes from; n for the start. */
    best(s: number, rows: Float64Array, x: number, atStart: boolean): number {
      let best = atStart ? starts[s]! : impossible;
      let arg = n;
      for (let e = into.from[s]!; e < into.from[s + 1]!; e++) {
        const value = weight[e]! + rows[x + into.state[e]!]!;
        if (value > best) {
          best = value;
          arg = into.state[e]!;
        }
      }
      return arg;
    },
  };
}

/** Scores of positions [from, from + length) into rows 1 … length, from row 0. */
function viterbiRows<O>(
  model: Hmm<O>,
  c: Compiled,
  observations: O,
  rows: Float64Array,
  from: number,
  length: number,
  { ways, constraint }: { ways: ReturnType<typeof waysInto>; constraint: Constraint | null },
): void {
  const { states: n, emitting, group, groups } = c;
  const fast = constraint ? null : (c.dense?.viterbi ?? null);
  const emit = new Float64Array(chunk * groups);
  for (let r = 0; r < length; ) {
    const t = from + r;
    // The first position, which is reached from the start, is none for the recursion between positions.
    const count = t === 0 ? 1 : Math.min(chunk, length - r);
    if (fast && t > 0) {
      const direct = c.untied && fast.stride === groups;
      model.emissions.fillLogs(observations, t, t + count, direct ? fast.emissions : emit);
      if (!direct) spread(emit, c, count, fast.emissions, fast.stride);
      fast.run(rows, r * n, count);
      r += count;
      continue;
    }
    model.emissions.fillLogs(observations, t, t + count, emit);
    for (let i = 0; i < count; i++, r++) {
      const row = (r + 1) * n;
      if (c.dense && from + r > 0) c.dense.intoLogs.apply(rows, r * n, rows, row);
      else ways.scores(0, emitting, rows, r * n, row, from + r === 0);
      for (let s = 0; s < emitting; s++) rows[row + s]! += emit[i * groups + group[s]!]!;
      if (constraint) constrain(constraint, from + r, rows, row, emitting, impossible);
      if (emitting < n) ways.scores(emitting, n, rows, row, row, false);
    }
  }
}
