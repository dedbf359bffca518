import { usageError } from '../core/errors.ts';
import type { RandomStream } from '../core/random.ts';

/**
 * The letters in a random order that keeps the number of every k-mer, and so the first and the last k − 1 letters: all such orders are
 * equally likely. k-mers are the edges of a multigraph over (k − 1)-mers, and an order of letters is an Eulerian path through it (Altschul
 * and Erickson 1985; Kandel et al. 1996); the last edge out of each vertex comes from a random spanning tree towards the last vertex (Wilson
 * 1996). Letters are taken as they are: case counts. Sequences shorter than k + 1 come back unchanged.
 *
 * Throws a usage error unless k is a whole number of at least 1.
 * @example eulerShuffle('ACGACTACGA', 2, randomStream(1, 'shuffle')) // 'ACTACGACGA', say: 3 AC, 2 CG, 2 GA, 1 CT, 1 TA
 */
export function eulerShuffle(sequence: string, k: number, random: RandomStream): string {
  if (!Number.isSafeInteger(k) || k < 1)
    throw usageError(`eulerShuffle: k is ${k}; expected a whole number of at least 1.`);
  if (sequence.length <= k && k > 1) return sequence;
  if (k === 1) return random.shuffle([...sequence]).join('');
  const graph = multigraph(sequence, k - 1);
  const lastEdges = spanningTree(graph, random);
  const orders = graph.edges.map((edges, v) => {
    const last = lastEdges[v];
    if (last === undefined) return random.shuffle([...edges]);
    const others = edges.filter((_, e) => e !== last);
    return [...random.shuffle(others), edges[last]!];
  });
  const used = new Int32Array(orders.length);
  let at = graph.first;
  let out = sequence.slice(0, k - 1);
  for (let i = k - 1; i < sequence.length; i++) {
    at = orders[at]![used[at]!++]!;
    out += graph.letters[at]!;
  }
  return out;
}

interface Multigraph {
  /** Where each edge out of a vertex leads. */
  readonly edges: readonly (readonly number[])[];
  /** The last letter of each vertex. */
  readonly letters: readonly string[];
  readonly first: number;
  readonly last: number;
}

/** Vertices are the words of `size` letters, in the order of their first occurrence. */
function multigraph(sequence: string, size: number): Multigraph {
  const numbers = new Map<string, number>();
  const letters: string[] = [];
  const edges: number[][] = [];
  const vertex = (word: string) => {
    const known = numbers.get(word);
    if (known !== undefined) return known;
    numbers.set(word, letters.length);
    letters.push(word.at(-1)!);
    edges.push([]);
    return letters.length - 1;
  };
  const first = vertex(sequence.slice(0, size));
  let at = first;
  for (let i = size; i < sequence.length; i++) {
    const next = vertex(sequence.slice(i + 1 - size, i + 1));
    edges[at]!.push(next);
    at = next;
  }
  return { edges, letters, first, last: at };
}

/** For each vertex but the last the edge, by its place, that leads on in a spanning tree towards the last; all trees are equally likely. */
function spanningTree({ edges, last }: Multigraph, random: RandomStream): (number | undefined)[] {
  const chosen: (number | undefined)[] = edges.map(() => undefined);
  const inTree = new Uint8Array(edges.length);
  inTree[last] = 1;
  for (let start = 0; start < edges.length; start++) {
    // A walk that overwrites its choice where it comes back to a vertex has no loops left when it meets the tree.
    for (let v = start; !inTree[v]; v = edges[v]![chosen[v]!]!) chosen[v] = random.below(edges[v]!.length);
    for (let v = start; !inTree[v]; v = edges[v]![chosen[v]!]!) inTree[v] = 1;
  }
  return chosen;
}
