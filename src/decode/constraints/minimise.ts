import { type Automaton, dead } from './automaton.ts';

/**
 * The smallest automaton that accepts the same sequences (Moore 1956, by refinement of classes), as a plain
 * table; states from which nothing is accepted are gone. An automaton of more than `limit` states, and one that
 * counts by `hopeless`, is returned as it is.
 */
export function minimise(automaton: Automaton, { limit = 5000 } = {}): Automaton {
  const whole = automaton.hopeless ? undefined : explore(automaton, limit);
  if (!whole) return automaton;
  const alive = canAccept(whole);
  const classes = refine(whole, alive);
  const { symbols } = automaton;
  const count = Math.max(0, ...classes) + 1;
  const table = new Int32Array(count * symbols).fill(dead);
  const accepting = new Uint8Array(count);
  classes.forEach((name, state) => {
    if (name === dead) return;
    accepting[name] = whole.accepting[state]!;
    for (let s = 0; s < symbols; s++) {
      const to = whole.table[state * symbols + s]!;
      table[name * symbols + s] = to === dead ? dead : classes[to]!;
    }
  });
  // A language without any sequence keeps one state, from which no step leads on.
  return {
    symbols,
    start: Math.max(0, classes[0]!),
    next: (state, symbol) => table[state * symbols + symbol]!,
    accepts: (state) => accepting[state] === 1,
  };
}

interface Table {
  readonly symbols: number;
  readonly table: Int32Array;
  readonly accepting: Uint8Array;
}

/** All states from the start on, renumbered in the order of a breadth-first walk; undefined beyond the limit. */
function explore({ symbols, start, next, accepts }: Automaton, limit: number): Table | undefined {
  const numbers = new Map([[start, 0]]);
  const order = [start];
  const table: number[] = [];
  for (let i = 0; i < order.length; i++) {
    for (let s = 0; s < symbols; s++) {
      const to = next(order[i]!, s);
      if (to !== dead && !numbers.has(to)) numbers.set(to, order.push(to) - 1);
      table.push(to === dead ? dead : numbers.get(to)!);
    }
    if (order.length > limit) return undefined;
  }
  return { symbols, table: Int32Array.from(table), accepting: Uint8Array.from(order, (s) => +accepts(s)) };
}

/** The states from which an accepting one can be reached. */
function canAccept({ symbols, table, accepting }: Table): Uint8Array {
  const alive = accepting.slice();
  const before: number[][] = Array.from(accepting, () => []);
  table.forEach((to, place) => {
    if (to !== dead) before[to]!.push(Math.floor(place / symbols));
  });
  const waiting = Array.from(alive.keys()).filter((state) => alive[state]);
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop())
    for (const from of before[state]!)
      if (!alive[from]) {
        alive[from] = 1;
        waiting.push(from);
      }
  return alive;
}

/** The class of every state, numbered by first appearance; −1 for those that are not alive. */
function refine({ symbols, table, accepting }: Table, alive: Uint8Array): Int32Array {
  let classes: Int32Array = Int32Array.from(accepting, (yes, state) => (alive[state] ? yes : dead));
  for (let count = -1; ; ) {
    const names = new Map<string, number>();
    const refined = classes.map((own, state) => {
      if (own === dead) return dead;
      const row = table.subarray(state * symbols, (state + 1) * symbols);
      const signature = `${own}:${row.map((to) => (to === dead ? dead : classes[to]!))}`;
      const known = names.get(signature) ?? names.size;
      names.set(signature, known);
      return known;
    });
    if (names.size === count) return refined;
    count = names.size;
    classes = refined;
  }
}
