import { usageError } from '../../core/errors.ts';
import type { Dim } from '../../graph/dims.ts';
import {
  add,
  concat,
  constant,
  gather,
  logSoftmax,
  mul,
  neg,
  oneHot,
  reshape,
  sum,
  transpose,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { hiddenScore } from '../attention/attend.ts';
import { linear } from '../linear.ts';
import { weightedMean } from '../losses.ts';
import { module } from '../module.ts';

/**
 * Probabilities down a tree (Morin and Bengio 2005; ranks of a taxonomy): at each node a softmax over its children, and for every node the
 * product of the choices that lead to it. `parents[i]` is the node above node i, −1 at the top; a parent comes before its children.
 * x[batch, in] → log-probabilities of all nodes [batch, nodes]: leaves add up to 1, and an inner node has the sum of
 * its leaves, so that a model sure of a family but not of the genus says so.
 * @example hierarchicalSoftmax({ in: 64, parents: [-1, -1, 0, 0, 1] }) // two phyla; two genera in the first, one in the second
 */
export function hierarchicalSoftmax({ in: inputs, parents }: { in: number; parents: readonly number[] }) {
  const tree = layoutOf(parents);
  return module({
    params: { scores: linear({ in: inputs, out: parents.length }) },
    apply: (own, x: Value): Value => hierarchicalLogProbabilities(own.scores(x), tree),
  });
}

/** −log p of the target node, int32 [batch] (an inner node where only the family is known): the mean over the batch. */
export const hierarchicalLoss = (
  logProbabilities: Value,
  targets: Value,
  { sampleWeights }: { sampleWeights?: Value | undefined } = {},
): Value => {
  const nodes = logProbabilities.shape[1] as number;
  return weightedMean(neg(sum(mul(logProbabilities, oneHot(targets, nodes)), 1)), sampleWeights);
};

interface Tree {
  /** Children of each family side by side, filled up with `nodes`, row by row. */
  readonly families: readonly number[];
  /** How many children the largest family has. */
  readonly widest: number;
  /** Where a node stands in `families`. */
  readonly place: readonly number[];
  /** Nodes of each depth. */
  readonly levels: readonly (readonly number[])[];
  readonly parents: readonly number[];
}

function layoutOf(parents: readonly number[]): Tree {
  const depth: number[] = [];
  const children = new Map<number, number[]>();
  parents.forEach((parent, node) => {
    if (!Number.isInteger(parent) || parent < -1 || parent >= node)
      throw usageError(
        `hierarchicalSoftmax: expected the parent of node ${node} to be −1 or an earlier node, received ${parent}.`,
      );
    depth.push(parent < 0 ? 0 : depth[parent]! + 1);
    children.set(parent, [...(children.get(parent) ?? []), node]);
  });
  if (parents.length === 0) throw usageError('hierarchicalSoftmax: expected a tree of at least one node.');
  const widest = [...children.values()].reduce((most, { length }) => Math.max(most, length), 0);
  const families = [...children.values()].flatMap((nodes) =>
    Array.from({ length: widest }, (_, i) => nodes[i] ?? parents.length),
  );
  const at = inverse(families);
  const place = parents.map((_, node) => at.get(node)!);
  const deepest = depth.reduce((a, b) => Math.max(a, b), 0);
  const levels = Array.from({ length: deepest + 1 }, (_, d) =>
    depth.flatMap((own, node) => (own === d ? [node] : [])),
  );
  return { families, widest, place, levels, parents };
}

/** Scores[batch, nodes] → log-probabilities of all nodes [batch, nodes]. */
function hierarchicalLogProbabilities(
  scores: Value,
  { families, widest, place, levels, parents }: Tree,
): Value {
  const [batch, nodes] = scores.shape as [Dim, number];
  const groups = families.length / widest;
  const indices = (list: readonly number[]) => constant(list, [list.length], 'int32');
  const byNode = transpose(scores);
  const real = constant(
    families.map((n) => Number(n < nodes)),
    [groups, 1, widest],
    'bool',
  );
  const rows = gather(byNode, indices(families.map((n) => Math.min(n, nodes - 1))));
  const grouped = transpose(reshape(rows, [groups, widest, batch]), [0, 2, 1]);
  const chosen = transpose(logSoftmax(where(real, grouped, hiddenScore)), [0, 2, 1]);
  const conditional = gather(reshape(chosen, [groups * widest, batch]), indices(place));
  // Level by level, each node adds what its parent has.
  const position = inverse(levels.flat());
  const found: Value[] = [];
  let start = 0;
  levels.forEach((level, depth) => {
    const own = gather(conditional, indices(level));
    const above = found[depth - 1];
    const from = level.map((node) => position.get(parents[node]!)! - start);
    found.push(above ? add(own, gather(above, indices(from))) : own);
    if (above) start += levels[depth - 1]!.length;
  });
  return transpose(gather(concat(found, 0), indices(parents.map((_, node) => position.get(node)!))));
}

const inverse = (list: readonly number[]): Map<number, number> =>
  new Map(list.map((value, at) => [value, at]));
