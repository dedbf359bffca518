import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import type { Target } from '../../data/target.ts';
import { affordableResamples, bootstrap, quantile } from './bootstrap.ts';
import { evaluate } from './evaluate.ts';
import { columnNames, type Predictions } from './predictions.ts';
import { weightedMean } from './probability.ts';
import { scorers } from './scorers.ts';

const once = (n: number) => new Float64Array(n).fill(1);

/** The predictions with every record repeated as often as it counts. */
function materialised(predictions: Predictions, weights: Float64Array): Predictions {
  const { ids, target, values } = predictions;
  const rows = Array.from(weights).flatMap((w, i) => new Array<number>(w).fill(i));
  const k = columnNames(target).length;
  const pick = (table: ArrayLike<number>, width: number) =>
    rows.flatMap((i) => Array.from({ length: width }, (_, c) => table[i * width + c]!));
  const again: Target =
    target.kind === 'classes'
      ? { ...target, truth: Int32Array.from(pick(target.truth, 1)) }
      : target.kind === 'labels'
        ? { ...target, truth: Uint8Array.from(pick(target.truth, k)) }
        : { ...target, truth: Float64Array.from(pick(target.truth, k)) };
  return { ids: rows.map((i) => ids[i]!), target: again, values: Float64Array.from(pick(values, k)) };
}

/** Random predictions with ties, of each kind. */
function example(kind: Target['kind'], n: number, k: number, seed: number): Predictions {
  const random = randomStream(seed, kind);
  const names = Array.from({ length: k }, (_, c) => `c${c}`);
  const raw = Array.from({ length: n * k }, () => 1 + random.below(9));
  const sums = Array.from({ length: n }, (_, i) => raw.slice(i * k, i * k + k).reduce((a, b) => a + b, 0));
  const target: Target =
    kind === 'classes'
      ? { kind, classes: names, truth: Int32Array.from({ length: n }, () => random.below(k)) }
      : kind === 'labels'
        ? { kind, classes: names, truth: Uint8Array.from({ length: n * k }, () => random.below(2)) }
        : { kind, names, truth: Float64Array.from({ length: n * k }, () => random.below(5)) };
  const scale = (v: number, i: number) => (kind === 'classes' ? v / sums[Math.floor(i / k)]! : v / 10);
  const ids = Array.from({ length: n }, (_, i) => `r${i}`);
  return { ids, target, values: Float64Array.from(raw, scale) };
}

describe('bootstrap', () => {
  it('scores a record that counts w times as if it stood w times in the data, for every metric', () => {
    const kinds = fc.constantFrom<Target['kind']>('classes', 'labels', 'values');
    fc.assert(
      fc.property(kinds, fc.integer({ min: 2, max: 4 }), fc.nat(1e6), (kind, k, seed) => {
        const predictions = example(kind, 12, k, seed);
        const random = randomStream(seed, 'weights');
        const weights = Float64Array.from({ length: 12 }, () => random.below(4));
        weights[0] = 1;
        const repeated = materialised(predictions, weights);
        const expected = scorers(repeated).map((s) => s.score(once(repeated.ids.length)));
        const ours = scorers(predictions).map((s) => s.score(weights));
        ours.flat().forEach((value, m) => {
          const other = expected.flat()[m]!;
          if (Number.isNaN(other)) expect(value).toBeNaN();
          else expect(value).toBeCloseTo(other, 10);
        });
      }),
    );
  });

  it('covers the mean of a normal distribution about as often as its level says', () => {
    let covered = 0;
    const trials = 300;
    for (let trial = 0; trial < trials; trial++) {
      const random = randomStream(trial, 'coverage');
      const sample = Float64Array.from({ length: 60 }, () => 5 + random.normal());
      const scorer = { names: ['mean'], score: (w: Float64Array) => [weightedMean(sample, w)] };
      const { low, high } = bootstrap([scorer], 60, { seed: trial, resamples: 300, level: 0.9 }).mean!;
      if (low <= 5 && 5 <= high) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.85);
    expect(covered / trials).toBeLessThan(0.94);
  });

  it('widens by about √m where each record stands m times in a group of its own', () => {
    const single = example('values', 100, 1, 3);
    const copies = materialised(single, new Float64Array(100).fill(4));
    const width = (p: Predictions) => {
      const { low, high } = evaluate(p, { seed: 1, resamples: 800 }).metrics.mae!;
      return high! - low!;
    };
    const clustered = width({ ...copies, groups: copies.ids });
    expect(clustered / width(copies)).toBeCloseTo(2, 0);
    expect(clustered / width(single)).toBeCloseTo(1, 1);
  });

  it('gives the same bounds for the same seed and others for another', () => {
    const metrics = (seed: number) => evaluate(example('classes', 40, 3, 1), { seed, resamples: 50 }).metrics;
    expect(metrics(1)).toEqual(metrics(1));
    expect(metrics(1)).not.toEqual(metrics(2));
  });

  it('gives no bounds for one record, for one group, or for a metric that most resamples do not define', () => {
    expect(evaluate(example('classes', 1, 2, 1)).metrics.accuracy!.low).toBeUndefined();
    const grouped = { ...example('classes', 9, 2, 1), groups: new Array(9).fill('same') };
    expect(evaluate(grouped).metrics.accuracy!.low).toBeUndefined();
    const rare = {
      names: ['rare'],
      score: (w: Float64Array) => [w[0]! >= 2 ? 1 : Number.NaN],
    };
    expect(bootstrap([rare], 20).rare!.low).toBeNaN();
  });

  it('resamples 30,000 records without sorting or copying them again', () => {
    const predictions = example('classes', 30_000, 2, 5);
    const start = performance.now();
    evaluate(predictions, { resamples: 200 });
    // Half a second on the development machine; sorting in every resample takes more than this bound.
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('takes fewer resamples of very large data, and says how many', () => {
    expect([affordableResamples(30_000, 2), affordableResamples(1e6, 1)]).toEqual([1000, 300]);
    expect(affordableResamples(1e6, 100)).toBe(200);
    expect(evaluate(example('values', 9, 1, 1)).intervals.resamples).toBe(1000);
  });
});

describe('quantile', () => {
  it('lies between its neighbours and meets the ends', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect([quantile([1, 5], 0), quantile([1, 5], 1), quantile([7], 0.3)]).toEqual([1, 5, 7]);
  });
});
