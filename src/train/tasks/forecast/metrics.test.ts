import { describe, expect, it } from 'vitest';
import { exampleForecaster } from '../../../models/forecaster/forecaster.fixture.ts';
import type { ForecasterSpec } from '../../../models/forecaster/spec.ts';
import { baselineForecasts, baselineSpread } from './baselines.ts';
import { randomWalk, seasonal, seriesOf } from './forecast.fixture.ts';
import { drawsOf, forecastMetrics, type Judged, naiveScales, skillOver } from './metrics.ts';
import { normalCrps } from './normal.ts';
import type { SeriesData } from './series.ts';
import { wholePart } from './series.ts';
import { forecastOrigins } from './windows.ts';

const specOf = (given: Partial<ForecasterSpec> = {}): ForecasterSpec =>
  exampleForecaster({
    targets: ['y'],
    mean: [0],
    deviation: [1],
    horizon: 2,
    season: 1,
    context: 4,
    ...given,
  }).spec;
const options = { seed: 1, resamples: 200 };
const judge = (data: SeriesData, spec: ForecasterSpec): Judged => {
  const origins = forecastOrigins(wholePart(data), spec);
  return { data, origins, spec, scales: naiveScales(data, origins, spec.season) };
};

describe('metrics of forecasts', () => {
  const data = seriesOf([1, 2, 4, 4, 7, 5]);
  const spec = specOf({ output: { kind: 'quantiles', levels: [0.1, 0.5, 0.8] } });
  // One place, from which 7 and 5 are forecast.
  const place = [{ series: 0, origin: 4 }];
  const judged: Judged = { data, spec, origins: place, scales: naiveScales(data, place, 1) };
  const quantiles = Float64Array.of(5, 6, 9, 5.5, 7, 8);
  const forecasts = [{ point: Float64Array.of(6, 7), quantiles }];

  it('are what their definitions say', () => {
    const { mae, rmse, mase, pinball, coverage, crps } = forecastMetrics(
      judged,
      forecasts,
      drawsOf(judged.origins, 2),
      options,
    );
    expect(mae!.value).toBeCloseTo((1 + 2) / 2, 12);
    expect(rmse!.value).toBeCloseTo(Math.sqrt((1 + 4) / 2), 12);
    // Before the place the series moves by 1, 2 and 0.
    expect(mase!.value).toBeCloseTo(1.5 / 1, 12);
    const loss = (0.1 * 2 + 0.5 * 1 + 0.2 * 2 + 0.9 * 0.5 + 0.5 * 2 + 0.2 * 3) / 6;
    expect(pinball!.value).toBeCloseTo(loss, 12);
    expect(coverage!.value).toBe(0.5);
    expect(crps).toBeUndefined();
    expect(mae!.low).toBeUndefined();
  });

  it('missing truth counts for nothing, and CRPS is that of the normal distribution', () => {
    const gaps = seriesOf([1, 2, 4, 4, 7, Number.NaN]);
    const gaussian = specOf({ output: { kind: 'gaussian', levels: [0.5] } });
    const found = forecastMetrics(
      { ...judged, data: gaps, spec: gaussian },
      [{ point: Float64Array.of(6, 7), deviation: Float64Array.of(2, 1), quantiles: Float64Array.of(6, 7) }],
      drawsOf(judged.origins, 2),
      options,
    );
    expect(found.mae!.value).toBe(1);
    expect(found.crps!.value).toBeCloseTo(normalCrps(6, 2, 7), 12);
    expect(found.coverage).toBeUndefined();
  });

  it('MASE of the seasonal naive forecast is about 1 where nothing changes, and undefined for what repeats exactly', () => {
    const wave = seriesOf(Array.from({ length: 40 }, (_, t) => t % 4));
    const own = judge(wave, specOf({ season: 4 }));
    const naive = baselineForecasts('seasonal naive', wave, own.origins, own.spec);
    const { mae, mase } = forecastMetrics(own, naive, drawsOf(own.origins, 2), options);
    expect([mae!.value, mase!.value]).toEqual([0, null]);
    const noisy = seriesOf(seasonal(400, { noise: 1 }));
    const again = judge(noisy, specOf({ season: 12, horizon: 12, context: 100 }));
    const found = forecastMetrics(
      again,
      baselineForecasts('seasonal naive', noisy, again.origins, again.spec),
      drawsOf(again.origins, 12),
      options,
    );
    expect(found.mase!.value).toBeGreaterThan(0.85);
    expect(found.mase!.value).toBeLessThan(1.15);
    expect(found.mase!.low).toBeLessThan(found.mase!.value!);
  });
});

describe('baselines', () => {
  const sizes = specOf({ horizon: 4, season: 3, context: 5 });
  const at = (name: string, values: number[]) =>
    Array.from(
      baselineForecasts(name, seriesOf(values), [{ series: 0, origin: values.length }], sizes)[0]!.point,
    );

  it('say the last value, the line and the season before', () => {
    expect(at('last value', [1, 2, 3, Number.NaN])).toEqual([3, 3, 3, 3]);
    const line = at('linear trend', [9, 9, 1, 3, 5, Number.NaN, 9]);
    line.forEach((y, h) => {
      expect(y).toBeCloseTo(11 + 2 * h, 9);
    });
    expect(at('seasonal naive', [1, 2, 3, 4, 5, 6])).toEqual([4, 5, 6, 4]);
    expect(at('seasonal naive', [1, 2, 3, Number.NaN, 5, 6])).toEqual([1, 5, 6, 1]);
  });

  it('have intervals from their errors on training data, which hold as much as they say on more of the same', () => {
    const walks = Array.from({ length: 30 }, (_, i) => randomWalk(60, i));
    const spec = specOf({ horizon: 3, output: { kind: 'quantiles', levels: [0.1, 0.5, 0.9] } });
    const spread = baselineSpread('last value', wholePart(seriesOf(...walks.slice(0, 15))), spec);
    const own = judge(seriesOf(...walks.slice(15)), spec);
    const naive = baselineForecasts('last value', own.data, own.origins, spec, spread);
    const { coverage } = forecastMetrics(own, naive, drawsOf(own.origins, 3), options);
    expect(coverage!.value).toBeGreaterThan(0.74);
    expect(coverage!.value).toBeLessThan(0.86);
  });

  it('skill over oneself is 0, over a worse forecast above it', () => {
    const data = seriesOf(seasonal(120));
    const own = judge(data, specOf({ horizon: 6, season: 12, context: 24 }));
    const [last, season] = ['last value', 'seasonal naive'].map((name) =>
      baselineForecasts(name, data, own.origins, own.spec),
    );
    const draws = drawsOf(own.origins, 6);
    expect(skillOver(own, last!, last!, draws, options).skill).toEqual({ value: 0, low: 0, high: 0 });
    expect(skillOver(own, season!, last!, draws, options).skill!.low).toBeGreaterThan(0);
  });
});
