import { usageError } from '../../core/errors.ts';
import { type Alphabet, reverseComplement } from '../alphabet.ts';

/** Sets of k-mers of many sequences: those of sequence i are `hashes[starts[i]] …`, ascending, each once. */
export interface Sketches {
  k: number;
  hashes: Uint32Array;
  starts: Int32Array;
  /** The largest hash that a sketch can speak about: 2³²−1 where it holds every k-mer of its sequence. */
  limits: Uint32Array;
  /** Whether every sketch holds every k-mer, so that similarities are exact. */
  exact: boolean;
}

/** The fewest letters for which a chance match is one in two million: 11 for DNA, 5 for proteins. */
export const defaultK = ({ size }: Pick<Alphabet, 'size'>) => Math.ceil(Math.log(2_000_000) / Math.log(size));

const ALL = 0xffffffff;

/**
 * Sketches every sequence by its k-mers. For nucleic acids a k-mer and its reverse complement are one
 * (the smaller code stands for both), so strand does not matter. K-mers with ambiguity letters are left out;
 * a sequence shorter than k counts as one k-mer of its own.
 *
 * All k-mers are kept while they number at most `budget` together; beyond that each sequence keeps its s smallest
 * hashes (bottom-s MinHash: Broder 1997, Ondov et al. 2016), s being the largest that fits the budget.
 */
export function sketchAll(
  sequences: readonly string[],
  alphabet: Alphabet,
  { k = defaultK(alphabet), budget = 1 << 24 }: { k?: number; budget?: number } = {},
): Sketches {
  if (!Number.isInteger(k) || k < 1 || alphabet.size ** k > 2 ** 32) {
    const most = Math.floor(32 / Math.log2(alphabet.size) + 1e-9);
    throw usageError(`k is 1 to ${most} letters for alphabet ${alphabet.name}, not ${k}.`);
  }
  const counts = Int32Array.from(sequences, ({ length }) => Math.max(1, length - k + 1));
  const size = sketchSize(counts, budget);
  const starts = new Int32Array(sequences.length + 1);
  const limits = new Uint32Array(sequences.length).fill(ALL);
  let hashes = new Uint32Array(1024);
  let exact = true;
  sequences.forEach((sequence, i) => {
    const all = kmerHashes(sequence, alphabet, k);
    const kept = all.length > size ? all.subarray(0, size) : all;
    if (kept.length < all.length) {
      limits[i] = kept[kept.length - 1]!;
      exact = false;
    }
    const from = starts[i]!;
    if (from + kept.length > hashes.length) {
      const grown = new Uint32Array(Math.max(2 * hashes.length, from + kept.length));
      grown.set(hashes);
      hashes = grown;
    }
    hashes.set(kept, from);
    starts[i + 1] = from + kept.length;
  });
  return { k, hashes: hashes.slice(0, starts[sequences.length]), starts, limits, exact };
}

/** The largest s with Σ min(count, s) ≤ budget; at least 16. */
function sketchSize(counts: Int32Array, budget: number): number {
  const sorted = counts.slice().sort();
  let left = budget;
  for (let i = 0; i < sorted.length; i++) {
    const rest = sorted.length - i;
    if (sorted[i]! * rest > left) return Math.max(16, Math.floor(left / rest));
    left -= sorted[i]!;
  }
  return Number.POSITIVE_INFINITY;
}

/** Distinct hashes of the canonical k-mers of one sequence, ascending. */
export function kmerHashes(sequence: string, alphabet: Alphabet, k: number): Uint32Array {
  const { ids, size, complement } = alphabet;
  const high = size ** (k - 1);
  const found = new Uint32Array(Math.max(1, sequence.length));
  let n = 0;
  let run = 0;
  let forward = 0;
  let reverse = 0;
  // Codes are numbers in base `size`: `forward` shifts in at the low end, `reverse` at the high end.
  const window = new Int32Array(k);
  for (let i = 0; i < sequence.length; i++) {
    const code = sequence.charCodeAt(i);
    const id = code < 128 ? ids[code]! : -1;
    if (id < 0 || id >= size) {
      run = forward = reverse = 0;
      continue;
    }
    const slot = i % k;
    const leaving = run >= k ? window[slot]! : 0;
    forward = (forward - leaving * high) * size + id;
    if (complement) {
      if (run >= k) reverse = (reverse - complement[leaving]!) / size + complement[id]! * high;
      else reverse += complement[id]! * size ** run;
    }
    window[slot] = id;
    run++;
    if (run >= k) found[n++] = mix(complement && reverse < forward ? reverse : forward);
  }
  if (n === 0) found[n++] = wholeHash(sequence, alphabet);
  return distinct(found.subarray(0, n).sort());
}

