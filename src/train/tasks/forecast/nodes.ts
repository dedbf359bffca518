import { dataError } from '../../../core/errors.ts';
import { openSource, type SourceDigest } from '../../../data/source.ts';
import { columnIndex, openTable } from '../../../data/table/table.ts';
import { type NodeEdge, type NodeGraph, nodeTargets } from '../../../models/forecaster/node-graph.ts';
import type { SeriesData, TimeSeries } from './series.ts';
import { stepsBetween } from './times.ts';

/** Edges as a table has them, by the names of their nodes. */
export interface EdgeList {
  readonly edges: readonly { from: string; to: string; weight: number; line: number }[];
  /** The name of the file, for messages. */
  readonly name: string;
  readonly source: SourceDigest;
}

const columnNames = { from: ['from', 'source', 'src'], to: ['to', 'target', 'dst'], weight: ['weight', 'w'] };

/**
 * Reads edges from a table with the columns from, to and (if there is one) weight, else 1: `to` hears of `from`. Throws a data error with file
 * and line for a weight that is not above 0 and for an edge that comes twice.
 * @example await readEdges('roads.csv')
 */
export async function readEdges(path: string): Promise<EdgeList> {
  const source = openSource(path);
  const table = await openTable(source.chunks, { name: source.name });
  const place = (names: readonly string[]) =>
    table.columns.findIndex((column) => names.includes(column.toLowerCase()));
  const found = {
    from: place(columnNames.from),
    to: place(columnNames.to),
    weight: place(columnNames.weight),
  };
  for (const end of ['from', 'to'] as const) if (found[end] < 0) columnIndex(table, end);
  const seen = new Map<string, number>();
  const edges: EdgeList['edges'][number][] = [];
  for await (const { cells, line } of table.rows) {
    const [from, to] = [cells[found.from]!, cells[found.to]!];
    const text = found.weight < 0 ? '1' : cells[found.weight]!;
    const weight = text.trim() === '' ? Number.NaN : Number(text);
    if (!(Number.isFinite(weight) && weight > 0))
      throw dataError(
        `${table.name}:${line}: the weight of ${from} → ${to} is "${text}"; expected a number above 0. Leave the row out where there is no edge.`,
      );
    const key = JSON.stringify([from, to]);
    const before = seen.get(key);
    if (before !== undefined)
      throw dataError(`${table.name}:${line}: the edge ${from} → ${to} stands on line ${before} already.`);
    seen.set(key, line);
    edges.push({ from, to, weight, line });
  }
  return { edges, name: table.name, source: source.digest() };
}

/**
 * The graph of the series of some data, each of which is a node. Edges count in both directions with `undirected`. Throws a data error for an
 * edge whose node no series is called.
 */
export function nodeGraph(
  { series, targets }: SeriesData,
  { edges, name }: Pick<EdgeList, 'edges' | 'name'>,
  { undirected = false } = {},
): NodeGraph {
  const nodes = series.map(({ id }) => id);
  const places = new Map(nodes.map((node, i) => [node, i]));
  const placed = edges.flatMap(({ from, to, weight, line }): NodeEdge[] => {
    const [a, b] = [from, to].map((node) => {
      const place = places.get(node);
      if (place !== undefined) return place;
      const listed = `${nodes.slice(0, 6).join(', ')}${nodes.length > 6 ? ', …' : ''}`;
      throw dataError(
        `${name}:${line}: no series is called "${node}"; there are: ${listed}. Correct the edge or leave it out.`,
      );
    }) as [number, number];
    return undirected && a !== b
      ? [
          [a, b, weight],
          [b, a, weight],
        ]
      : [[a, b, weight]];
  });
  return { nodes, targets: [...targets], edges: placed };
}

/**
 * The series of all nodes as one, a step of which holds the targets of every node: what a forecaster on a graph reads. They are put beside one
 * another by their times, missing where a node has none; without times they must be of one length.
 * Throws a data error for a node without a series and a series that is no node.
 */
export function besideOneAnother(data: SeriesData, graph: NodeGraph): SeriesData {
  const byId = new Map(data.series.map((own) => [own.id, own]));
  const stray = data.series.find(({ id }) => !graph.nodes.includes(id));
  if (stray)
    throw dataError(`the series "${stray.id}" is no node of the graph; leave its rows out. ${known(graph)}`);
  const all = graph.nodes.map((node) => {
    const own = byId.get(node);
    if (own) return own;
    throw dataError(
      `there are no rows of the node "${node}". Give rows for every node, with empty cells where values are missing. ${known(graph)}`,
    );
  });
  const { first, length } = extent(data, all);
  const width = graph.targets.length;
  const step = graph.nodes.length * width;
  const values = new Float64Array(length * step).fill(Number.NaN);
  all.forEach((own, node) => {
    const offset = data.clock && first !== undefined ? stepsBetween(data.clock, first, own.times![0]!) : 0;
    for (let t = 0; t < own.length; t++)
      for (let k = 0; k < width; k++)
        values[(offset + t) * step + node * width + k] = own.values[t * width + k]!;
  });
  const longest = all.reduce((a, b) => (endOf(b) > endOf(a) ? b : a));
  const times = first === undefined ? undefined : joinedTimes(data, all, { first, length });
  const joint: TimeSeries = { id: 'graph', length, values, times, lastTime: longest.lastTime };
  return { ...data, targets: nodeTargets(graph), series: [joint], graph };
}

const known = ({ nodes }: NodeGraph) =>
  `The nodes are: ${nodes.slice(0, 6).join(', ')}${nodes.length > 6 ? ', …' : ''}.`;

const endOf = ({ times, length }: TimeSeries): number => times?.at(-1) ?? length;

/** The first time of all nodes, and how many steps there are from there to the last. */
function extent(
  { clock }: SeriesData,
  all: readonly TimeSeries[],
): { first: number | undefined; length: number } {
  if (clock && all.every(({ times }) => times)) {
    const first = Math.min(...all.map(({ times }) => times![0]!));
    const last = Math.max(...all.map(({ times }) => times!.at(-1)!));
    return { first, length: stepsBetween(clock, first, last) + 1 };
  }
  const odd = all.find(({ length }) => length !== all[0]!.length);
  if (odd)
    throw dataError(
      `the series "${odd.id}" has ${odd.length} steps and "${all[0]!.id}" ${all[0]!.length}; without evenly spaced times (--time) nodes stand side by side row by row, so that they need as many. Give times, or rows with empty cells.`,
    );
  return { first: undefined, length: all[0]!.length };
}

/** The time of each step, of whichever node has it. */
function joinedTimes(
  { clock }: SeriesData,
  all: readonly TimeSeries[],
  { first, length }: { first: number; length: number },
): Float64Array {
  const times = new Float64Array(length).fill(Number.NaN);
  for (const own of all) {
    const offset = stepsBetween(clock!, first, own.times![0]!);
    own.times!.forEach((time, t) => {
      times[offset + t] = time;
    });
  }
  // Steps that no node has lie between two that some have; cuts compare their times only.
  for (let t = 1; t < length; t++) if (Number.isNaN(times[t]!)) times[t] = times[t - 1]!;
  return times;
}
