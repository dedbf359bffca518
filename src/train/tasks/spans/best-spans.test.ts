import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestSpans, spanPartition } from './best-spans.ts';

/** All allowed spans, the best first, of equals the one that begins, then ends, first. */
function everySpan(start: readonly number[], end: readonly number[], longest: number) {
  const all = start.flatMap((s, first) =>
    end.flatMap((e, last) =>
      last >= first && last < first + longest ? [{ first, last, score: s + e }] : [],
    ),
  );
  return all.sort((a, b) => b.score - a.score || a.first - b.first || a.last - b.last);
}

// Few different numbers, so that many spans are equals.
const scores = (n: number) => fc.array(fc.integer({ min: -3, max: 3 }), { minLength: n, maxLength: n });
const cases = fc
  .integer({ min: 1, max: 12 })
  .chain((n) =>
    fc.tuple(scores(n), scores(n), fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 90 })),
  );

describe('the best spans', () => {
  it('are those of a search through all of them, in the same order', () => {
    fc.assert(
      fc.property(cases, ([start, end, longest, count]) => {
        expect(bestSpans(start, end, { longest, count })).toEqual(
          everySpan(start, end, longest).slice(0, count),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('have probabilities that sum to one, with that of none', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: -4, max: 4 }), ([start, end, longest], none) => {
        const total = spanPartition(start, end, { longest, none });
        const sum = everySpan(start, end, longest).reduce(
          (all, { score }) => all + Math.exp(score - total),
          0,
        );
        expect(sum + Math.exp(none - total)).toBeCloseTo(1, 10);
      }),
    );
  });

  it('keep their probabilities where all that is allowed is most improbable', () => {
    // The pointers are sure of an end before the start.
    const [start, end] = [
      [-60, -60, 0],
      [0, -61, -62],
    ];
    const total = spanPartition(start!, end!, { longest: 1 });
    expect(total).toBeCloseTo(-60 + Math.log(1 + Math.exp(-61) + Math.exp(-2)), 9);
  });

  it('are found among 20,000 places at once', () => {
    const n = 20_000;
    const start = Float64Array.from({ length: n }, (_, i) => Math.sin(i * 1.7));
    const end = Float64Array.from({ length: n }, (_, i) => Math.cos(i * 2.3));
    const found = bestSpans(start, end, { longest: 5000, count: 50 });
    expect(found).toHaveLength(50);
    for (let i = 1; i < 50; i++) expect(found[i]!.score).toBeLessThanOrEqual(found[i - 1]!.score);
    expect(new Set(found.map(({ first, last }) => `${first} ${last}`)).size).toBe(50);
  });

  it('refuses what is no number of spans', () => {
    expect(() => bestSpans([0], [0], { count: 0 })).toThrow(
      /expected 1 or more spans of 1 or more places, received 0/,
    );
    expect(() => bestSpans([0], [0], { longest: 0 })).toThrow(/1 or more places/);
  });
});
