import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Predictions } from '../train/metrics/index.ts';
import { meanOfLogits } from './committee.ts';

const predictions = (rows: number[][]): Predictions => ({
  ids: rows.map((_, i) => `r${i}`),
  target: { kind: 'classes', classes: rows[0]!.map((_, c) => `c${c}`), truth: new Int32Array(rows.length) },
  values: Float64Array.from(rows.flat()),
});

describe('meanOfLogits', () => {
  it('is the mean on the scale of logits', () => {
    const { values } = meanOfLogits([predictions([[0.9, 0.1]]), predictions([[0.5, 0.5]])]);
    // logit(0.9) = ln 9; half of it is ln 3, and that of 0.75 is ln 3.
    expect([...values]).toEqual([expect.closeTo(0.75, 12), expect.closeTo(0.25, 12)]);
  });

  it('gives probabilities that sum to one, keeps what all agree on, and takes no notice of order', () => {
    const row = fc
      .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 })
      .filter((r) => r.some((p) => p > 1e-6))
      .map((r) => r.map((p) => p / r.reduce((a, b) => a + b)));
    fc.assert(
      fc.property(fc.tuple(row, row, row), (rows) => {
        const all = rows.map((r) => predictions([r]));
        const { values } = meanOfLogits(all);
        expect(values.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
        const turned = meanOfLogits([...all].reverse()).values;
        values.forEach((p, i) => {
          expect(p).toBeCloseTo(turned[i]!, 9);
        });
        meanOfLogits([all[0]!, all[0]!]).values.forEach((p, i) => {
          expect(p).toBeCloseTo(rows[0][i]!, 9);
        });
      }),
    );
  });
});
