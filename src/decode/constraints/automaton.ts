import { failure } from '../../core/errors.ts';

/**
 * A deterministic automaton over the symbols 0 … `symbols` − 1. States are numbers that are handed out as
 * they are met, so that automata with very many states (counters, products) cost only what is visited.
 */
export interface Automaton {
  readonly symbols: number;
  readonly start: number;
  /** The state after one more symbol, or −1 where nothing that follows can be accepted any more. */
  next(state: number, symbol: number): number;
  accepts(state: number): boolean;
  /**
   * True only if no acceptance is possible with `remaining` more symbols (`exact`), or with any number up to
   * that. False promises nothing: it is a shortcut for counters, without which `reachability` would have to try.
   */
  hopeless?(state: number, remaining: number, exact: boolean): boolean;
  /** How full its memory is, from 0 to 1; beyond that it throws. */
  load?(): number;
}

/** An automaton as a rule on states of any kind; states with the same key are one state. */
export interface Machine<S> {
  start: S;
  /** May be left out where states are numbers or strings. */
  key?(state: S): string | number;
  /** Undefined where nothing that follows can be accepted any more. */
  next(state: S, symbol: number): S | undefined;
  accepts(state: S): boolean;
  hopeless?(state: S, remaining: number, exact: boolean): boolean;
}

const unknown = -2;
export const dead = -1;

/** What one automaton may hold unless it says otherwise: about 0.2 GB. */
const mostStates = 2 ** 21;

/**
 * Numbers the states of a machine as they are visited and remembers every step taken.
 * Throws a failure beyond `limit` states, two million if not given.
 * @example
 * // even numbers of symbol 1
 * const even = automaton(2, { start: 0, next: (s, x) => (s + x) % 2, accepts: (s) => s === 0 });
 */
export function automaton<S>(
  symbols: number,
  { start, key = (state) => state as string | number, next, accepts, hopeless }: Machine<S>,
  { limit = mostStates } = {},
): Automaton {
  const states: S[] = [];
  const numbers = new Map<string | number, number>();
  let table = new Int32Array(16 * symbols).fill(unknown);
  const numberOf = (state: S): number => {
    const name = key(state);
    const known = numbers.get(name);
    if (known !== undefined) return known;
    if (states.length === limit) throw undecidable();
    numbers.set(name, states.length);
    if ((states.length + 1) * symbols > table.length) table = doubled(table);
    return states.push(state) - 1;
  };
  return {
    symbols,
    start: numberOf(start),
    next(state, symbol) {
      const place = state * symbols + symbol;
      const known = table[place]!;
      if (known !== unknown) return known;
      const after = next(states[state]!, symbol);
      const number = after === undefined ? dead : numberOf(after);
      table[place] = number;
      return number;
    },
    accepts: (state) => accepts(states[state]!),
    load: () => states.length / limit,
    ...(hopeless && {
      hopeless: (state, remaining, exact) => hopeless(states[state]!, remaining, exact),
    }),
  };
}

function doubled(table: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * table.length).fill(unknown, table.length);
  larger.set(table);
  return larger;
}

/** The constraints need more memory than they may have. */
export const undecidable = () =>
  failure(
    'Whether the constraints can be met could not be decided within the memory they may use. ' +
      'Leave one out, or make a window, a count or a length smaller.',
  );

/** Pairs of state numbers as one number: both stay below 2²⁶. */
const pairing = 2 ** 26;

/** Accepts what both accept; pairs of states are made only as they are met. */
export function product(a: Automaton, b: Automaton): Automaton {
  const both = automaton<number>(a.symbols, {
    start: a.start * pairing + b.start,
    next(pair, symbol) {
      const first = a.next(Math.floor(pair / pairing), symbol);
      if (first === dead) return undefined;
      const second = b.next(pair % pairing, symbol);
      return second === dead ? undefined : first * pairing + second;
    },
    accepts: (pair) => a.accepts(Math.floor(pair / pairing)) && b.accepts(pair % pairing),
    hopeless: (pair, remaining, exact) =>
      a.hopeless?.(Math.floor(pair / pairing), remaining, exact) === true ||
      b.hopeless?.(pair % pairing, remaining, exact) === true,
  });
  return { ...both, load: () => Math.max(...[both, a, b].map((one) => one.load?.() ?? 0)) };
}

/**
 * The automaton over tokens that spell several letters each (k-mers, subwords), given `spelling`, the letters
 * of every token. A token that spells nothing is never allowed.
 */
export function overTokens(letters: Automaton, spelling: readonly Int32Array[]): Automaton {
  const lengths = new Set(spelling.map(({ length }) => length).filter((length) => length > 0));
  const longest = Math.max(1, ...lengths);
  const next = (state: number, token: number) => {
    const spelled = spelling[token]!;
    if (spelled.length === 0) return dead;
    let at = state;
    for (let i = 0; i < spelled.length && at !== dead; i++) at = letters.next(at, spelled[i]!);
    return at;
  };
  const { start, accepts, hopeless, load = () => 0 } = letters;
  return {
    symbols: spelling.length,
    start,
    next,
    accepts,
    load,
    ...(hopeless && {
      // Tokens of different lengths: some number of letters up to the longest possible.
      hopeless: (state, remaining, exact) => hopeless(state, remaining * longest, exact && lengths.size <= 1),
    }),
  };
}

/** Whether the automaton accepts a sequence of symbols. */
export function acceptsAll({ start, next, accepts }: Automaton, symbols: Iterable<number>): boolean {
  let state = start;
  for (const symbol of symbols) {
    state = next(state, symbol);
    if (state === dead) return false;
  }
  return accepts(state);
}
