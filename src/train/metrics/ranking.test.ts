import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auprc, auroc, averageRanks } from './ranking.ts';
import { pearson, spearman } from './regression.ts';

/** Scores with many ties, each beside whether it is a positive. */
const ranked = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.boolean()), { minLength: 1, maxLength: 30 })
  .map((rows) => ({
    scores: Float64Array.from(rows, ([s]) => s / 8),
    positive: Uint8Array.from(rows, ([, p]) => (p ? 1 : 0)),
  }));

/** The share of positive–negative pairs in the right order, straight from the definition. */
function pairsInOrder(scores: Float64Array, positive: Uint8Array): number {
  let [inOrder, pairs] = [0, 0];
  scores.forEach((a, i) => {
    scores.forEach((b, j) => {
      if (positive[i] !== 1 || positive[j] !== 0) return;
      pairs++;
      inOrder += a > b ? 1 : a === b ? 0.5 : 0;
    });
  });
  return inOrder / pairs;
}

/** The mean over the positives of the precision at their own score, straight from the definition. */
function meanPrecision(scores: Float64Array, positive: Uint8Array): number {
  const precisions = Array.from(scores).flatMap((threshold, i) => {
    if (positive[i] === 0) return [];
    const called = Array.from(positive).filter((_, j) => scores[j]! >= threshold);
    return [called.filter((p) => p === 1).length / called.length];
  });
  return precisions.reduce((a, b) => a + b, 0) / precisions.length;
}

describe('auroc and auprc', () => {
  it('auroc is the share of positive–negative pairs in the right order, ties counting half', () => {
    fc.assert(
      fc.property(ranked, ({ scores, positive }) => {
        const expected = pairsInOrder(scores, positive);
        const ours = auroc(scores, positive);
        if (Number.isNaN(expected)) expect(ours).toBeNaN();
        else expect(ours).toBeCloseTo(expected, 12);
      }),
    );
  });

  it('auprc is the mean precision at the positives', () => {
    fc.assert(
      fc.property(ranked, ({ scores, positive }) => {
        const expected = meanPrecision(scores, positive);
        const ours = auprc(scores, positive);
        if (Number.isNaN(expected)) expect(ours).toBeNaN();
        else expect(ours).toBeCloseTo(expected, 12);
      }),
    );
  });

  it('auroc of the other class is one minus it, and no strictly rising change of the scores matters', () => {
    fc.assert(
      fc.property(ranked, ({ scores, positive }) => {
        const area = auroc(scores, positive);
        fc.pre(!Number.isNaN(area));
        const other = positive.map((p) => 1 - p);
        expect(auroc(scores, other)).toBeCloseTo(1 - area, 12);
        expect(auroc(scores.map(Math.exp), positive)).toBe(area);
      }),
    );
  });
});

describe('averageRanks and spearman', () => {
  it('ranks are one plus the lower ones plus half of the other equal ones', () => {
    fc.assert(
      fc.property(ranked, ({ scores }) => {
        const ranks = averageRanks(scores);
        scores.forEach((s, i) => {
          const lower = scores.filter((t) => t < s).length;
          const equal = scores.filter((t) => t === s).length;
          expect(ranks[i]).toBe(1 + lower + (equal - 1) / 2);
        });
      }),
    );
  });

  it('spearman is pearson of the ranks', () => {
    fc.assert(
      fc.property(ranked, ({ scores, positive }) => {
        const y = Float64Array.from(positive, (p, i) => p * 3 - (i % 4));
        const expected = pearson(averageRanks(scores), averageRanks(y));
        if (Number.isNaN(expected)) expect(spearman(scores, y)).toBeNaN();
        else expect(spearman(scores, y)).toBeCloseTo(expected, 12);
      }),
    );
  });
});
