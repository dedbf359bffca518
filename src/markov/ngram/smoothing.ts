import { usageError } from '../../core/errors.ts';
import type { NgramCounts } from './counts.ts';

/**
 * How probability is kept back for what was never seen.
 *
 * - `additive`: P(w | c) = (n(c w) + α) / (n(c) + α·V) for the longest context alone (Laplace; Lidstone).
 * - `witten-bell`: P(w | c) = (n(c w) + T(c)·P(w | c′)) / (n(c) + T(c)), T(c) distinct followers, c′ the
 *   context without its oldest token (Witten and Bell 1991). The choice for small alphabets such as DNA.
 * - `kneser-ney`: interpolated, P(w | c) = max(0, a(c w) − D) / a(c) + γ(c)·P(w | c′), where a counts
 *   sightings for the longest contexts and distinct preceding tokens for the shorter ones (Kneser and Ney
 *   1995). With `discounts: 3`, D depends on whether a is 1, 2 or more (modified: Chen and Goodman 1998).
 *   The choice for words and other large vocabularies.
 *
 * Below the empty context, both interpolations end in the uniform distribution 1/V.
 */
export type Smoothing =
  | { kind: 'additive'; alpha?: number }
  | { kind: 'witten-bell' }
  | { kind: 'kneser-ney'; discounts?: 1 | 3 };

/** P(w | c) = share[gram c w] + rest[c]·P(w | what c backs off to). */
export interface Smoothed {
  /** By gram number; 0 for grams that were not seen. */
  readonly share: Float64Array;
  /** By node. */
  readonly rest: Float64Array;
  /** Whether every context backs off straight to the uniform distribution. */
  readonly direct: boolean;
}

export function smoothed(counts: NgramCounts, smoothing: Smoothing): Smoothed {
  if (smoothing.kind === 'additive') return additive(counts, smoothing.alpha ?? 1);
  return smoothing.kind === 'witten-bell' ? wittenBell(counts) : kneserNey(counts, smoothing.discounts ?? 3);
}

/** Number of nodes of the context tree. */
export const nodesOf = ({ children, period }: NgramCounts): number => period + children.size;

/** Per node: the sum of `values` over its grams. */
export function totals(counts: NgramCounts, values: ArrayLike<number>): Float64Array {
  const { grams } = counts;
  const sums = new Float64Array(nodesOf(counts));
  for (let g = 0; g < grams.size; g++) sums[grams.first[g]!]! += values[g]!;
  return sums;
}

function additive(counts: NgramCounts, alpha: number): Smoothed {
  if (!(alpha > 0 && Number.isFinite(alpha)))
    throw usageError(
      `Additive smoothing with ${alpha}: expected a number above 0, such as 1 (Laplace) or 0.5.`,
    );
  const count = counts.count();
  const total = totals(counts, count);
  const prior = alpha * counts.vocabulary;
  const share = new Float64Array(counts.grams.size);
  for (let g = 0; g < share.length; g++) share[g] = count[g]! / (total[counts.grams.first[g]!]! + prior);
  return { share, rest: total.map((n) => prior / (n + prior)), direct: true };
}

function wittenBell(counts: NgramCounts): Smoothed {
  const { grams } = counts;
  const count = counts.count();
  const total = totals(counts, count);
  const types = totals(counts, new Uint8Array(grams.size).fill(1));
  const share = new Float64Array(grams.size);
  for (let g = 0; g < share.length; g++) {
    const node = grams.first[g]!;
    share[g] = count[g]! / (total[node]! + types[node]!);
  }
  return {
    share,
    rest: total.map((n, node) => (n === 0 ? 1 : types[node]! / (n + types[node]!))),
    direct: false,
  };
}

function kneserNey(counts: NgramCounts, discounts: 1 | 3): Smoothed {
  const { grams } = counts;
  const adjusted = adjustedCounts(counts);
  const total = totals(counts, adjusted);
  const depth = depths(counts);
  const tables = discountsByDepth(counts, adjusted, depth, discounts);
  const share = new Float64Array(grams.size);
  for (let g = 0; g < share.length; g++) {
    const node = grams.first[g]!;
    const a = adjusted[g]!;
    if (a > 0) share[g] = (a - tables[depth[node]!]![Math.min(a, 3) - 1]!) / total[node]!;
  }
  // Whole numbers are summed first, so that the order of counting cannot show in the last digit.
  const [once, twice, more] = [1, 2, 3].map((k) =>
    totals(
      counts,
      adjusted.map((a) => (Math.min(a, 3) === k ? 1 : 0)),
    ),
  ) as [Float64Array, Float64Array, Float64Array];
  const rest = total.map((n, node) => {
    const [d1, d2, d3] = tables[depth[node]!] as [number, number, number];
    return n === 0 ? 1 : (d1 * once[node]! + d2 * twice[node]! + d3 * more[node]!) / n;
  });
  return { share, rest, direct: false };
}

/** Steps from the root for each node. */
function depths({ children, period }: NgramCounts): Uint8Array {
  const depth = new Uint8Array(period + children.size);
  for (let n = 0; n < children.size; n++) depth[period + n] = depth[children.first[n]!]! + 1;
  return depth;
}

/**
 * The longest contexts, and those that begin with the beginning of a sequence, keep their counts; a gram
 * of a shorter context counts the distinct tokens (or beginning) that came before it: the children of its
 * node that hold it too.
 */
function adjustedCounts(counts: NgramCounts): Float64Array {
  const { grams, children, period, order, vocabulary } = counts;
  const count = counts.count();
  const depth = depths(counts);
  const adjusted = new Float64Array(grams.size);
  for (let g = 0; g < grams.size; g++) {
    const node = grams.first[g]!;
    const fromBegin = node >= period && children.second[node - period] === vocabulary;
    if (depth[node] === order || fromBegin) adjusted[g]! += count[g]!;
    if (node >= period) adjusted[grams.find(children.first[node - period]!, grams.second[g]!)]!++;
  }
  return adjusted;
}

/**
 * Discounts for a = 1, 2 and ≥ 3 at every depth, from how many grams have a = 1 … 4 (Chen and Goodman 1998,
 * equation 26; with one discount, Ney et al. 1994). Where so little was seen that one of them is undefined or
 * not above 0 (which would leave nothing for the unseen), 0.5, 1 and 1.5 stand in.
 */
function discountsByDepth(
  counts: NgramCounts,
  adjusted: Float64Array,
  depth: Uint8Array,
  discounts: 1 | 3,
): number[][] {
  const of = Array.from({ length: counts.order + 1 }, () => [0, 0, 0, 0, 0]);
  for (let g = 0; g < adjusted.length; g++) {
    const a = adjusted[g]!;
    if (a >= 1 && a <= 4) of[depth[counts.grams.first[g]!]!]![a]!++;
  }
  return of.map(([, n1, n2, n3, n4]) => {
    if (!n1 || !n2) return discounts === 1 ? [0.5, 0.5, 0.5] : [0.5, 1, 1.5];
    const y = n1 / (n1 + 2 * n2);
    if (discounts === 1) return [y, y, y];
    const three = [1 - (2 * y * n2) / n1, 2 - (3 * y * n3!) / n2, n3 ? 3 - (4 * y * n4!) / n3 : 1.5];
    return three.every((d) => d > 0) ? three : [0.5, 1, 1.5];
  });
}
