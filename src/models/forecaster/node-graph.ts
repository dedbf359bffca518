import { usageError } from '../../core/errors.ts';
import { type Field, fieldError, listField, namesField, within } from '../fields.ts';

/** An edge by the places of its nodes: `to` hears of `from`, the more the larger the weight. */
export type NodeEdge = readonly [from: number, to: number, weight: number];

/** Nodes whose series are forecast together, and who hears of whom. The targets of a model are those of its nodes, node by node. */
export interface NodeGraph {
  readonly nodes: readonly string[];
  /** The columns that each node has. */
  readonly targets: readonly string[];
  readonly edges: readonly NodeEdge[];
}

/** What the targets of all nodes are called: `node target`, or the node alone where each has but one. */
export const nodeTargets = ({ nodes, targets }: Pick<NodeGraph, 'nodes' | 'targets'>): string[] =>
  nodes.flatMap((node) => (targets.length === 1 ? [node] : targets.map((target) => `${node} ${target}`)));

/**
 * How much each node (row) hears of each node, row-major [nodes, nodes]: weights of its edges divided by their sum. A node without edges hears
 * nothing.
 * @example edgeMatrix({ nodes: ['a', 'b'], edges: [[0, 1, 2]] }) // [0, 0, 1, 0]: b hears a
 */
export function edgeMatrix({ nodes, edges }: Pick<NodeGraph, 'nodes' | 'edges'>): number[] {
  const n = nodes.length;
  const heard = new Array<number>(n * n).fill(0);
  for (const [from, to, weight] of edges) heard[to * n + from]! += weight;
  for (let to = 0; to < n; to++) {
    const sum = heard.slice(to * n, (to + 1) * n).reduce((a, b) => a + b, 0);
    for (let from = 0; from < n && sum > 0; from++) heard[to * n + from]! /= sum;
  }
  return heard;
}

/** Throws a usage error where a forecaster that reads a graph has none, or one that does not is given one. */
export function checkGraph(architecture: string, reads: boolean, graph: NodeGraph | undefined): void {
  if (reads && !graph)
    throw usageError(
      `${architecture} lets the series of a graph hear of one another: name its edges (--graph, with --group for the nodes).`,
    );
  if (!reads && graph)
    throw usageError(
      `${architecture} does not read a graph; graph-gru and graph-lstm do. Leave the graph out, or choose one of them.`,
    );
}

const mostNodes = 1000;

/** Reads the graph of a forecaster's description. */
export function readGraph(field: Field): NodeGraph {
  const nodes = namesField(within(field, 'nodes'), 1);
  if (nodes.length > mostNodes) throw fieldError(within(field, 'nodes'), `at most ${mostNodes} names`);
  const edges = listField(within(field, 'edges'), 0, (item): NodeEdge => {
    const edge = item.value as NodeEdge;
    const isNode = (place: unknown) =>
      Number.isInteger(place) && (place as number) >= 0 && (place as number) < nodes.length;
    const fits =
      Array.isArray(edge) &&
      edge.length === 3 &&
      isNode(edge[0]) &&
      isNode(edge[1]) &&
      Number.isFinite(edge[2]);
    if (!fits || edge[2] <= 0) throw fieldError(item, 'places of two nodes and a weight above 0');
    return edge;
  });
  return { nodes, targets: namesField(within(field, 'targets'), 1), edges };
}
