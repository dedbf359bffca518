import { dataError } from '../../../core/errors.ts';
import type { SourceDigest } from '../../../data/source.ts';
import type { NodeGraph } from '../../../models/forecaster/node-graph.ts';
import type { CovariateSpec } from '../../../models/forecaster/spec.ts';
import type { Clock } from './times.ts';

/** One series: as many steps as it has, one after the other at even distances. */
export interface TimeSeries {
  readonly id: string;
  readonly length: number;
  /** Row-major [length, targets]; NaN where a value is missing. */
  readonly values: Float64Array;
  /** Row-major [length, covariates]: what is known of each step beforehand; NaN where it is missing. */
  readonly covariates?: Float64Array | undefined;
  /** When each step was, where the table says so: numbers, or milliseconds since 1970. */
  readonly times: Float64Array | undefined;
  /** The last time as it is written there. */
  readonly lastTime: string | undefined;
}

/** What a forecaster learns from or is judged on. */
export interface SeriesData {
  readonly targets: readonly string[];
  readonly series: readonly TimeSeries[];
  /** Columns that are known of steps to come, too; none where it is left out. */
  readonly covariates?: readonly string[] | undefined;
  /** The distance of steps, where times are given and even. */
  readonly clock: Clock | undefined;
  /** The columns of times and of the names of series. */
  readonly columns: { readonly time: string | null; readonly group: string | null };
  /** Where the series of the nodes of a graph stand beside one another as one (see `besideOneAnother`). */
  readonly graph?: NodeGraph | undefined;
  readonly notes: readonly string[];
  readonly sources: readonly SourceDigest[];
}

/** Steps [from, to) of a series that are to be forecast, whole horizons at a time; what lies before may be looked at. */
export interface Span {
  readonly series: number;
  readonly from: number;
  readonly to: number;
}

/** A part of data: what is forecast there. No step stands in two parts of one division. */
export interface SeriesPart {
  readonly data: SeriesData;
  readonly spans: readonly Span[];
}

/** All steps of all series. */
export const wholePart = (data: SeriesData): SeriesPart => ({
  data,
  spans: data.series.map(({ length }, series) => ({ series, from: 0, to: length })),
});

/** Steps in all. */
export const stepTotal = ({ spans }: Pick<SeriesPart, 'spans'>): number =>
  spans.reduce((sum, { from, to }) => sum + to - from, 0);

/** Steps together, and how many of their values are missing. */
export function missingValues({ series }: SeriesData): { values: number; missing: number } {
  let [values, missing] = [0, 0];
  for (const own of series) {
    values += own.values.length;
    for (const x of own.values) if (Number.isNaN(x)) missing++;
  }
  return { values, missing };
}

/** How values are scaled: of each target, by the values that training sees. */
export interface Scaling {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/**
 * Mean of each target over the steps of a training part, its targets and what is looked at before them, and its deviation within series: how
 * far values lie from the mean of their own series, so that series of many levels are not all taken for flat. Throws a data error for a
 * target without a value there, and for one that never changes.
 */
export function fitScaling(part: SeriesPart): Scaling {
  const moments = part.data.targets.map((name, target) => {
    const each = part.spans.map(({ series, to }) => spreadOf(part.data, { series, to, target }));
    const count = each.reduce((sum, own) => sum + own.count, 0);
    if (count === 0)
      throw dataError(
        `"${name}" has no value in the training part; expected numbers. Leave the column out of --target, or give more rows.`,
      );
    const mean = each.reduce((sum, own) => sum + (own.mean * own.count) / count, 0);
    const within = Math.sqrt(each.reduce((sum, own) => sum + own.squares, 0) / count);
    if (!Number.isFinite(within))
      throw dataError(
        `"${name}" has values too large to compute with (beyond 1e150). Give it in another unit.`,
      );
    const largest = Math.max(...each.map((own) => Math.abs(own.mean)));
    if (!(within > 1e-12 * largest))
      throw dataError(
        `"${name}" is ${each.find((own) => own.count > 0)!.mean} in all ${count} rows of the training part that have a value${each.length > 1 ? ', or constant in each series' : ''}: there is nothing to forecast. Leave the column out of --target, or give rows in which it changes.`,
      );
    return { mean, deviation: within };
  });
  return { mean: moments.map((m) => m.mean), deviation: moments.map((m) => m.deviation) };
}

/** Count, mean and sum of squared deviations of a target before a step, by Welford's recurrence: large values that differ little keep their digits. */
function spreadOf(
  { series, targets }: SeriesData,
  { series: s, to, target }: { series: number; to: number; target: number },
): { count: number; mean: number; squares: number } {
  const { values } = series[s]!;
  let [count, mean, squares] = [0, 0, 0];
  for (let i = target; i < to * targets.length; i += targets.length) {
    const x = values[i]!;
    if (Number.isNaN(x)) continue;
    count++;
    const off = x - mean;
    mean += off / count;
    squares += off * (x - mean);
  }
  return { count, mean, squares };
}

/**
 * How covariates become numbers: mean and deviation over the steps of a training part and before; a missing one counts as the mean. Throws a
 * data error for a column without a value.
 */
export function fitCovariates({ data, spans }: SeriesPart): CovariateSpec | undefined {
  const { covariates: names = [], series } = data;
  if (names.length === 0) return undefined;
  const moments = names.map((name, c) => {
    const seen = spans.flatMap(({ series: s, to }) =>
      Array.from({ length: to }, (_, t) => series[s]!.covariates![t * names.length + c]!).filter(
        (x) => !Number.isNaN(x),
      ),
    );
    if (seen.length === 0)
      throw dataError(`"${name}" has no value in the training part. Leave --covariate ${name} out.`);
    const mean = seen.reduce((sum, x) => sum + x / seen.length, 0);
    const square = seen.reduce((sum, x) => sum + (x - mean) ** 2 / seen.length, 0);
    return { mean, deviation: Math.sqrt(square) || 1 };
  });
  return { names: [...names], mean: moments.map((m) => m.mean), deviation: moments.map((m) => m.deviation) };
}

/** Covariates of every series as (value − mean) / deviation, 0 where they are missing. */
export const scaledCovariates = (
  { series }: SeriesData,
  { names, mean, deviation }: CovariateSpec,
): Float64Array[] =>
  series.map(({ covariates }) =>
    covariates!.map((x, i) =>
      Number.isNaN(x) ? 0 : (x - mean[i % names.length]!) / deviation[i % names.length]!,
    ),
  );

/** Values of every series as (value − mean) / deviation. */
export const scaledValues = ({ series, targets }: SeriesData, { mean, deviation }: Scaling): Float64Array[] =>
  series.map(({ values }) =>
    values.map((x, i) => (x - mean[i % targets.length]!) / deviation[i % targets.length]!),
  );
