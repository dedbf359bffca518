import { type Compiled, compiled } from '../compiled.ts';
import type { Hmm } from '../model.ts';
import type { StatePath } from '../state-path.ts';
import { bestEnd } from '../viterbi-rows.ts';
import { spanOf, type WordTables, wordReader, wordSpan, wordTables } from './tables.ts';
import { type WordSteps, wordSteps } from './word-steps.ts';

/**
 * Viterbi by steps over whole words, whose inner states are looked up on the way back; long sequences in a window, as `onlineViterbi` does it.
 * Null where words do not pay or do not apply, for impossible sequences, and where the best paths do not meet within the window.
 */
export function viterbiWords<O>(model: Hmm<O>, observations: O): StatePath | null {
  const c = compiled(model);
  const length = model.emissions.length(observations);
  const span = wordSpan(model, c, length);
  if (span < 2) return null;
  const tables = wordTables(model, c, span, 'best');
  const steps = wordSteps(tables, 'best');
  return steps && onward(model, c, observations, { tables, steps, length });
}

interface Means {
  readonly tables: WordTables;
  readonly steps: WordSteps;
  readonly length: number;
}

/** Numbers of scores in a window: about 1 MB, which stays near until the way back through it. */
const windowNumbers = 2 ** 17;

function onward<O>(
  model: Hmm<O>,
  c: Compiled,
  observations: O,
  { tables, steps, length }: Means,
): StatePath | null {
  const n = c.states;
  const window = Math.max(steps.most, Math.ceil(windowNumbers / n));
  const rows = new Float64Array((window + 1) * n);
  rows.set(beginning(model, c, observations));
  const words = new Int32Array(window);
  const from = steps.from ? new Uint8Array(window * n) : null;
  const states = new Int32Array(length);
  const reader = wordReader(observations as ArrayLike<number>, tables, steps.most);
  const back = wayBack(tables, rows, words, from);
  /** Position of the first word of the window, and of the next one to be read. */
  let [base, t, held] = [1, 1, 0];
  const settle = (count: number, last: number, end: number) => {
    const first = back.write(states, count, last, end);
    if (base === 1) states[0] = first;
  };
  for (;;) {
    while (held < window && t < length) {
      const { count, next } = reader.read(t, Math.min(steps.most, window - held));
      words.set(reader.words.subarray(0, count), held);
      advance(steps, rows, held, reader.words, count, n);
      if (from) told(steps, from, held, count, n);
      held += count;
      t = next;
    }
    if (t === length) {
      const { state, log } = bestEnd(rows, held * n, c, false);
      if (state < 0) return null;
      settle(held, state, length);
      if (c.user.some((user, s) => user !== s))
        for (let i = 0; i < length; i++) states[i] = c.user[states[i]!]!;
      return { logProbability: log, states, silent: [] };
    }
    const met = back.meeting(held);
    if (!met || met.row < window / 8) return null;
    let end = t;
    for (let i = met.row; i < held; i++) end -= spanOf(words[i]!, tables);
    settle(met.row, met.state, end);
    rows.copyWithin(0, met.row * n, (held + 1) * n);
    words.copyWithin(0, met.row, held);
    from?.copyWithin(0, met.row * n, held * n);
    held -= met.row;
    base = end;
  }
}

/** Scores of the first position. */
function beginning<O>(model: Hmm<O>, c: Compiled, observations: O): Float64Array {
  const emit = new Float64Array(c.groups);
  model.emissions.fillLogs(observations, 0, 1, emit);
  return c.start.map((p, s) => Math.log(p) + emit[c.group[s]!]!);
}

/** Rows from `at` on over the next words. */
function advance(
  steps: WordSteps,
  rows: Float64Array,
  at: number,
  words: Int32Array,
  count: number,
  n: number,
): void {
  const { stride, rows: own } = steps;
  own.set(rows.subarray(at * n, (at + 1) * n));
  steps.run(words, count);
  if (stride === n) rows.set(own.subarray(n, (count + 1) * n), (at + 1) * n);
  else
    for (let r = 1; r <= count; r++)
      for (let s = 0; s < n; s++) rows[(at + r) * n + s] = own[r * stride + s]!;
}

/** Where the rows of the next words came from. */
function told({ from, stride }: WordSteps, out: Uint8Array, at: number, count: number, n: number): void {
  if (stride === n) out.set(from!.subarray(0, count * n), at * n);
  else
    for (let r = 0; r < count; r++)
      for (let s = 0; s < n; s++) out[(at + r) * n + s] = from![r * stride + s]!;
}

function wayBack(
  { states: n, span, vocabulary, matrices, ways }: WordTables,
  rows: Float64Array,
  words: Int32Array,
  from: Uint8Array | null,
) {
  const full = vocabulary ** span;
  /** The state before a word that ends in state s: of equal ones the lowest. */
  const best = (i: number, s: number): number => {
    if (from) return from[i * n + s]!;
    let at = (words[i]! * n + s) * n;
    const row = i * n;
    let most = Number.NEGATIVE_INFINITY;
    let arg = row;
    for (let u = row; u < row + n; u++) {
      const value = rows[u]! + matrices[at++]!;
      if (value > most) {
        most = value;
        arg = u;
      }
    }
    return arg - row;
  };
  return {
    /** Writes the states of the first `count` words, of which the last is in state `last` and ends before position `end`; returns the state before them. */
    write(states: Int32Array, count: number, last: number, end: number): number {
      let s = last;
      let t = end;
      for (let i = count - 1; i >= 0; i--) {
        const u = best(i, s);
        states[--t] = s;
        const word = words[i]!;
        if (word < full) {
          const at = ((word * n + s) * n + u) * (span - 1);
          for (let k = at + span - 2; k >= at; k--) states[--t] = ways![k]!;
        }
        s = u;
      }
      return s;
    },
    /** The last row at which the best paths into all states of row `held` are in one state. */
    meeting(held: number): { row: number; state: number } | null {
      let alive: number[] = [];
      for (let s = 0; s < n; s++) if (rows[held * n + s]! > Number.NEGATIVE_INFINITY) alive.push(s);
      for (let row = held; row > 0; row--) {
        if (alive.length < 2) return alive.length === 1 ? { row, state: alive[0]! } : null;
        alive = [...new Set(alive.map((s) => best(row - 1, s)))];
      }
      return null;
    },
  };
}
