import { type BackwardRecursion, backwardRecursion } from './backward-recursion.ts';
import { type DenseProduct, denseMaximum, denseProduct } from './dense.ts';
import type { Hmm } from './model.ts';
import { type Recursion, recursion } from './recursion.ts';
import { silentOrder } from './topology.ts';

/** Transitions grouped by one of their ends: those of state s are from[s] … from[s + 1] − 1. */
export interface Lists {
  readonly from: Int32Array;
  /** The state at the other end. */
  readonly state: Int32Array;
  readonly weight: Float64Array;
  /** Number of the edge in the model. */
  readonly edge: Int32Array;
}

export interface DenseTransitions {
  readonly into: DenseProduct;
  readonly out: DenseProduct;
  /** The best way rather than the sum over all, in logarithms. */
  readonly intoLogs: DenseProduct;
  /** ln P, row-major [to, from]. */
  readonly logs: Float64Array;
  /** Many positions at once, where there is SIMD. */
  readonly forward: Recursion | null;
  readonly viterbi: Recursion | null;
  readonly backward: BackwardRecursion | null;
  /** The same, with sums over pairs of states. */
  readonly backwardPairs: BackwardRecursion | null;
}

/**
 * A model laid out for the inner loops: states renumbered, those that emit first (0 … emitting − 1), then the
 * silent ones so that each comes before those that it leads to.
 */
export interface Compiled {
  readonly states: number;
  readonly emitting: number;
  readonly groups: number;
  readonly logarithmic: boolean;
  /** Number in the model of each state here, and the other way round. */
  readonly user: Int32Array;
  readonly internal: Int32Array;
  /** Emission of each emitting state. */
  readonly group: Int32Array;
  /** Whether state s emits group s, all of them: no look-up is needed. */
  readonly untied: boolean;
  readonly start: Float64Array;
  /** For a model without end: ones for the states that emit, for a path ends with its last emission. */
  readonly end: Float64Array;
  readonly into: Lists;
  readonly out: Lists;
  /** Products with P(from → to) summed over `from` and over `to`, where most transitions are possible and none is silent. */
  readonly dense: DenseTransitions | null;
}

const known = new WeakMap<object, Compiled>();

/** The layout of a model, made once for each. */
export function compiled<O>(model: Hmm<O>): Compiled {
  const made = known.get(model) ?? layout(model);
  known.set(model, made);
  return made;
}

function layout<O>(model: Hmm<O>): Compiled {
  const n = model.states.length;
  const emit = [...model.states.keys()].filter((s) => model.states[s]!.emission !== null);
  const user = Int32Array.from([...emit, ...silentOrder(model)]);
  const internal = new Int32Array(n);
  user.forEach((s, i) => {
    internal[s] = i;
  });
  const from = model.edges.from.map((s) => internal[s]!);
  const to = model.edges.to.map((s) => internal[s]!);
  const { probability } = model.edges;
  const place = (values: Float64Array) => Float64Array.from(user, (s) => values[s]!);
  const group = Int32Array.from(emit, (s) => model.states[s]!.emission!);
  return {
    states: n,
    emitting: emit.length,
    groups: model.emissions.groups,
    logarithmic: model.emissions.logarithmic,
    user,
    internal,
    group,
    untied: model.emissions.groups === group.length && group.every((g, s) => g === s),
    start: place(model.start),
    end: model.end ? place(model.end) : new Float64Array(n).fill(1, 0, emit.length),
    into: lists(to, from, probability, n),
    out: lists(from, to, probability, n),
    dense: emit.length === n && from.length >= 0.4 * n * n ? matrices(from, to, probability, n) : null,
  };
}

function lists(by: Int32Array, other: Int32Array, probability: Float64Array, n: number): Lists {
  const edge = Int32Array.from(by.keys()).sort((a, b) => by[a]! - by[b]! || other[a]! - other[b]!);
  const from = new Int32Array(n + 1);
  for (const s of by) from[s + 1]!++;
  for (let s = 0; s < n; s++) from[s + 1]! += from[s]!;
  return {
    from,
    edge,
    state: edge.map((e) => other[e]!),
    weight: Float64Array.from(edge, (e) => probability[e]!),
  };
}

function matrices(from: Int32Array, to: Int32Array, probability: Float64Array, n: number): DenseTransitions {
  const into = new Float64Array(n * n);
  const out = new Float64Array(n * n);
  probability.forEach((p, e) => {
    into[to[e]! * n + from[e]!] = p;
    out[from[e]! * n + to[e]!] = p;
  });
  const logs = into.map(Math.log);
  return {
    into: denseProduct(into, n),
    out: denseProduct(out, n),
    logs,
    intoLogs: denseMaximum(logs, n),
    forward: recursion(into, n, 'forward'),
    viterbi: recursion(logs, n, 'viterbi'),
    backward: backwardRecursion(out, n, false),
    backwardPairs: backwardRecursion(out, n, true),
  };
}
