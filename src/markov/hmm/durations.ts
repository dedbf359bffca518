import { usageError } from '../../core/errors.ts';
import type { HmmDefinition, StateDefinition, StateRef } from './model.ts';

/** A definition whose transitions are edges, and the state that each of its states stands for. */
export interface ExpandedDefinition<O> {
  definition: HmmDefinition<O>;
  /** For each new state the number of the original one. */
  origin: Int32Array;
}

/**
 * Explicit durations: how long a stay in a state lasts, P(1), P(2) … P(longest), in place of the geometric
 * distribution that a self-transition gives.
 *
 * The state becomes a chain of states, one per step, that share its emission, each of which leaves with the
 * hazard P(d) / P(≥ d) through one silent exit; so the model stays an HMM, of `longest` further states, and all
 * algorithms, training included (which re-estimates the hazards, hence the duration), work on it unchanged.
 * The original's self-transition must be zero: its stay is what the duration describes.
 * Map a path back by `origin`. Throws a usage error for unknown states and durations that do not sum to one.
 * @example withDurations(definition, { exon: [0, 0, 0.2, 0.3, 0.5] }) // 3 to 5 positions
 */
export function withDurations<O>(
  definition: HmmDefinition<O>,
  durations: Readonly<Record<string, readonly number[]>>,
): ExpandedDefinition<O> {
  const { states, start, transitions, edges, end } = definition;
  const number = (ref: StateRef) =>
    typeof ref === 'number' ? ref : states.findIndex(({ name }) => name === ref);
  for (const [name, duration] of Object.entries(durations)) check(states, name, duration);
  const chain = states.map((state) => chainOf(state, durations[state.name]));
  const first: number[] = [];
  const last: number[] = [];
  let size = 0;
  for (const { states: links } of chain) {
    first.push(size);
    size += links.length;
    last.push(size - 1);
  }
  const list = transitions
    ? transitions.flatMap((row, i) => row.map((p, j) => [i, j, p] as const)).filter(([, , p]) => p > 0)
    : (edges ?? []).map(([from, to, p]) => [number(from), number(to), p] as const);
  const loop = list.find(([i, j, p]) => i === j && p > 0 && durations[states[i]!.name]);
  if (loop)
    throw usageError(
      `State ${states[loop[0]]!.name} has a duration and a transition to itself; expected the duration alone to say how long it lasts.`,
    );
  const at = (places: number[], values: readonly number[]) => {
    const out = new Array<number>(size).fill(0);
    values.forEach((p, s) => {
      out[places[s]!] = p;
    });
    return out;
  };
  return {
    definition: {
      emissions: definition.emissions,
      states: chain.flatMap((c) => c.states),
      start: at(first, start),
      edges: [
        ...list.map(([i, j, p]) => [last[i]!, first[j]!, p] as const),
        ...chain.flatMap((c, s) => c.edges.map(([i, j, p]) => [first[s]! + i, first[s]! + j, p] as const)),
      ],
      ...(end ? { end: at(last, end) } : {}),
    },
    origin: Int32Array.from(chain.flatMap((c, s) => c.states.map(() => s))),
  };
}

function check(states: readonly StateDefinition[], name: string, duration: readonly number[]): void {
  const state = states.find((s) => s.name === name);
  if (!state) throw usageError(`A duration is given for state ${name}, which is not defined.`);
  if (state.emission === null)
    throw usageError(`State ${name} is silent; expected a duration only of states that emit.`);
  const sum = duration.reduce((a, p) => a + (p >= 0 ? p : Number.NaN), 0);
  if (!(Math.abs(sum - 1) < 1e-6))
    throw usageError(
      `The duration of state ${name} sums to ${sum}; expected probabilities of 1, 2 … positions of sum one.`,
    );
}

/** One state as it is, or its chain with a silent exit, edges by place in the chain. */
function chainOf(state: StateDefinition, duration: readonly number[] | undefined) {
  const links: [number, number, number][] = [];
  if (!duration) return { states: [state], edges: links };
  const longest = duration.findLastIndex((p) => p > 0) + 1;
  const letter = state.letter ?? state.name[0] ?? '?';
  const { tie: _, ...untied } = state;
  const chain: StateDefinition[] = Array.from({ length: longest }, (_, d) => ({
    ...untied,
    letter,
    name: `${state.name}.${d + 1}`,
  }));
  let left = 1;
  for (let d = 0; d < longest; d++) {
    const hazard = d === longest - 1 ? 1 : Math.min(1, duration[d]! / left);
    if (hazard > 0) links.push([d, longest, hazard]);
    if (hazard < 1) links.push([d, d + 1, 1 - hazard]);
    left -= duration[d]!;
  }
  return {
    states: [...chain, { ...state, letter, name: `${state.name}.exit`, emission: null }],
    edges: links,
  };
}
