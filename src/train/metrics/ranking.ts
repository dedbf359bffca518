/** Rows from the highest score to the lowest; `last[i]` is 1 where place i ends a run of equal scores. */
export interface Ranking {
  order: Int32Array;
  last: Uint8Array;
}

/** Sorts once, so that any weighting of the rows can be scored afterwards in one pass. */
export function rankRows(scores: Float64Array): Ranking {
  const order = Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const last = new Uint8Array(order.length);
  for (let i = 0; i < order.length; i++) {
    if (i + 1 === order.length || scores[order[i]!] !== scores[order[i + 1]!]) last[i] = 1;
  }
  return { order, last };
}

/** Every row counted once. */
export const onceEach = (n: number): Float64Array => new Float64Array(n).fill(1);

/**
 * Area under the ROC curve of a ranking: the probability that a random positive scores above a random
 * negative, ties counting half (Mann and Whitney 1947; Hanley and McNeil 1982). Row i counts `weights[i]`
 * times. NaN where all counted rows are of one kind.
 */
export function rankedAuroc({ order, last }: Ranking, positive: Uint8Array, weights: Float64Array): number {
  let [positives, negatives, above] = [0, 0, 0];
  let [tiedPositives, tiedNegatives] = [0, 0];
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if (positive[row] === 1) tiedPositives += weights[row]!;
    else tiedNegatives += weights[row]!;
    if (last[i] === 0) continue;
    above += tiedNegatives * (positives + tiedPositives / 2);
    positives += tiedPositives;
    negatives += tiedNegatives;
    tiedPositives = tiedNegatives = 0;
  }
  return above / (positives * negatives);
}

/**
 * Average precision of a ranking: Σ (R_i − R_{i−1}) P_i over the distinct thresholds, the step-wise area
 * under the precision–recall curve (no interpolation, which would be too kind: Davis and Goadrich 2006).
 * NaN without a counted positive.
 */
export function rankedAuprc({ order, last }: Ranking, positive: Uint8Array, weights: Float64Array): number {
  let [hits, called, tiedHits, sum] = [0, 0, 0, 0];
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    called += weights[row]!;
    if (positive[row] === 1) tiedHits += weights[row]!;
    if (last[i] === 0 || tiedHits === 0) continue;
    hits += tiedHits;
    sum += (tiedHits * hits) / called;
    tiedHits = 0;
  }
  return sum / hits;
}

/**
 * Area under the ROC curve. `positive` holds 1 for positives; a higher score means more probably positive.
 * NaN where there is only one kind of record.
 * @example auroc(Float64Array.of(0.9, 0.4, 0.6), Uint8Array.of(1, 1, 0)) // 0.5
 */
export const auroc = (scores: Float64Array, positive: Uint8Array, weights = onceEach(scores.length)) =>
  rankedAuroc(rankRows(scores), positive, weights);

/**
 * Average precision, the area under the precision–recall curve. NaN without a positive.
 * @example auprc(Float64Array.of(0.9, 0.4, 0.6), Uint8Array.of(1, 1, 0)) // 1/2 + 1/2 · 2/3
 */
export const auprc = (scores: Float64Array, positive: Uint8Array, weights = onceEach(scores.length)) =>
  rankedAuprc(rankRows(scores), positive, weights);

/**
 * Average ranks from 1 (lowest) in the sample where row i stands `weights[i]` times; ties share their mean rank.
 * @example averageRanks(Float64Array.of(3, 1, 3)) // 2.5, 1, 2.5
 */
export function averageRanks(
  scores: Float64Array,
  weights = onceEach(scores.length),
  ranking = rankRows(scores),
): Float64Array {
  const { order, last } = ranking;
  const ranks = new Float64Array(order.length);
  let below = 0;
  for (let end = order.length; end > 0; ) {
    let start = end - 1;
    while (start > 0 && last[start - 1] === 0) start--;
    let tied = 0;
    for (let i = start; i < end; i++) tied += weights[order[i]!]!;
    for (let i = start; i < end; i++) ranks[order[i]!] = below + (tied + 1) / 2;
    below += tied;
    end = start;
  }
  return ranks;
}
