import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../core/random.ts';
import { ridgeRegression } from './ridge.ts';

const random = randomStream(1, 'ridge');
const width = 3;
const n = 4000;
const features = (rows: number) => ({
  width,
  rows: Float32Array.from(
    { length: rows * width },
    (_, i) => [3, 0.1, 50][i % 3]! * random.normal() + (i % 3),
  ),
});
const learned = features(n);
const asked = features(50);
/** What the truth is made of. */
const score = (rows: Float32Array, i: number) =>
  0.5 * rows[i * width]! - 8 * (rows[i * width + 1]! - 1) + 0.01 * rows[i * width + 2]!;

describe('ridge regression', () => {
  it('of values finds the line that made them', () => {
    const truth = Float64Array.from({ length: n }, (_, i) => score(learned.rows, i) + 0.1 * random.normal());
    ridgeRegression('signal', learned, truth, asked).forEach((x, i) => {
      expect(Math.abs(x - score(asked.rows, i))).toBeLessThan(0.03);
    });
  });

  it('of 1 and 0 finds the probabilities that they were drawn with', () => {
    const chance = (rows: Float32Array, i: number) => 1 / (1 + Math.exp(-score(rows, i)));
    const truth = Float64Array.from({ length: n }, (_, i) =>
      Number(random.uniform() < chance(learned.rows, i)),
    );
    ridgeRegression('binary', learned, truth, asked).forEach((p, i) => {
      expect(Math.abs(p - chance(asked.rows, i))).toBeLessThan(0.08);
    });
  });

  it('says the share where nothing tells, and stays finite where the classes lie apart', () => {
    const silent = { width, rows: new Float32Array(n * width).fill(2) };
    const truth = Float64Array.from({ length: n }, (_, i) => Number(i % 4 === 0));
    for (const p of ridgeRegression('binary', silent, truth, { width, rows: silent.rows.subarray(0, 9) }))
      expect(p).toBeCloseTo(0.25, 6);
    const apart = Float64Array.from({ length: n }, (_, i) => Number(learned.rows[i * width]! > 0));
    ridgeRegression('binary', learned, apart, asked).forEach((p, i) => {
      expect(Number.isFinite(p)).toBe(true);
      if (Math.abs(asked.rows[i * width]!) > 1) expect(p > 0.5).toBe(asked.rows[i * width]! > 0);
    });
  });
});
