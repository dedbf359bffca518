import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, errorRate, words } from './edit.ts';

/** By the recursion of its definition. */
function slowDistance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return slowDistance(restA, restB);
  return 1 + Math.min(slowDistance(restA, b), slowDistance(a, restB), slowDistance(restA, restB));
}
const short = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });

describe('edit distance', () => {
  it('is the least number of edits, by the recursion that defines it', () => {
    fc.assert(
      fc.property(short, short, (a, b) => {
        expect(editDistance(a, b)).toBe(slowDistance(a, b));
      }),
    );
  });

  it('is a metric: symmetric, zero for equals only, and no detour is shorter', () => {
    fc.assert(
      fc.property(short, short, short, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });

  it('counts tokens of any kind', () => {
    expect(editDistance([7, 8, 9], Int32Array.of(7, 9))).toBe(1);
  });
});

describe('error rate', () => {
  it('is the edits of all records over the tokens of the truth', () => {
    const references = ['the cat sat', 'on a mat'].map(words);
    const hypotheses = ['the cat', 'under one mat or so'].map(words);
    expect(errorRate({ hypotheses, references })).toBeCloseTo((1 + 4) / 6, 12);
    expect(errorRate({ hypotheses: [['a']], references: [[]] })).toBe(Number.POSITIVE_INFINITY);
    expect(errorRate({ hypotheses: [[]], references: [[]] })).toBeNaN();
  });
});
