import { type Compiled, compiled } from './compiled.ts';
import { outerSum } from './dense.ts';
import type { EmissionStatistics } from './emissions/emissions.ts';
import { type BackwardVisitor, forwardBackward, type PassOptions } from './forward-backward.ts';
import type { Hmm } from './model.ts';
import type { StatePath } from './state-path.ts';
import { addExpectedWords } from './words/expected-words.ts';

/** How often everything of a model was used: expected over paths (Baum and Welch) or on one path (Viterbi). */
export interface HmmCounts<O> {
  readonly start: Float64Array;
  /** By number of the edge. */
  readonly edges: Float64Array;
  readonly end: Float64Array;
  readonly emissions: EmissionStatistics<O>;
}

export const zeroCounts = <O>(model: Hmm<O>): HmmCounts<O> => ({
  start: new Float64Array(model.states.length),
  edges: new Float64Array(model.edges.from.length),
  end: new Float64Array(model.states.length),
  emissions: model.emissions.statistics(),
});

/**
 * Adds the expected counts of one sequence, in √n memory, and returns ln P(observations). With `labels` that
 * name the state of every position these are plain counts (supervised), with some of them named they are
 * expected counts over the paths that agree (semi-supervised). Throws a data error for probability zero.
 */
export function addExpected<O>(
  model: Hmm<O>,
  observations: O,
  counts: HmmCounts<O>,
  { c = compiled(model), ...options }: PassOptions & { c?: Compiled } = {},
): number {
  const { states: n, emitting, groups, user } = c;
  const quick =
    options.labels || options.stretch !== undefined
      ? null
      : addExpectedWords(model as Hmm<never>, c, observations as never, counts as HmmCounts<never>);
  if (quick !== null) return quick;
  const length = model.emissions.length(observations);
  const transitions = transitionSums(c);
  let weights = new Float64Array(0);
  const visitor: BackwardVisitor = {
    pairs: true,
    stretch({ from, length: count, gamma, alpha, onward, pairs }) {
      // Without ties and silent states, posteriors are the weights.
      const direct = c.untied && n === groups;
      if (!direct && weights.length < count * groups) weights = new Float64Array(count * groups);
      if (!direct) groupWeights(c, gamma, count, weights);
      counts.emissions.add(observations, from, from + count, direct ? gamma : weights);
      if (pairs) transitions.addPairs(pairs);
      else transitions.add(alpha, onward, count);
      if (from + count < length || !model.end) return;
      const last = (count - 1) * n;
      for (let s = 0; s < n; s++) counts.end[user[s]!]! += alpha[last + n + s]! * c.end[s]!;
    },
    begin({ alpha, onward, scale }) {
      for (let s = 0; s < n; s++) counts.start[user[s]!]! += c.start[s]! * onward[s]! * scale;
      if (emitting < n) transitions.addRow(alpha, 0, onward, 0);
      if (length === 0) for (let s = emitting; s < n; s++) counts.end[user[s]!]! += alpha[s]! * c.end[s]!;
    },
  };
  const { logLikelihood } = forwardBackward(model, observations, visitor, { ...options, c });
  transitions.addTo(counts.edges);
  return logLikelihood;
}

/** Posteriors of states → weights [count, groups] of the emissions they use. */
function groupWeights(
  { states: n, emitting, group, groups }: Compiled,
  gamma: Float64Array,
  count: number,
  weights: Float64Array,
) {
  weights.fill(0, 0, count * groups);
  for (let r = 0; r < count; r++)
    for (let s = 0; s < emitting; s++) weights[r * groups + group[s]!]! += gamma[r * n + s]!;
}

/** Σ over positions of α(s)·onward(u) for all pairs; the transition's own probability is multiplied in at the end. */
function transitionSums({ states: n, out, dense }: Compiled) {
  let outer: ReturnType<typeof outerSum> | null = null;
  const sumsOfPairs = dense ? new Float64Array(n * n) : null;
  const sums = new Float64Array(out.edge.length);
  const addRow = (alpha: Float64Array, a: number, onward: Float64Array, b: number) => {
    for (let s = 0; s < n; s++) {
      const from = alpha[a + s]!;
      if (from === 0) continue;
      const stop = out.from[s + 1]!;
      for (let e = out.from[s]!; e < stop; e++) sums[e]! += from * onward[b + out.state[e]!]!;
    }
  };
  return {
    addRow,
    add(alpha: Float64Array, onward: Float64Array, count: number) {
      if (dense) {
        outer ??= outerSum(n);
        outer.add(alpha, n, onward, 0, count);
      } else for (let r = 0; r < count; r++) addRow(alpha, (r + 1) * n, onward, r * n);
    },
    addPairs(more: Float64Array) {
      for (let i = 0; i < more.length; i++) sumsOfPairs![i]! += more[i]!;
    },
    addTo(edges: Float64Array) {
      const pairs = sumsOfPairs;
      if (pairs && outer) {
        const more = outer.sums();
        for (let i = 0; i < pairs.length; i++) pairs[i]! += more[i]!;
      }
      for (let s = 0; s < n; s++)
        for (let e = out.from[s]!; e < out.from[s + 1]!; e++)
          edges[out.edge[e]!]! += out.weight[e]! * (pairs ? pairs[s * n + out.state[e]!]! : sums[e]!);
    },
  };
}

/** Adds the counts of one path. */
export function addPath<O>(model: Hmm<O>, observations: O, path: StatePath, counts: HmmCounts<O>): void {
  const { edges, emissions } = model;
  const n = model.states.length;
  const number = new Map<number, number>();
  edges.from.forEach((from, e) => {
    number.set(from * n + edges.to[e]!, e);
  });
  let [last, s] = [-1, 0];
  const move = (to: number) => {
    if (last < 0) counts.start[to]!++;
    else counts.edges[number.get(last * n + to)!]!++;
    last = to;
  };
  const length = path.states.length;
  const weights = new Float64Array(emissions.groups);
  for (let t = 0; t <= length; t++) {
    for (; s < path.silent.length && path.silent[s]!.position === t; s++) move(path.silent[s]!.state);
    if (t === length) break;
    move(path.states[t]!);
    weights.fill(0);
    weights[model.states[last]!.emission!] = 1;
    counts.emissions.add(observations, t, t + 1, weights);
  }
  if (model.end && last >= 0) counts.end[last]!++;
}
