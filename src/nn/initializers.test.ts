import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import {
  fans,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  lecunNormal,
  ones,
  orthogonal,
  perGate,
  truncatedNormal,
  uniform,
  zeros,
} from './initializers.ts';

const fill = (initial: Initializer, shape: number[], seed = 1) =>
  initial.fill(shape, randomStream(seed, 'test'));
const deviation = (x: Float64Array) => Math.sqrt(x.reduce((s, v) => s + v * v, 0) / x.length);

describe('initialisers', () => {
  it('count fans by the layout of the weight', () => {
    expect(fans([20, 5])).toEqual({ fanIn: 20, fanOut: 5 });
    expect(fans([64, 4, 11])).toEqual({ fanIn: 44, fanOut: 704 });
    expect(() => fans([3])).toThrow(/received shape \[3\]/);
  });

  it.each([
    ['glorotUniform', glorotUniform, Math.sqrt(2 / 500)],
    ['glorotNormal', glorotNormal, Math.sqrt(2 / 500)],
    ['heUniform', heUniform, Math.sqrt(2 / 300)],
    ['heNormal', heNormal, Math.sqrt(2 / 300)],
    ['lecunNormal', lecunNormal, Math.sqrt(1 / 300)],
  ] as const)('%s has the deviation of its paper', (name, initial, expected) => {
    const numbers = fill(initial, [300, 200]);
    expect(deviation(numbers) / expected).toBeCloseTo(1, 1);
    expect(initial.name).toBe(name);
    if (name.endsWith('Uniform')) expect(Math.max(...numbers)).toBeLessThanOrEqual(Math.sqrt(3) * expected);
    else expect(Math.max(...numbers)).toBeGreaterThan(3 * expected);
  });

  it('uniform and truncatedNormal stay within their bounds', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.01, max: 10, noNaN: true }), (seed, size) => {
        expect(fill(uniform(size), [50], seed).every((v) => Math.abs(v) <= size)).toBe(true);
        expect(fill(truncatedNormal(size), [50], seed).every((v) => Math.abs(v) <= 2 * size)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('orthogonal gives orthonormal rows or columns, whichever are fewer, times the gain', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), (rows, columns) => {
        const q = fill(orthogonal(2), [rows, columns]);
        const vectors = Array.from({ length: Math.min(rows, columns) }, (_, i) =>
          rows < columns
            ? [...q.slice(i * columns, (i + 1) * columns)]
            : Array.from({ length: rows }, (__, r) => q[r * columns + i]!),
        );
        vectors.forEach((a, i) => {
          vectors.forEach((b, j) => {
            expect(a.reduce((s, v, k) => s + v * b[k]!, 0)).toBeCloseTo(i === j ? 4 : 0, 10);
          });
        });
      }),
      { numRuns: 40 },
    );
  });

  it('perGate makes every gate a matrix of its own', () => {
    const numbers = fill(perGate(3, orthogonal()), [2, 6]);
    for (let gate = 0; gate < 3; gate++) {
      const [a, b] = [0, 6].map((row) => numbers.slice(row + gate * 2, row + gate * 2 + 2)) as [
        Float64Array,
        Float64Array,
      ];
      expect(a[0]! * b[0]! + a[1]! * b[1]!).toBeCloseTo(0, 12);
      expect(Math.hypot(...a)).toBeCloseTo(1, 12);
    }
    const bias = fill(perGate(2, [zeros, ones]), [4]);
    expect([...bias]).toEqual([0, 0, 1, 1]);
  });
});
