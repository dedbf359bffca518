import type { Alphabet } from '../alphabet.ts';
import { canonical, containment, invert, type Sketches, sketchAll } from './sketch.ts';

/** How similar test sequences are to training sequences: what a reader needs to judge a held-out figure. */
export interface SimilarityReport {
  k: number;
  /** Whether all k-mers were compared, or sketches of long sequences. */
  exact: boolean;
  median: number;
  percentile95: number;
  max: number;
  /** Test sequences that stand in the training set letter for letter, on either strand. */
  duplicates: number;
  above90: number;
  tested: number;
  /** Per test sequence: the highest similarity to any training sequence, 0 to 1. */
  similarity: Float64Array;
  /** Per test sequence: the training sequence it is most similar to, −1 where no k-mer is shared. */
  nearest: Int32Array;
}

/**
 * For every test sequence, the highest k-mer containment (shared k-mers as a share of the smaller set; Broder 1997)
 * in any training sequence; both strands count for nucleic acids.
 * @example similarityReport(['ACGTACGTACGTAA'], ['TTACGTACGTACGT'], dna).duplicates // 1: the other strand
 */
export function similarityReport(
  train: readonly string[],
  test: readonly string[],
  alphabet: Alphabet,
  { k }: { k?: number } = {},
): SimilarityReport {
  const sketches = sketchAll([...train, ...test], alphabet, k === undefined ? {} : { k });
  const { similarity, nearest } = bestMatches(sketches, train.length, test.length);
  const known = new Set(train.map((sequence) => canonical(sequence, alphabet)));
  const duplicates = test.filter((sequence) => known.has(canonical(sequence, alphabet))).length;
  const sorted = similarity.slice().sort();
  return {
    k: sketches.k,
    exact: sketches.exact,
    median: quantile(sorted, 0.5),
    percentile95: quantile(sorted, 0.95),
    max: quantile(sorted, 1),
    duplicates,
    above90: similarity.filter((value) => value > 0.9).length,
    tested: test.length,
    similarity,
    nearest,
  };
}

function bestMatches(sketches: Sketches, train: number, test: number) {
  const { hashes, starts } = sketches;
  const index = invert({ hashes: hashes.subarray(0, starts[train]), starts: starts.subarray(0, train + 1) });
  const similarity = new Float64Array(test);
  const nearest = new Int32Array(test).fill(-1);
  const shared = new Int32Array(train);
  const touched = new Int32Array(train);
  for (let t = 0; t < test; t++) {
    let n = 0;
    let r = 0;
    for (let p = starts[train + t]!; p < starts[train + t + 1]!; p++) {
      r = lowerBound(index.keys, hashes[p]!, r);
      if (index.keys[r] !== hashes[p]) continue;
      for (let m = index.runs[r]!; m < index.runs[r + 1]!; m++) {
        const i = index.members[m]!;
        if (shared[i]!++ === 0) touched[n++] = i;
      }
    }
    for (let m = 0; m < n; m++) {
      const i = touched[m]!;
      const value = containment(sketches, train + t, i, shared[i]!);
      const closer = value > similarity[t]! || (value === similarity[t] && i < nearest[t]!);
      if (closer) {
        similarity[t] = value;
        nearest[t] = i;
      }
      shared[i] = 0;
    }
  }
  return { similarity, nearest };
}

function lowerBound(sorted: Uint32Array, value: number, from: number): number {
  let low = from;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The q-quantile with linear interpolation (type 7 of Hyndman and Fan 1996); 0 for no values. */
function quantile(sorted: Float64Array, q: number): number {
  if (sorted.length === 0) return 0;
  const at = q * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (at - Math.floor(at)) * (sorted[Math.ceil(at)]! - low);
}

/** One sentence for terminal and report. */
export function similaritySentence(report: SimilarityReport): string {
  const { k, exact, median, percentile95, max, duplicates, above90, tested } = report;
  const share = (value: number) => value.toFixed(2);
  return (
    `Similarity of test to training sequences (shared ${k}-mers${exact ? '' : ', estimated'}): median ${share(median)}, ` +
    `95 % up to ${share(percentile95)}, highest ${share(max)}; ${above90} of ${tested} above 0.9, ` +
    `${duplicates} exact ${duplicates === 1 ? 'duplicate' : 'duplicates'}.`
  );
}
