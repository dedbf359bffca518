import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seasonal, seriesOf } from './forecast.fixture.ts';
import { fitScaling, type SeriesData, stepTotal, wholePart } from './series.ts';
import { holdBackSeries, holdBackTime } from './split.ts';
import { forecastOrigins, windowBefore } from './windows.ts';

const numbers = (n: number) => Array.from({ length: n }, (_, t) => t);

describe('holding back the end', () => {
  it('property: training, validation and test follow one another, and no step is forecast in two', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 40, max: 90 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 30 }),
        (lengths, horizon, context) => {
          const data = seriesOf(...lengths.map(numbers));
          const tested = holdBackTime(wholePart(data), { share: 0.2, horizon });
          const judged = holdBackTime(tested.rest, { share: 0.1, horizon });
          const parts = [judged.rest, judged.held, tested.held];
          expect(parts.reduce((sum, part) => sum + stepTotal(part), 0)).toBe(
            lengths.reduce((a, b) => a + b, 0),
          );
          lengths.forEach((_, series) => {
            const forecast = parts.map((part) =>
              forecastOrigins(part, { context, horizon })
                .filter((o) => o.series === series)
                .flatMap(({ origin }) => numbers(horizon).map((h) => origin + h)),
            );
            for (const [earlier, later] of [
              [0, 1],
              [1, 2],
            ] as const)
              expect(Math.max(...forecast[earlier]!)).toBeLessThan(Math.min(...forecast[later]!));
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('by times, cuts all series at one moment', () => {
    const plain = seriesOf(numbers(20), numbers(10));
    const starts = [0, 10];
    const data: SeriesData = {
      ...plain,
      series: plain.series.map((own, s) => ({
        ...own,
        times: Float64Array.from({ length: own.length }, (_, t) => starts[s]! + t),
      })),
    };
    const { rest, held } = holdBackTime(wholePart(data), { share: 0.2, horizon: 2 });
    expect(held.spans).toEqual([
      { series: 0, from: 16, to: 20 },
      { series: 1, from: 6, to: 10 },
    ]);
    expect(rest.spans.map(({ to }) => to)).toEqual([16, 6]);
  });

  it('holds back a whole horizon at least, and says where steps do not suffice', () => {
    const part = wholePart(seriesOf(numbers(30)));
    expect(stepTotal(holdBackTime(part, { share: 0.1, horizon: 8 }).held)).toBe(8);
    expect(() => holdBackTime(part, { share: 0.1, horizon: 20 })).toThrow(
      /of 30 steps, 20 cannot be held back for the test part and leave enough/,
    );
    expect(() => holdBackTime(part, { share: 0.1, horizon: 30 })).toThrow(
      /the longest series has 30 steps; a horizon of 30 needs at least 31/,
    );
  });

  it('fits scaling to what training sees alone', () => {
    const values = [...numbers(10), 1e6, 1e6];
    const { rest } = holdBackTime(wholePart(seriesOf(values)), { share: 2 / 12, horizon: 2 });
    const { mean, deviation } = fitScaling(rest);
    expect(mean[0]).toBeCloseTo(4.5, 12);
    expect(deviation[0]).toBeCloseTo(Math.sqrt(8.25), 12);
  });

  it('of series of many levels, the deviation is that within series', () => {
    const { mean, deviation } = fitScaling(wholePart(seriesOf([0, 2], [1000, 1002])));
    expect([mean, deviation]).toEqual([[501], [1]]);
    expect(() => fitScaling(wholePart(seriesOf([5, 5], [7, 7])))).toThrow(
      '"y" is 5 in all 4 rows of the training part that have a value, or constant in each series',
    );
  });

  it('a constant target and one without values are refused', () => {
    expect(() => fitScaling(wholePart(seriesOf([5, 5, Number.NaN, 5])))).toThrow(
      '"y" is 5 in all 3 rows of the training part that have a value: there is nothing to forecast.',
    );
    expect(() => fitScaling(wholePart(seriesOf([Number.NaN])))).toThrow(
      '"y" has no value in the training part',
    );
  });
});

describe('holding back series', () => {
  it('takes whole ones, the same for the same seed', () => {
    const part = wholePart(seriesOf(...Array.from({ length: 10 }, (_, i) => seasonal(20, { seed: i }))));
    const hold = (seed: number) =>
      holdBackSeries(part, { share: 0.3, seed, name: 'test', horizon: 2 }).held.spans.map((s) => s.series);
    expect(hold(1)).toHaveLength(3);
    expect(hold(1)).toEqual(hold(1));
    expect([hold(2), hold(3), hold(4)].some((other) => other.join() !== hold(1).join())).toBe(true);
  });

  it('needs two', () => {
    const alone = wholePart(seriesOf(numbers(20)));
    expect(() => holdBackSeries(alone, { share: 0.5, seed: 1, name: 'test', horizon: 2 })).toThrow(
      'there is only one series to hold test series back from',
    );
  });
});

describe('windows', () => {
  it('hold what stands before them and nothing else', () => {
    const scaled = Float64Array.of(1, Number.NaN, 3, 4, 99);
    const { values, seen } = windowBefore(scaled, 4, { context: 6, width: 1 });
    expect(Array.from(values)).toEqual([0, 0, 1, 0, 3, 4]);
    expect(Array.from(seen)).toEqual([0, 0, 1, 0, 1, 1]);
  });

  it('of short series look back half of what there is; places without truth or past are left out', () => {
    const part = wholePart(seriesOf([1, 2, 3, 4, 5], [Number.NaN, Number.NaN, 3, 4, Number.NaN]));
    expect(forecastOrigins(part, { context: 100, horizon: 1 })).toEqual([
      { series: 0, origin: 2 },
      { series: 0, origin: 3 },
      { series: 0, origin: 4 },
      { series: 1, origin: 3 },
    ]);
  });
});
