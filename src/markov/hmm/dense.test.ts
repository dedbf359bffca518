import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { denseMaximum, denseProduct, outerSum } from './dense.ts';
import * as w from './wasm.ts';

const sizes = fc.integer({ min: 1, max: 41 });
const numbers = (n: number, seed: number) => {
  const stream = randomStream(seed, 'dense');
  return Float64Array.from({ length: n }, () => stream.normal());
};

describe('dense products with SIMD', () => {
  it('are there at all where these tests run', () => {
    expect(w.wasmLoop([], { numbers: 1, integers: 0, pairs: 0 })).not.toBeNull();
  });

  it('give the same bits as plain loops', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (n, seed) => {
        const m = numbers(n * n, seed);
        const x = numbers(n + 3, seed + 1);
        const [sums, most] = [new Float64Array(n), new Float64Array(n).fill(Number.NEGATIVE_INFINITY)];
        for (let r = 0; r < n; r++)
          for (let c = 0; c < n; c++) {
            sums[r]! += m[r * n + c]! * x[c + 3]!;
            most[r] = Math.max(most[r]!, m[r * n + c]! + x[c + 3]!);
          }
        for (const simd of [true, false]) {
          const y = new Float64Array(n + 1);
          denseProduct(m, n, { simd }).apply(x, 3, y, 1);
          expect([...y.subarray(1)]).toEqual([...sums]);
          denseMaximum(m, n, { simd }).apply(x, 3, y, 1);
          expect([...y.subarray(1)]).toEqual([...most]);
        }
      }),
    );
  });

  it('of impossible steps are −Infinity, never NaN', () => {
    for (const n of [4, 9, 20]) {
      const y = new Float64Array(n);
      const none = new Float64Array(n * n).fill(Number.NEGATIVE_INFINITY);
      denseMaximum(none, n).apply(new Float64Array(n).fill(Number.NEGATIVE_INFINITY), 0, y, 0);
      expect(y.every((v) => v === Number.NEGATIVE_INFINITY)).toBe(true);
    }
  });

  it('add up outer products of any number of rows', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 11 }), fc.nat(), (n, rows, seed) => {
        const [a, b] = [numbers((rows + 1) * n, seed), numbers((rows + 2) * n, seed + 1)];
        const both = [true, false].map((simd) => {
          const sum = outerSum(n, { simd });
          sum.add(a, n, b, 2 * n, rows);
          sum.add(a, 0, b, 0, 1);
          return [...sum.sums()];
        });
        expect(both[0]).toEqual(both[1]);
        for (const [s, u] of [
          [0, 0],
          [n - 1, n >> 1],
        ] as const) {
          let expected = a[s]! * b[u]!;
          for (let r = 0; r < rows; r++) expected += a[(r + 1) * n + s]! * b[(r + 2) * n + u]!;
          expect(both[0]![s * n + u]).toBeCloseTo(expected, 10);
        }
      }),
    );
  });
});
