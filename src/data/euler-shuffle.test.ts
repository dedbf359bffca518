import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { eulerShuffle } from './euler-shuffle.ts';

const countsOf = (sequence: string, k: number) => {
  const counts: Record<string, number> = {};
  for (let i = 0; i + k <= sequence.length; i++) {
    const word = sequence.slice(i, i + k);
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
};

/** All distinct orders of the letters with the k-mers of the sequence, by brute force. */
function allOrders(sequence: string, k: number): string[] {
  const wanted = countsOf(sequence, k);
  const found = new Set<string>();
  const grow = (prefix: string, left: string) => {
    if (left === '') {
      if (JSON.stringify(sorted(countsOf(prefix, k))) === JSON.stringify(sorted(wanted))) found.add(prefix);
      return;
    }
    for (const letter of new Set(left)) grow(prefix + letter, left.replace(letter, ''));
  };
  grow('', sequence);
  return [...found];
}
const sorted = (counts: Record<string, number>) => Object.entries(counts).sort();

describe('eulerShuffle', () => {
  it('keeps every k-mer and the letters at both ends, for every k and sequence', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'ACGT'), maxLength: 60 });
    fc.assert(
      fc.property(letters, fc.integer({ min: 1, max: 5 }), fc.nat(), (sequence, k, seed) => {
        const shuffled = eulerShuffle(sequence, k, randomStream(seed, 'test'));
        expect(countsOf(shuffled, k)).toEqual(countsOf(sequence, k));
        expect(shuffled.slice(0, k - 1)).toBe(sequence.slice(0, k - 1));
        if (k > 1) expect(shuffled.slice(1 - k)).toBe(sequence.slice(1 - k));
      }),
    );
  });

  it('keeps no longer words on purpose: most 4-mers of a long sequence change when 2-mers are kept', () => {
    const random = randomStream(1, 'long');
    const sequence = Array.from({ length: 2000 }, () => 'ACGT'[random.below(4)]).join('');
    const shuffled = eulerShuffle(sequence, 2, random);
    const same = [...shuffled].filter((letter, i) => letter === sequence[i]).length;
    expect(same / sequence.length).toBeLessThan(0.35);
  });

  it.each([
    ['AABABBAA', 2],
    ['ACAGACAA', 2],
    ['AABAABBAAA', 3],
    ['AABC', 1],
  ])('%s with k = %i: all orders that keep the k-mers are equally likely', (sequence, k) => {
    const orders = allOrders(sequence, k);
    expect(orders.length).toBeGreaterThan(2);
    const random = randomStream(7, 'uniform');
    const draws = 400 * orders.length;
    const seen = new Map(orders.map((order) => [order, 0]));
    for (let i = 0; i < draws; i++) {
      const order = eulerShuffle(sequence, k, random);
      expect(seen.has(order)).toBe(true);
      seen.set(order, seen.get(order)! + 1);
    }
    const chi2 = [...seen.values()].reduce((sum, n) => sum + (n - 400) ** 2 / 400, 0);
    const freedom = orders.length - 1;
    // Four standard deviations of a chi-squared variable above its mean.
    expect(chi2).toBeLessThan(freedom + 4 * Math.sqrt(2 * freedom));
  });

  it('refuses a k below 1', () => {
    expect(() => eulerShuffle('ACGT', 0, randomStream(1, 'x'))).toThrow(/k is 0; expected a whole number/);
  });
});
