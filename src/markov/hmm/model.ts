import { usageError } from '../../core/errors.ts';
import type { Emissions } from './emissions/emissions.ts';
import { reachableFrom, silentOrder } from './topology.ts';

/** A state as it is described; a state without emission is silent and takes no position. */
export interface StateDefinition {
  name: string;
  /** Which of the emission distributions it uses; states that name the same one share it. Null: silent. */
  emission: number | null;
  /** One letter for printed paths; by default the first of the name. */
  letter?: string;
  /** States of one tie share their outgoing probabilities, first edge with first, second with second. */
  tie?: string;
}

export type StateRef = string | number;

export interface HmmDefinition<O> {
  states: readonly StateDefinition[];
  /** P(first state), one per state. */
  start: readonly number[];
  /** P(next state | state), one row per state … */
  transitions?: readonly (readonly number[])[];
  /** … or only those that are possible, as [from, to, probability]. */
  edges?: readonly (readonly [from: StateRef, to: StateRef, probability: number])[];
  /** P(the sequence ends | state), one per state; left out, sequences end anywhere. */
  end?: readonly number[];
  emissions: Emissions<O>;
}

/** A checked hidden Markov model over observations of type O. */
export interface Hmm<O> {
  readonly states: readonly Required<Omit<StateDefinition, 'tie'>>[];
  /** For each state the first state whose outgoing probabilities it shares: itself, if it shares none. */
  readonly tied: Int32Array;
  readonly start: Float64Array;
  /** Possible transitions in the order of their source. */
  readonly edges: { readonly from: Int32Array; readonly to: Int32Array; readonly probability: Float64Array };
  readonly end: Float64Array | null;
  readonly emissions: Emissions<O>;
  /** Names of states that no path from the start reaches: they never take part, and training leaves them be. */
  readonly unreachable: readonly string[];
  /** Names of states from which a sequence cannot come to its end (empty for models without end). */
  readonly deadEnds: readonly string[];
}

/**
 * Checks a definition and makes a model of it. Throws a usage error, naming states and numbers, for
 * probabilities that do not sum to one (within 1e-6), unknown or repeated states, emissions that are not
 * there, ties between states of different degree, and loops of silent states, in which a path could stay
 * for ever without emitting anything.
 * @example
 * hmm({
 *   states: [{ name: 'AT-rich', emission: 0 }, { name: 'GC-rich', emission: 1 }],
 *   start: [0.5, 0.5],
 *   transitions: [[0.99, 0.01], [0.02, 0.98]],
 *   emissions: categorical([[0.4, 0.1, 0.1, 0.4], [0.1, 0.4, 0.4, 0.1]]),
 * });
 */
export function hmm<O>(definition: HmmDefinition<O>): Hmm<O> {
  const states = checkedStates(definition);
  const edges = checkedEdges(definition);
  const n = states.length;
  const start = vector('start', definition.start, n);
  const end = definition.end ? vector('end', definition.end, n) : null;
  const sum = start.reduce((a, b) => a + b, 0);
  if (!(Math.abs(sum - 1) < 1e-6)) throw usageError(`Start probabilities sum to ${sum}; expected 1.`);
  const rows = Float64Array.from(end ?? new Float64Array(n));
  edges.from.forEach((from, e) => {
    rows[from]! += edges.probability[e]!;
  });
  const odd = rows.findIndex((row) => !(Math.abs(row - 1) < 1e-6));
  if (odd >= 0)
    throw usageError(
      `The probabilities of leaving state ${states[odd]!.name}${end ? ', its end included,' : ''} sum to ${rows[odd]}; expected 1.`,
    );
  const tied = checkedTies(definition.states, edges.from);
  return assembled({ states, tied, start, edges, end, emissions: definition.emissions });
}

