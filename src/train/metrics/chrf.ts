import { checkPairs, listOf, type TranslationPairs } from './bleu.ts';
import type { Scorer } from './scorers.ts';
import { ngramCounts, weightedCounts } from './text-scorer.ts';

export interface ChrfOptions {
  /** Longest n-gram of characters. */
  order?: number;
  /** How many times as much recall counts as precision. */
  beta?: number;
}

/**
 * chrF of a whole set of translations, from 0 to 100 (Popović 2015), as sacreBLEU defines it: n-grams of characters without white space, F
 * of the mean precision and the mean recall over the orders that occur. Of several references the one that fits best counts.
 * Throws a usage error where the lists differ in length or a record has no reference.
 * @example chrf({ hypotheses: ['the cat'], references: ['the cats'] })
 */
export function chrf(pairs: TranslationPairs, options: ChrfOptions = {}): number {
  return chrfScorer(pairs, options).score(new Float64Array(pairs.hypotheses.length).fill(1))[0]!;
}

/** chrF under any weighting of the records, for bootstrap intervals. */
export function chrfScorer(
  { hypotheses, references }: TranslationPairs,
  { order = 6, beta = 2 }: ChrfOptions = {},
): Scorer {
  checkPairs('chrF', { hypotheses, references });
  const rows = hypotheses.map((text, i) => {
    const own = grams(text, order);
    const all = listOf(references[i]!).map((reference) => statistics(own, grams(reference, order)));
    return all.reduce((best, row) => (fScore(row, order, beta) > fScore(best, order, beta) ? row : best));
  });
  return {
    names: ['chrf'],
    score: (weights) => [fScore(weightedCounts(rows, 3 * order, weights), order, beta)],
  };
}

/** The n-grams of each order; letters are code points. */
function grams(text: string, order: number): Map<string, number>[] {
  const letters = [...text.replace(/\s+/gu, '')];
  return Array.from({ length: order }, (_, n) => ngramCounts(letters, n + 1, ''));
}

const total = (counts: Map<string, number>) => {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
};

/** For each order: n-grams of the translation (none where the reference has none), of the reference, and in common. */
function statistics(
  own: readonly Map<string, number>[],
  reference: readonly Map<string, number>[],
): Float64Array {
  const row = new Float64Array(3 * own.length);
  own.forEach((counts, n) => {
    const truth = reference[n]!;
    let common = 0;
    for (const [gram, count] of counts) common += Math.min(count, truth.get(gram) ?? 0);
    row.set([truth.size > 0 ? total(counts) : 0, total(truth), common], 3 * n);
  });
  return row;
}

// (1 + β²) P R / (β² P + R)
function fScore(row: Float64Array, order: number, beta: number): number {
  let [precision, recall, counted] = [0, 0, 0];
  for (let n = 0; n < order; n++) {
    const [own, truth, common] = row.subarray(3 * n, 3 * n + 3) as unknown as [number, number, number];
    if (own === 0 || truth === 0) continue;
    precision += common / own;
    recall += common / truth;
    counted++;
  }
  if (precision + recall === 0) return 0;
  const [p, r] = [precision / counted, recall / counted];
  return (100 * (1 + beta ** 2) * p * r) / (beta ** 2 * p + r);
}
