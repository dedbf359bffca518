import { type Compiled, compiled } from './compiled.ts';
import type { Hmm } from './model.ts';
import type { StatePath } from './state-path.ts';
import { bestEnd, viterbiRows, waysInto } from './viterbi-rows.ts';

/**
 * Viterbi in one pass over a long sequence. The best paths into all states at one position have, some way
 * back, passed through one and the same state, and before it they are one path, which no later
 * position can change (Šrámek, Brejová and Vinař 2007). So a window of scores is enough, and what lies before
 * the common state is written down and let go. Null for models with silent states, for impossible
 * sequences and where the paths do not meet within the window: then checkpoints have to do.
 */
export function onlineViterbi<O>(
  model: Hmm<O>,
  observations: O,
  { window = windowFor(model.states.length) }: { window?: number } = {},
): StatePath | null {
  const c = compiled(model);
  const { states: n, user } = c;
  const length = model.emissions.length(observations);
  if (n !== c.emitting || length === 0) return null;
  const ways = waysInto(c);
  const rows = new Float64Array((window + 1) * n);
  const states = new Int32Array(length);
  ways.begin(rows);
  /** Writes positions base … base + r − 1, of which the last is in state s. */
  const settle = (base: number, r: number, last: number) => {
    for (let s = last; r > 0; r--) {
      states[base + r - 1] = user[s]!;
      s = ways.best(s, rows, (r - 1) * n, base + r === 1);
    }
  };
  for (let base = 0, held = 0; ; ) {
    const from = base + held;
    const count = Math.min(window - held, length - from);
    viterbiRows(model, c, observations, rows.subarray(held * n), from, count, { ways, constraint: null });
    held += count;
    if (base + held === length) {
      const { state, log } = bestEnd(rows, held * n, c, false);
      if (state < 0) return null;
      settle(base, held, state);
      return { logProbability: log, states, silent: [] };
    }
    const met = meeting(c, ways, rows, base, held);
    if (!met || met.row < window / 8) return null;
    settle(base, met.row, met.state);
    rows.copyWithin(0, met.row * n, (held + 1) * n);
    base += met.row;
    held -= met.row;
  }
}

/** About 1 MB of scores, which stays in a processor's cache until the way back through it. */
const windowFor = (states: number) => Math.max(512, Math.ceil(2 ** 17 / states));

/** The last row at which the best paths into all states of row `held` are in one state. */
function meeting(
  { states: n }: Compiled,
  ways: ReturnType<typeof waysInto>,
  rows: Float64Array,
  base: number,
  held: number,
) {
  let alive: number[] = [];
  for (let s = 0; s < n; s++) if (rows[held * n + s]! > Number.NEGATIVE_INFINITY) alive.push(s);
  for (let row = held; row > 0; row--) {
    if (alive.length < 2) return alive.length === 1 ? { row, state: alive[0]! } : null;
    alive = [...new Set(alive.map((s) => ways.best(s, rows, (row - 1) * n, base + row === 1)))];
  }
  return null;
}
