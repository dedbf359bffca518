import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import type { Series } from '../hmm/emissions/emissions.ts';
import { forward } from '../hmm/forward.ts';
import { findSeries } from './find-series.ts';
import { fitSeriesProfile, seriesLogOdds, warpSeries } from './series-profile.ts';

const series = (values: readonly number[], width = 1): Series => ({
  values: Float64Array.from(values),
  width,
});

/** Two shapes that have the same numbers in another order. */
const rise = [0, 0.5, 1, 2, 3, 2.5, 1, 0];
const fall = [...rise].reverse();

/** The shape with each column once, twice or three times, and noise; where each step came from beside it. */
function warped(shape: readonly number[], seed: number, noise = 0.15) {
  const random = randomStream(seed, 'warp');
  const columns = shape.flatMap((_, k) => new Array<number>(1 + random.below(3)).fill(k));
  return { columns, values: columns.map((k) => shape[k]! + noise * random.normal()) };
}
const examples = (shape: readonly number[], from: number, count: number) =>
  Array.from({ length: count }, (_, i) => series(warped(shape, from + i).values));

describe('a profile of series', () => {
  const options = { columns: 8 };
  const profiles = [rise, fall].map((shape, c) => fitSeriesProfile(examples(shape, 100 * c, 20), options));

  it('tells shapes apart that differ in order alone, however they are warped', () => {
    [rise, fall].forEach((shape, c) => {
      for (const example of examples(shape, 1000 + 100 * c, 25)) {
        const scores = profiles.map((profile) => seriesLogOdds(profile, example));
        expect(scores[c]).toBeGreaterThan(scores[1 - c]! + 5);
        expect(scores[c]).toBeGreaterThan(0);
      }
    });
  });

  it('does not where order is lost: shuffled steps score far below', () => {
    const random = randomStream(3, 'shuffle');
    for (const { values } of examples(rise, 2000, 10)) {
      const mixed = [...values].sort(() => random.uniform() - 0.5);
      expect(seriesLogOdds(profiles[0]!, series(mixed))).toBeLessThan(
        seriesLogOdds(profiles[0]!, series([...values])) - 5,
      );
    }
  });

  it('tells at which column each step stands, and time never runs back', () => {
    let [right, total] = [0, 0];
    for (let seed = 3000; seed < 3020; seed++) {
      const { values, columns } = warped(rise, seed);
      const at = warpSeries(profiles[0]!, series(values));
      at.forEach((column, t) => {
        expect(column).toBeGreaterThanOrEqual(t === 0 ? 0 : at[t - 1]!);
        right += Number(Math.abs(column - columns[t]!) <= 1);
        total++;
      });
    }
    expect(right / total).toBeGreaterThan(0.9);
  });

  it('finds its shape in a long series, and nothing where there is none', () => {
    const random = randomStream(4, 'long');
    const noise = (steps: number) => Array.from({ length: steps }, () => 0.8 + 1.1 * random.normal());
    const planted = [rise, fall, rise].map((shape, i) => warped(shape, 4000 + i).values);
    const gaps = [60, 75, 50, 66].map(noise);
    const long = gaps.flatMap((gap, i) => [...gap, ...(planted[i] ?? [])]);
    const hits = findSeries(profiles[0]!, series(long), { rate: 0.01, minLogOdds: 8 });
    const starts = [60, 60 + planted[0]!.length + 75 + planted[1]!.length + 50];
    expect(hits.length).toBe(2);
    hits.forEach(({ start, end }, i) => {
      expect(Math.abs(start - starts[i]!)).toBeLessThanOrEqual(3);
      expect(Math.abs(end - (starts[i]! + planted[2 * i]!.length))).toBeLessThanOrEqual(3);
    });
    expect(findSeries(profiles[0]!, series(noise(300)), { rate: 0.01, minLogOdds: 8 })).toEqual([]);
  });

  it('takes several numbers a step, some of them unobserved', () => {
    const pairs = (shape: readonly number[], seed: number) => {
      const { values } = warped(shape, seed);
      return series(
        values.flatMap((x, t) => [t % 5 === 2 ? Number.NaN : x, -2 * x]),
        2,
      );
    };
    const both = [rise, fall].map((shape, c) =>
      fitSeriesProfile(
        Array.from({ length: 12 }, (_, i) => pairs(shape, 50 * c + i)),
        options,
      ),
    );
    for (let seed = 700; seed < 710; seed++) {
      const given = pairs(fall, seed);
      expect(seriesLogOdds(both[1]!, given)).toBeGreaterThan(seriesLogOdds(both[0]!, given));
    }
  });

  it('gives every series a finite score: short, long, constant, far off', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (values) => {
          expect(Number.isFinite(forward(profiles[0]!.model, series(values)).logLikelihood)).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('refuses what is no set of examples', () => {
    expect(() => fitSeriesProfile([])).toThrow('expected at least one example');
    expect(() => fitSeriesProfile([series([1, 2]), series([1, 2, 3, 4], 2)])).toThrow(
      'Series 1 has 2 numbers a step; series 0 has 1',
    );
    expect(() => fitSeriesProfile([series([1])])).toThrow('Series 0 has 1 steps; expected 2 or more');
    expect(() => fitSeriesProfile([series([1, 2, 3])], { skip: 0.9, insert: 0.2 })).toThrow('sum is below 1');
    expect(() => findSeries(profiles[0]!, series([1, 2]), { rate: 2 })).toThrow(
      'rate: expected a probability',
    );
  });
});
