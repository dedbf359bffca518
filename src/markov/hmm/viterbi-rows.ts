import type { Compiled } from './compiled.ts';
import { type Constraint, constrain } from './labels.ts';
import type { Hmm } from './model.ts';
import { spread } from './recursion.ts';

const impossible = Number.NEGATIVE_INFINITY;

/** Positions whose emissions are written at a time; no more than a recursion takes. */
const chunk = 128;

/** The state that a path of most probability ends in, and that probability; −1 where none is possible. */
export function bestEnd(rows: Float64Array, at: number, { end, states }: Compiled, free: boolean) {
  if (free) return { state: -1, log: 0 };
  let [state, log] = [-1, impossible];
  for (let s = 0; s < states; s++) {
    const x = rows[at + s]! + Math.log(end[s]!);
    if (x > log) [state, log] = [s, x];
  }
  return { state, log };
}

/** The best way into a state from a row of scores, or from the start where that is allowed. */
export function waysInto({ states: n, emitting, into, start, dense }: Compiled) {
  const logs = dense?.logs ?? null;
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
      if (logs) {
        for (let u = 0, i = s * n; u < n; u++) {
          const value = rows[x + u]! + logs[i++]!;
          if (value > best) {
            best = value;
            arg = u;
          }
        }
        return arg;
      }
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
export function viterbiRows<O>(
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
