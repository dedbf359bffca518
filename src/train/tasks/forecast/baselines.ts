import type { ForecasterSpec } from '../../../models/forecaster/spec.ts';
import { quantile } from '../../metrics/bootstrap.ts';
import { levelsOf, normalQuantiles, type StepForecasts } from './forecasts.ts';
import type { SeriesData, SeriesPart } from './series.ts';
import { forecastOrigins, type Origin } from './windows.ts';

/** Forecasts of one target from what lies before `origin`: as many numbers as steps ahead. */
type Baseline = (
  history: Float64Array,
  sizes: { horizon: number; context: number; season: number },
) => Float64Array;

/** What any forecast must beat. Each looks at the values of one target before a place, NaN where they are missing. */
export const forecastBaselines: Readonly<Record<string, Baseline>> = {
  'last value': (history, { horizon }) => new Float64Array(horizon).fill(lastOf(history)),
  'linear trend': linearTrend,
  'seasonal naive': seasonalNaive,
};

/** Which of them a season makes sense of: without one, the seasonal is the last value. */
export const baselineNames = (season: number): string[] =>
  Object.keys(forecastBaselines).filter((name) => season > 1 || name !== 'seasonal naive');

function lastOf(history: Float64Array): number {
  for (let t = history.length - 1; t >= 0; t--) if (!Number.isNaN(history[t]!)) return history[t]!;
  return Number.NaN;
}

/** The least-squares line through the last `context` steps, prolonged. */
function linearTrend(
  history: Float64Array,
  { horizon, context }: { horizon: number; context: number },
): Float64Array {
  const from = Math.max(0, history.length - context);
  let [count, meanT, meanY, tt, ty] = [0, 0, 0, 0, 0];
  for (let t = from; t < history.length; t++) {
    const y = history[t]!;
    if (Number.isNaN(y)) continue;
    count++;
    const off = t - meanT;
    meanT += off / count;
    meanY += (y - meanY) / count;
    tt += off * (t - meanT);
    ty += off * (y - meanY);
  }
  if (count < 2 || tt === 0) return new Float64Array(horizon).fill(lastOf(history));
  return Float64Array.from({ length: horizon }, (_, h) => meanY + (ty / tt) * (history.length + h - meanT));
}

/** What stood there one season before, or two where that is missing, and so on; else the last value. */
function seasonalNaive(
  history: Float64Array,
  { horizon, season }: { horizon: number; season: number },
): Float64Array {
  const n = history.length;
  return Float64Array.from({ length: horizon }, (_, h) => {
    for (let t = n + h - season * Math.ceil((h + 1) / season); t >= 0; t -= season)
      if (!Number.isNaN(history[t]!)) return history[t]!;
    return lastOf(history);
  });
}

/** Errors of a baseline on training data, for each step ahead and target (row-major), sorted. */
type Spread = readonly Float64Array[];

const mostTrained = 4096;

/** How far a baseline was off on the training part: what its own intervals are made of. */
export function baselineSpread(name: string, train: SeriesPart, spec: ForecasterSpec): Spread {
  const origins = forecastOrigins(train, spec, { most: mostTrained });
  const points = baselinePoints(name, train.data, origins, spec);
  const cells = spec.horizon * spec.targets.length;
  return Array.from({ length: cells }, (_, cell) => {
    const errors = origins.map(({ series, origin }, w) => {
      const truth = train.data.series[series]!.values[origin * spec.targets.length + cell]!;
      return truth - points[w]![cell]!;
    });
    return Float64Array.from(errors.filter((e) => !Number.isNaN(e))).sort();
  });
}

/**
 * Forecasts of a baseline. With the errors that it made on training data come intervals: the point and the quantiles of those errors at
 * each step ahead; for a normal forecast their root mean square.
 */
export function baselineForecasts(
  name: string,
  data: SeriesData,
  origins: readonly Origin[],
  spec: ForecasterSpec,
  spread?: Spread | undefined,
): StepForecasts[] {
  const points = baselinePoints(name, data, origins, spec);
  if (!spread?.every(({ length }) => length > 0)) return points.map((point) => ({ point }));
  const levels = levelsOf(spec);
  if (spec.output.kind === 'gaussian') {
    const deviation = Float64Array.from(spread, (errors) =>
      Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length),
    );
    return points.map((point) => ({
      point,
      deviation,
      quantiles: normalQuantiles(point, deviation, levels),
    }));
  }
  const off = spread.map((errors) => levels.map((level) => quantile(errors, level)));
  return points.map((point) => ({
    point,
    quantiles: Float64Array.from(
      { length: point.length * levels.length },
      (_, i) =>
        point[Math.floor(i / levels.length)]! + off[Math.floor(i / levels.length)]![i % levels.length]!,
    ),
  }));
}

function baselinePoints(
  name: string,
  { series, targets }: SeriesData,
  origins: readonly Origin[],
  sizes: ForecasterSpec,
): Float64Array[] {
  const k = targets.length;
  const columns = series.map(({ values, length }) =>
    targets.map((_, target) => Float64Array.from({ length }, (_, t) => values[t * k + target]!)),
  );
  return origins.map(({ series: s, origin }) => {
    const point = new Float64Array(sizes.horizon * k);
    columns[s]!.forEach((column, target) => {
      forecastBaselines[name]!(column.subarray(0, origin), sizes).forEach((y, h) => {
        point[h * k + target] = y;
      });
    });
    return point;
  });
}
