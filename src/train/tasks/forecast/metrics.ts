import type { ForecasterSpec } from '../../../models/forecaster/spec.ts';
import { bootstrap } from '../../metrics/bootstrap.ts';
import type { Metrics } from '../../metrics/evaluation.ts';
import type { Scorer } from '../../metrics/scorers.ts';
import { weightedCounts } from '../../metrics/text-scorer.ts';
import { levelsOf, type StepForecasts } from './forecasts.ts';
import { normalCrps } from './normal.ts';
import type { SeriesData } from './series.ts';
import type { Origin } from './windows.ts';

/** Sums over the steps of a window, for each target. */
const sums = ['count', 'absolute', 'squared', 'scaled', 'scaledCount', 'pinball', 'covered', 'crps'] as const;
type Sum = (typeof sums)[number];

/** What forecasts are measured against. */
export interface Judged {
  readonly data: SeriesData;
  readonly origins: readonly Origin[];
  readonly spec: ForecasterSpec;
  /** What an error of 1 is in MASE, for each series and target; NaN where that is not defined. */
  readonly scales: readonly (readonly number[])[];
}

/**
 * The mean |yₜ − yₜ₋ₘ| of each series and target over the steps before the first place that is forecast from, m being the season: the error
 * of the seasonal naive forecast in sample (Hyndman and Koehler 2006). NaN where there is no such pair, or where the series repeats exactly.
 */
export function naiveScales({ series, targets }: SeriesData, origins: readonly Origin[], season: number) {
  const first = new Map<number, number>();
  for (const { series: s, origin } of origins)
    first.set(s, Math.min(origin, first.get(s) ?? Number.POSITIVE_INFINITY));
  return series.map(({ values }, s) =>
    targets.map((_, target) => {
      let [sum, count] = [0, 0];
      for (let t = season; t < (first.get(s) ?? 0); t++) {
        const change = values[t * targets.length + target]! - values[(t - season) * targets.length + target]!;
        if (Number.isNaN(change)) continue;
        sum += Math.abs(change);
        count++;
      }
      return sum > 0 ? sum / count : Number.NaN;
    }),
  );
}

/** Sums of each window, row-major [targets, sums]. */
export function windowSums(
  { data, origins, spec, scales }: Judged,
  forecasts: readonly StepForecasts[],
  { step }: { step?: number } = {},
): Float64Array[] {
  const k = data.targets.length;
  const levels = levelsOf(spec);
  const steps = step === undefined ? Array.from({ length: spec.horizon }, (_, h) => h) : [step];
  return origins.map(({ series, origin }, w) => {
    const row = new Float64Array(k * sums.length);
    const { point, quantiles, deviation } = forecasts[w]!;
    for (const h of steps)
      for (let target = 0; target < k; target++) {
        const cell = h * k + target;
        const y = data.series[series]!.values[(origin + h) * k + target]!;
        if (Number.isNaN(y) || Number.isNaN(point[cell]!)) continue;
        const add = (name: Sum, amount: number) => {
          row[target * sums.length + sums.indexOf(name)]! += amount;
        };
        const error = Math.abs(y - point[cell]!);
        const scale = scales[series]![target]!;
        add('count', 1);
        add('absolute', error);
        add('squared', error * error);
        if (!Number.isNaN(scale)) {
          add('scaled', error / scale);
          add('scaledCount', 1);
        }
        if (quantiles) {
          const own = quantiles.subarray(cell * levels.length, (cell + 1) * levels.length);
          add('pinball', pinballOf(own, levels, y));
          add('covered', y >= own[0]! && y <= own[own.length - 1]! ? 1 : 0);
        }
        if (deviation) add('crps', normalCrps(point[cell]!, deviation[cell]!, y));
      }
    return row;
  });
}

/** The mean over levels of max(q (y − x), (q − 1)(y − x)). */
function pinballOf(quantiles: Float64Array, levels: readonly number[], y: number): number {
  let sum = 0;
  quantiles.forEach((x, i) => {
    const q = levels[i]!;
    sum += Math.max(q * (y - x), (q - 1) * (y - x));
  });
  return sum / levels.length;
}

/** Each metric as a function of sums; the mean over the targets where it is defined. */
function scorerOf(rows: readonly Float64Array[], names: readonly string[]): Scorer {
  const width = rows[0]!.length;
  const each: Record<string, (of: (name: Sum) => number) => number> = {
    mae: (of) => of('absolute') / of('count'),
    rmse: (of) => Math.sqrt(of('squared') / of('count')),
    mase: (of) => of('scaled') / of('scaledCount'),
    pinball: (of) => of('pinball') / of('count'),
    coverage: (of) => of('covered') / of('count'),
    crps: (of) => of('crps') / of('count'),
  };
  return {
    names,
    score(weights) {
      const totals = weightedCounts(rows, width, weights);
      return names.map((name) => {
        let [sum, count] = [0, 0];
        for (let at = 0; at < width; at += sums.length) {
          const value = each[name]!((s) => totals[at + sums.indexOf(s)]!);
          if (!Number.isFinite(value)) continue;
          sum += value;
          count++;
        }
        return sum / count;
      });
    },
  };
}