/** A bijection of 32-bit numbers that scatters neighbours (the finaliser of MurmurHash3, Appleby). */
function mix(code: number): number {
  let h = code >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function wholeHash(sequence: string, alphabet: Alphabet): number {
  let h = 0x811c9dc5;
  for (const letter of canonical(sequence, alphabet)) h = Math.imul(h ^ letter.charCodeAt(0), 0x01000193);
  return mix(h);
}

function distinct(sorted: Uint32Array): Uint32Array {
  let n = 0;
  for (let i = 0; i < sorted.length; i++)
    if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[n++] = sorted[i]!;
  return sorted.subarray(0, n);
}

/** One spelling for a sequence, its other case and its other strand: the alphabetically smaller of the strands. */
export function canonical(sequence: string, alphabet: Alphabet): string {
  const upper = sequence.toUpperCase();
  if (!alphabet.complement) return upper;
  const forward = alphabet.name === 'rna' ? upper.replaceAll('T', 'U') : upper.replaceAll('U', 'T');
  const other = reverseComplement(forward, alphabet);
  return [forward, other].sort()[0]!;
}

/**
 * The similarity of sequences i and j: shared k-mers as a share of the smaller set (containment, so that
 * a fragment is as similar to its source as a copy); 0 to 1. For sketches, estimated over the hashes that both can speak
 * about. `shared` is the number of hashes in both.
 */
export function containment(sketches: Sketches, i: number, j: number, shared: number): number {
  if (shared === 0) return 0;
  const limit = Math.min(sketches.limits[i]!, sketches.limits[j]!);
  return shared / Math.min(countUpTo(sketches, i, limit), countUpTo(sketches, j, limit));
}

/** How many hashes sequences i and j have in common. */
export function sharedHashes({ hashes, starts }: Sketches, i: number, j: number): number {
  let a = starts[i]!;
  let b = starts[j]!;
  const endA = starts[i + 1]!;
  const endB = starts[j + 1]!;
  let shared = 0;
  while (a < endA && b < endB) {
    const x = hashes[a]!;
    const y = hashes[b]!;
    if (x === y) shared++;
    if (x <= y) a++;
    if (y <= x) b++;
  }
  return shared;
}

function countUpTo({ hashes, starts, limits }: Sketches, i: number, limit: number): number {
  let low = starts[i]!;
  let high = starts[i + 1]!;
  if (limits[i]! <= limit || limit === ALL) return high - low;
  const from = low;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (hashes[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low - from;
}

/** Every (hash, sequence) pair ordered by hash: the members of run r are `members[runs[r]] … members[runs[r + 1] − 1]`. */
export interface HashIndex {
  /** The distinct hashes, ascending. */
  keys: Uint32Array;
  runs: Int32Array;
  members: Int32Array;
}

/** Inverts sketches: which sequences hold each hash. Members of a run ascend. */
export function invert({ hashes, starts }: Pick<Sketches, 'hashes' | 'starts'>): HashIndex {
  const owners = new Int32Array(hashes.length);
  for (let i = 0; i + 1 < starts.length; i++) owners.fill(i, starts[i]!, starts[i + 1]!);
  // Two stable passes over 16 bits each sort by hash and keep owners ascending within a hash.
  const once = sortedByDigit(hashes, owners, 0);
  const { keys: sorted, values: members } = sortedByDigit(once.keys, once.values, 16);
  const keys = new Uint32Array(sorted.length);
  const runs = new Int32Array(sorted.length + 1);
  let r = 0;
  for (let p = 0; p < sorted.length; p++) {
    if (p > 0 && sorted[p] === sorted[p - 1]) continue;
    keys[r] = sorted[p]!;
    runs[r++] = p;
  }
  runs[r] = sorted.length;
  return { keys: keys.slice(0, r), runs: runs.slice(0, r + 1), members };
}

/** One pass of a radix sort: stable, by the 16 bits of the key from `shift` up. */
function sortedByDigit(keys: Uint32Array, values: Int32Array, shift: number) {
  const next = new Int32Array(65_537);
  for (let p = 0; p < keys.length; p++) next[((keys[p]! >>> shift) & 0xffff) + 1]!++;
  for (let d = 1; d < next.length; d++) next[d]! += next[d - 1]!;
  const sorted = { keys: new Uint32Array(keys.length), values: new Int32Array(keys.length) };
  for (let p = 0; p < keys.length; p++) {
    const at = next[(keys[p]! >>> shift) & 0xffff]!++;
    sorted.keys[at] = keys[p]!;
    sorted.values[at] = values[p]!;
  }
  return sorted;
}
