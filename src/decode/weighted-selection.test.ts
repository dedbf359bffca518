import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectByWeight } from './weighted-selection.ts';

describe('selectByWeight', () => {
  it('agrees with sorting and summing, equal keys and keys of infinity included', () => {
    const item = fc.record({
      // Whole weights, so that sums are exact in any order.
      key: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: -4, max: 4 }) },
        { weight: 1, arbitrary: fc.constant(Infinity) },
      ),
      weight: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 30 }), fc.integer({ min: 1, max: 60 }), (items, mass) => {
        const finite = items.filter(({ key }) => key < Infinity);
        const sum = (some: typeof items) => some.reduce((total, { weight }) => total + weight, 0);
        const keys = [...new Set(finite.map(({ key }) => key))].sort((a, b) => a - b);
        const key = keys.find((one) => sum(finite.filter((other) => other.key <= one)) >= mass) ?? Infinity;
        const found = selectByWeight(
          items.map((one) => one.key),
          items.map((one) => one.weight),
          mass,
        );
        expect(found).toEqual({ key, before: sum(finite.filter((other) => other.key < key)) });
      }),
      { numRuns: 400, seed: 1 },
    );
  });
});
