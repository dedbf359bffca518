import type { HmmCounts } from './counts.ts';
import { assembled, type Hmm } from './model.ts';

/**
 * Dirichlet priors as pseudo-counts added to everything that is possible in the model (what has probability
 * zero stays impossible, so that training never changes a topology). A pseudo-count of p is the prior
 * Dirichlet(p + 1), whose mode is the estimate.
 */
export interface Pseudocounts {
  start?: number;
  transitions?: number;
  emissions?: number;
}

/** Which parameters training may change. */
export interface Trained {
  start?: boolean;
  transitions?: boolean;
  emissions?: boolean;
}

/**
 * The model that maximises the (expected) likelihood of counts. States that share a tie pool their counts;
 * those that were never left keep their probabilities.
 */
export function estimated<O>(
  model: Hmm<O>,
  counts: HmmCounts<O>,
  {
    pseudocounts: {
      start: startCount = 0,
      transitions: transitionCount = 0,
      emissions: emissionCount = 0,
    } = {},
    trained: { start = true, transitions = true, emissions = true } = {},
  }: { pseudocounts?: Pseudocounts; trained?: Trained } = {},
): Hmm<O> {
  const parts = transitions
    ? leaving(model, counts, transitionCount)
    : { edges: model.edges, end: model.end };
  return assembled({
    states: model.states,
    tied: model.tied,
    start: start ? shares(counts.start, model.start, startCount) : model.start,
    ...parts,
    emissions: emissions ? counts.emissions.estimate({ pseudocount: emissionCount }) : model.emissions,
  });
}

/** Counts and pseudo-counts as shares of their sum, where `before` is above zero. */
function shares(counts: Float64Array, before: Float64Array, pseudocount: number): Float64Array {
  const padded = counts.map((n, i) => (before[i]! > 0 ? n + pseudocount : 0));
  const total = padded.reduce((a, b) => a + b, 0);
  return total > 0 ? padded.map((n) => n / total) : before;
}

function leaving<O>(model: Hmm<O>, counts: HmmCounts<O>, pseudocount: number): Pick<Hmm<O>, 'edges' | 'end'> {
  const { edges, end, tied } = model;
  const n = model.states.length;
  // Edges stand in the order of their sources: those of state s are first[s] … first[s + 1] − 1.
  const first = new Int32Array(n + 1);
  for (const s of edges.from) first[s + 1]!++;
  for (let s = 0; s < n; s++) first[s + 1]! += first[s]!;
  const pooled = new Float64Array(edges.from.length);
  const ends = new Float64Array(n);
  for (let s = 0; s < n; s++) {
    const to = tied[s]!;
    for (let e = first[s]!; e < first[s + 1]!; e++) pooled[first[to]! + e - first[s]!]! += counts.edges[e]!;
    ends[to]! += counts.end[s]!;
  }
  const probability = edges.probability.slice();
  const ending = end?.slice() ?? null;
  for (let s = 0; s < n; s++) {
    const from = first[tied[s]!]!;
    const degree = first[s + 1]! - first[s]!;
    const values = new Float64Array(degree + 1);
    const before = new Float64Array(degree + 1);
    for (let k = 0; k < degree; k++)
      [values[k], before[k]] = [pooled[from + k]!, edges.probability[from + k]!];
    if (end) [values[degree], before[degree]] = [ends[tied[s]!]!, end[tied[s]!]!];
    const row = shares(values, before, pseudocount);
    for (let k = 0; k < degree; k++) probability[first[s]! + k] = row[k]!;
    if (ending) ending[s] = row[degree]!;
  }
  return { edges: { ...edges, probability }, end: ending };
}

/** ln of the prior of a model under pseudo-counts, without its constant: what training adds to the likelihood. */
export function logPrior<O>(
  model: Hmm<O>,
  { start = 0, transitions = 0, emissions = 0 }: Pseudocounts = {},
): number {
  const logs = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, p) => sum + (p > 0 ? Math.log(p) : 0), 0);
  const { edges, end, tied } = model;
  const own = edges.probability.filter((_, e) => tied[edges.from[e]!] === edges.from[e]);
  const ends = end?.filter((_, s) => tied[s] === s) ?? [];
  return (
    (start && start * logs(model.start)) +
    (transitions && transitions * (logs(own) + logs(ends))) +
    model.emissions.logPrior(emissions)
  );
}
