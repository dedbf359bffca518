import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestChain, type ChainRules, type ScoredStretch } from './gene-chain.ts';

const rules: ChainRules = {
  reach: 3,
  overlap: (left, right) => (left === right ? 4 : 2),
  link: (left, right, gap) => (left === right ? 0.3 : -0.4) + 0.1 * gap,
};

const stretch = fc
  .record({
    start: fc.nat({ max: 30 }),
    length: fc.integer({ min: 1, max: 12 }),
    strand: fc.constantFrom('+' as const, '-' as const),
    score: fc.integer({ min: -20, max: 40 }).map((x) => x / 8),
  })
  .map(({ start, length, ...rest }) => ({ start, end: start + length, ...rest }));

/** What a chain is worth; undefined where it breaks the rules. */
function worth(chain: readonly ScoredStretch[]): number | undefined {
  let sum = 0;
  for (const [i, own] of chain.entries()) {
    sum += own.score;
    const left = chain[i - 1];
    if (!left) continue;
    const gap = own.start - left.end;
    if (left.start >= own.start || left.end >= own.end) return undefined;
    if (-gap > rules.overlap(left.strand, own.strand)) return undefined;
    if (gap < rules.reach) sum += rules.link(left.strand, own.strand, gap);
  }
  return sum;
}

function bestByTrying(stretches: readonly ScoredStretch[]): number {
  let best = 0;
  for (let set = 0; set < 2 ** stretches.length; set++) {
    const chain = stretches
      .filter((_, i) => (set >> i) & 1)
      .sort((a, b) => a.end - b.end || a.start - b.start);
    best = Math.max(best, worth(chain) ?? 0);
  }
  return best;
}

describe('bestChain', () => {
  it('is worth as much as the best of all subsets', () => {
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 9 }), (stretches) => {
        const chain = bestChain(stretches, rules);
        const value = worth(chain);
        expect(value).toBeDefined();
        expect(value!).toBeCloseTo(bestByTrying(stretches), 9);
      }),
      { numRuns: 300 },
    );
  });

  it('chooses nothing where nothing is gained, and refuses what has no bases or no score', () => {
    expect(bestChain([], rules)).toEqual([]);
    expect(bestChain([{ start: 0, end: 9, strand: '+', score: -1 }], rules)).toEqual([]);
    expect(() => bestChain([{ start: 3, end: 3, strand: '+', score: 1 }], rules)).toThrow(/received 3–3: 1/);
    expect(() => bestChain([{ start: 3, end: 9, strand: '+', score: Number.NaN }], rules)).toThrow(
      /3–9: NaN/,
    );
  });
});