/** How intervals are made. */
export interface IntervalOptions {
  readonly seed: number;
  /** 0: none. */
  readonly resamples: number;
}

/** What the bootstrap draws. */
export interface Draws {
  readonly groups: readonly string[];
  /** In words. */
  readonly of: string;
  /** Whether there are enough of them. */
  readonly enough: boolean;
}

const enoughSeries = 20;
const fewestDraws = 8;

/**
 * What is drawn as one: whole series where there are 20 or more, else blocks of neighbouring places at least as long as the horizon, since
 * forecasts whose steps overlap err alike (non-overlapping block bootstrap, Carlstein 1986).
 */
export function drawsOf(origins: readonly Origin[], horizon: number): Draws {
  const series = new Set(origins.map((o) => o.series));
  if (series.size >= enoughSeries)
    return { groups: origins.map((o) => `${o.series}`), of: `${series.size} series`, enough: true };
  const length = Math.max(horizon, Math.ceil(origins.length / 200));
  const last = origins.at(-1)?.origin ?? 0;
  const groups = origins.map((o) => `${o.series} ${Math.floor((last - o.origin) / length)}`);
  const count = new Set(groups).size;
  return { groups, of: `${count} blocks of up to ${length} places`, enough: count >= fewestDraws };
}

/** Metrics of forecasts with intervals; those of intervals and distributions only where there are some. */
export function forecastMetrics(
  judged: Judged,
  forecasts: readonly StepForecasts[],
  draws: Draws,
  options: IntervalOptions,
): Metrics {
  const [first] = forecasts;
  const levels = levelsOf(judged.spec);
  const names = [
    ...['mae', 'rmse', 'mase'],
    ...(first?.quantiles ? ['pinball', ...(levels.length > 1 ? ['coverage'] : [])] : []),
    ...(first?.deviation ? ['crps'] : []),
  ];
  return measured(scorerOf(windowSums(judged, forecasts), names), draws, options);
}

/** 1 − MAE / MAE of a baseline, both on the same draws: above 0 where the model is better. */
export function skillOver(
  judged: Judged,
  forecasts: readonly StepForecasts[],
  baseline: readonly StepForecasts[],
  draws: Draws,
  options: IntervalOptions,
): Metrics {
  const [ours, theirs] = [forecasts, baseline].map((own) => scorerOf(windowSums(judged, own), ['mae']));
  const scorer: Scorer = {
    names: ['skill'],
    score: (weights) => [1 - ours!.score(weights)[0]! / theirs!.score(weights)[0]!],
  };
  return measured(scorer, draws, options);
}

/** Values of a scorer with percentile intervals, null where they are not defined. */
export function measured(scorer: Scorer, { groups, enough }: Draws, options: IntervalOptions): Metrics {
  const count = groups.length;
  const values = scorer.score(new Float64Array(count).fill(1));
  const bounds = options.resamples > 0 && enough ? bootstrap([scorer], count, { ...options, groups }) : {};
  const finite = (x: number | undefined) => (x !== undefined && Number.isFinite(x) ? x : undefined);
  return Object.fromEntries(
    scorer.names.map((name, i) => {
      const [low, high] = [finite(bounds[name]?.low), finite(bounds[name]?.high)];
      const value = finite(values[i]) ?? null;
      return [name, { value, ...(low !== undefined && high !== undefined && { low, high }) }];
    }),
  );
}

/** MAE of one step ahead, the mean over the targets. */
export const maeOfStep = (judged: Judged, forecasts: readonly StepForecasts[], step: number): number =>
  scorerOf(windowSums(judged, forecasts, { step }), ['mae']).score(
    new Float64Array(judged.origins.length).fill(1),
  )[0]!;

/** MAE, RMSE and MASE of each target, in its own unit. */
export function targetMetrics(judged: Judged, forecasts: readonly StepForecasts[]) {
  const rows = windowSums(judged, forecasts);
  const each = new Float64Array(rows.length).fill(1);
  return judged.data.targets.map((name, target) => {
    const own = rows.map((row) => row.subarray(target * sums.length, (target + 1) * sums.length));
    const [mae, rmse, mase] = scorerOf(own, ['mae', 'rmse', 'mase']).score(each);
    return { name, mae: mae!, rmse: rmse!, mase: mase! };
  });
}
