import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { curves, prCurve, rocCurve, scatters, thin } from './curves.ts';
import { calibrationBins, ece, eceByChance } from './probability.ts';

const rows = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean()), { minLength: 2, maxLength: 60 })
  .map((r) => ({
    scores: Float64Array.from(r, ([s]) => s / 9),
    positive: Uint8Array.from(r, ([, p]) => (p ? 1 : 0)),
  }));

describe('curves', () => {
  it('the area under the straight lines of a ROC curve is its AUROC', () => {
    fc.assert(
      fc.property(rows, ({ scores, positive }) => {
        const curve = rocCurve('yes', scores, positive);
        fc.pre(curve !== undefined);
        const area = curve!.points.reduce((sum, [x, y], i, all) => {
          const [px, py] = all[Math.max(0, i - 1)]!;
          return sum + ((x - px) * (y + py)) / 2;
        }, 0);
        expect(area).toBeCloseTo(curve!.area!, 12);
        expect([curve!.points[0], curve!.points.at(-1)]).toEqual([
          [0, 0],
          [1, 1],
        ]);
      }),
    );
  });

  it('the area under the steps of a precision–recall curve is its AUPRC', () => {
    fc.assert(
      fc.property(rows, ({ scores, positive }) => {
        const curve = prCurve('yes', scores, positive);
        fc.pre(curve !== undefined);
        const area = curve!.points.reduce(
          (sum, [x, y], i, all) => sum + (x - all[Math.max(0, i - 1)]![0]) * y,
          0,
        );
        expect(area).toBeCloseTo(curve!.area!, 12);
        expect(curve!.points.at(-1)).toEqual([1, curve!.prevalence]);
      }),
    );
  });

  it('thinning keeps the ends, the order and the limit, and hardly moves the area', () => {
    const random = randomStream(3);
    const positive = Uint8Array.from({ length: 5000 }, () => random.below(2));
    const scores = Float64Array.from(positive, (p) => p * 0.5 + random.normal());
    const { points, area } = rocCurve('yes', scores, positive)!;
    expect(points.length).toBeLessThanOrEqual(201);
    const drawn = points.reduce((sum, [x, y], i, all) => {
      const [px, py] = all[Math.max(0, i - 1)]!;
      return sum + ((x - px) * (y + py)) / 2;
    }, 0);
    expect(drawn).toBeCloseTo(area!, 2);
    expect(
      thin(
        [
          [0, 0],
          [0, 1],
        ],
        200,
      ),
    ).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });

  it('draw one curve of two classes and one each of three', () => {
    const target = { kind: 'classes', classes: ['a', 'b', 'c'], truth: Int32Array.of(0, 1, 2) } as const;
    const p = Float64Array.of(0.8, 0.1, 0.1, 0.1, 0.8, 0.1, 0.1, 0.1, 0.8);
    const three = { ids: ['1', '2', '3'], target: { ...target, classes: ['a', 'b', 'c'] }, values: p };
    expect(curves(three).rocCurves!.map((c) => [c.name, c.area])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ]);
    const two = { kind: 'classes' as const, classes: ['a', 'b'], truth: Int32Array.of(0, 1) };
    const both = { ids: ['1', '2'], target: two, values: Float64Array.of(0.8, 0.2, 0.3, 0.7) };
    expect(curves(both).rocCurves!.map((c) => c.name)).toEqual(['b']);
  });

  it('draws at most the limit of points of a scatter, each a real pair', () => {
    const truth = Float64Array.from({ length: 500 }, (_, i) => i);
    const [scatter] = scatters(
      {
        ids: Array.from(truth, (t) => `r${t}`),
        target: { kind: 'values', names: ['y'], truth },
        values: truth.map((t) => 2 * t),
      },
      { limit: 50 },
    );
    expect(scatter!.points.length).toBe(50);
    expect(scatter!.points.every(([t, p]) => p === 2 * t)).toBe(true);
  });
});

describe('calibration', () => {
  it('the bins hold every record once and their weighted gaps are the calibration error', () => {
    fc.assert(
      fc.property(rows, ({ scores, positive }) => {
        const bins = calibrationBins(scores, positive);
        expect(bins.reduce((sum, b) => sum + b.count, 0)).toBe(scores.length);
        const gap = bins.reduce((sum, b) => sum + b.count * Math.abs(b.confidence - b.observed), 0);
        expect(gap / scores.length).toBeCloseTo(ece(scores, positive), 12);
      }),
    );
  });

  it('the error expected by chance is what calibrated predictions show on average', () => {
    const random = randomStream(8);
    const p = Float64Array.from({ length: 300 }, () => random.uniform());
    let mean = 0;
    for (let i = 0; i < 200; i++) {
      mean +=
        ece(
          p,
          Uint8Array.from(p, (v) => (random.uniform() < v ? 1 : 0)),
        ) / 200;
    }
    expect(mean / eceByChance(p)).toBeGreaterThan(0.9);
    expect(mean / eceByChance(p)).toBeLessThan(1.1);
  });
});
