import { usageError } from '../../core/errors.ts';
import type { Alphabet } from '../alphabet.ts';
import { containment, type HashIndex, invert, type Sketches, sharedHashes, sketchAll } from './sketch.ts';

/** Which cluster each sequence belongs to: numbers from 0 in the order of first members. */
export interface Clusters {
  cluster: Int32Array;
  clusters: number;
  k: number;
  threshold: number;
}

/**
 * Clusters sequences so that any two whose k-mer containment (see `containment`) is at least `threshold` are
 * together, directly or through others (single linkage); a sequence and its reverse complement are the same.
 *
 * With k = 11 a threshold of 0.3 corresponds to about 90 % identity (0.3 ≈ 0.9¹¹). Shared k-mers are counted
 * through an inverted index, exactly, while no more than `pairs` pairs of entries meet in its lists. Beyond that, the
 * longest lists (poly-A, large families) link only neighbours in them; similar pairs share many other k-mers, and
 * `similarityReport` measures what is left.
 */
export function homologyClusters(
  sequences: readonly string[],
  alphabet: Alphabet,
  { threshold = 0.3, k, pairs = 500_000_000 }: { threshold?: number; k?: number; pairs?: number } = {},
): Clusters {
  if (!(threshold > 0 && threshold <= 1)) {
    throw usageError(`A similarity threshold lies above 0 and up to 1, not at ${threshold}.`);
  }
  const sketches = sketchAll(sequences, alphabet, k === undefined ? {} : { k });
  const index = invert(sketches);
  const forest = unionFind(sequences.length);
  const sizes = Int32Array.from(index.keys, (_, r) => index.runs[r + 1]! - index.runs[r]!);
  const crowd = crowdFor(sizes, pairs);
  linkCounted(sketches, index, forest, threshold, crowd);
  const similar = (i: number, j: number) =>
    containment(sketches, i, j, sharedHashes(sketches, i, j)) >= threshold;
  const crowded = Int32Array.from(sizes, (_, r) => r).filter((r) => sizes[r]! > crowd);
  for (const r of crowded.sort((a, b) => sizes[a]! - sizes[b]! || a - b)) {
    linkRun(index.members.subarray(index.runs[r]!, index.runs[r + 1]!), forest, similar);
  }
  return { ...numbered(forest, sequences.length), k: sketches.k, threshold };
}

/** The size of list up to which counting costs at most about `pairs` steps. */
function crowdFor(sizes: Int32Array, pairs: number): number {
  const sorted = sizes.slice().sort();
  let cost = 0;
  for (const size of sorted) {
    cost += (size * size) / 2;
    if (cost > pairs) return size - 1;
  }
  return Number.POSITIVE_INFINITY;
}

/** Counts, for each sequence, the hashes it shares with later ones in lists of at most `crowd`, and links. */
function linkCounted(
  sketches: Sketches,
  index: HashIndex,
  { find, union }: UnionFind,
  threshold: number,
  crowd: number,
) {
  const { runs, members } = index;
  const n = sketches.starts.length - 1;
  const { run, place } = entriesOf(sketches, index);
  const shared = new Int32Array(n);
  const touched = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    let found = 0;
    let uncounted = 0;
    for (let p = sketches.starts[i]!; p < sketches.starts[i + 1]!; p++) {
      const end = runs[run[p]! + 1]!;
      if (end - runs[run[p]!]! > crowd) {
        uncounted++;
        continue;
      }
      for (let m = place[p]! + 1; m < end; m++) {
        const j = members[m]!;
        if (shared[j]!++ === 0) touched[found++] = j;
      }
    }
    for (let m = 0; m < found; m++) {
      const j = touched[m]!;
      const counted = shared[j]!;
      shared[j] = 0;
      if (find(i) === find(j) || containment(sketches, i, j, counted + uncounted) < threshold) continue;
      const exact = uncounted === 0 ? counted : sharedHashes(sketches, i, j);
      if (containment(sketches, i, j, exact) >= threshold) union(i, j);
    }
  }
}

/** For every entry of the sketches, its list in the index and its place in that list. */
function entriesOf({ starts, hashes }: Sketches, { keys, runs, members }: HashIndex) {
  const next = starts.slice();
  const run = new Int32Array(hashes.length);
  const place = new Int32Array(hashes.length);
  // Lists come in the order of hashes, and so do the entries of each sequence.
  for (let r = 0; r < keys.length; r++) {
    for (let m = runs[r]!; m < runs[r + 1]!; m++) {
      const p = next[members[m]!]!++;
      run[p] = r;
      place[p] = m;
    }
  }
  return { run, place };
}

/** How many partners a member of a crowded list is compared with. */
const PARTNERS = 64;

/**
 * Compares the sequences that share one very common k-mer and are not yet in one cluster; those that were in one
 * cluster before are neighbours in the list, so that they can be passed over together.
 */
function linkRun(run: Int32Array, { find, union }: UnionFind, similar: (i: number, j: number) => boolean) {
  const first = find(run[0]!);
  if (run.every((i) => find(i) === first)) return;
  const blocks = new Map<number, number[]>();
  for (const i of run) {
    const block = blocks.get(find(i));
    if (!block) blocks.set(find(i), [i]);
    else if (block.length < PARTNERS) block.push(i);
  }
  const list = [...blocks.values()].flat();
  let after = 0;
  for (const block of blocks.values()) {
    after += block.length;
    for (const i of block) {
      let compared = 0;
      const end = Math.min(list.length, after + 4 * PARTNERS);
      for (let q = after; q < end && compared < PARTNERS; q++) {
        const j = list[q]!;
        if (find(i) === find(j)) continue;
        compared++;
        if (similar(i, j)) union(i, j);
      }
    }
  }
}

interface UnionFind {
  find(i: number): number;
  union(i: number, j: number): void;
}

/** Disjoint sets with path halving (Tarjan and van Leeuwen 1984); the smaller root wins, so results do not depend on order. */
function unionFind(n: number): UnionFind {
  const parent = Int32Array.from({ length: n }, (_, i) => i);
  const find = (i: number) => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  const union = (i: number, j: number) => {
    const a = find(i);
    const b = find(j);
    parent[Math.max(a, b)] = Math.min(a, b);
  };
  return { find, union };
}

function numbered({ find }: UnionFind, n: number) {
  const names = new Map<number, number>();
  const cluster = Int32Array.from({ length: n }, (_, i) => {
    const root = find(i);
    if (!names.has(root)) names.set(root, names.size);
    return names.get(root)!;
  });
  return { cluster, clusters: names.size };
}