/** A model of parts that are known to be sound, such as re-estimated ones. */
export function assembled<O>(parts: Omit<Hmm<O>, 'unreachable' | 'deadEnds'>): Hmm<O> {
  const { states, edges, start, end } = parts;
  silentOrder(parts);
  const positive = (values: ArrayLike<number>) => Array.from(values).flatMap((p, i) => (p > 0 ? [i] : []));
  const used = { ...edges, keep: edges.probability.map(Math.sign) };
  const reached = reachableFrom(positive(start), used.from, used.to, used.keep, states.length);
  const ending = end
    ? reachableFrom(positive(end), used.to, used.from, used.keep, states.length)
    : new Uint8Array(states.length).fill(1);
  const missing = (flags: Uint8Array) => states.filter((_, s) => !flags[s]).map(({ name }) => name);
  return { ...parts, unreachable: missing(reached), deadEnds: missing(ending) };
}

function checkedStates<O>({ states, emissions }: HmmDefinition<O>): Hmm<O>['states'] {
  if (states.length === 0) throw usageError('A model without states; expected at least one.');
  const names = new Set<string>();
  for (const { name, emission } of states) {
    if (names.has(name)) throw usageError(`State ${name} is defined twice.`);
    names.add(name);
    if (emission !== null && !(Number.isInteger(emission) && emission >= 0 && emission < emissions.groups))
      throw usageError(
        `State ${name} uses emission ${emission}; expected 0 to ${emissions.groups - 1}, or null for a silent state.`,
      );
  }
  if (states.every(({ emission }) => emission === null))
    throw usageError('All states are silent; expected at least one that emits.');
  return states.map(({ name, emission, letter }) => ({ name, emission, letter: letter ?? name[0] ?? '?' }));
}

function checkedEdges<O>({ states, transitions, edges }: HmmDefinition<O>): Hmm<O>['edges'] {
  const n = states.length;
  if ((transitions === undefined) === (edges === undefined))
    throw usageError('Give either transitions (a row per state) or edges ([from, to, probability]).');
  if (transitions && (transitions.length !== n || transitions.some((row) => row.length !== n)))
    throw usageError(`Transitions of ${transitions.length} rows; expected ${n} rows of ${n} numbers.`);
  const number = (ref: StateRef) => {
    const at = typeof ref === 'number' ? ref : states.findIndex(({ name }) => name === ref);
    if (!(Number.isInteger(at) && at >= 0 && at < n))
      throw usageError(`An edge names state ${JSON.stringify(ref)}, which is not defined.`);
    return at;
  };
  const list = transitions
    ? transitions.flatMap((row, i) => row.flatMap((p, j) => (p === 0 ? [] : [[i, j, p] as const])))
    : edges!.map(([from, to, p]) => [number(from), number(to), p] as const);
  const bad = list.find(([, , p]) => !(p >= 0 && p <= 1 + 1e-6));
  if (bad)
    throw usageError(
      `The transition ${states[bad[0]]!.name} → ${states[bad[1]]!.name} has probability ${bad[2]}; expected 0 to 1.`,
    );
  const sorted = list.toSorted((a, b) => a[0] - b[0]);
  const pairs = new Set(sorted.map(([i, j]) => i * n + j));
  if (pairs.size < sorted.length) throw usageError('A transition is given twice.');
  return {
    from: Int32Array.from(sorted, ([i]) => i),
    to: Int32Array.from(sorted, ([, j]) => j),
    probability: Float64Array.from(sorted, ([, , p]) => p),
  };
}

function vector(what: string, values: readonly number[], n: number): Float64Array {
  if (values.length !== n)
    throw usageError(`${values.length} ${what} probabilities; expected one for each of ${n} states.`);
  const bad = values.find((p) => !(p >= 0 && p <= 1 + 1e-6));
  if (bad !== undefined) throw usageError(`A ${what} probability is ${bad}; expected 0 to 1.`);
  return Float64Array.from(values);
}

function checkedTies(states: readonly StateDefinition[], from: Int32Array): Int32Array {
  const degree = new Int32Array(states.length);
  for (const s of from) degree[s]!++;
  return Int32Array.from(states, ({ name, tie }, s) => {
    if (tie === undefined) return s;
    const first = states.findIndex((other) => other.tie === tie);
    if (degree[first] !== degree[s])
      throw usageError(
        `States ${states[first]!.name} and ${name} share the tie ${tie} but have ${degree[first]} and ${degree[s]} outgoing transitions; expected as many.`,
      );
    return first;
  });
}
