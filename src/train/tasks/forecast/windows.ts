import { dataError } from '../../../core/errors.ts';
import type { Window } from '../../../models/forecaster/runner.ts';
import type { SeriesData, SeriesPart } from './series.ts';
import { tooShort } from './split.ts';

/** Steps [origin, origin + horizon) of a series are forecast from those before. */
export interface Origin {
  readonly series: number;
  readonly origin: number;
}

export interface WindowSizes {
  readonly context: number;
  readonly horizon: number;
}

/**
 * Every place of a part that a whole horizon can be forecast from, in the order of series and time. The first one looks back a whole context,
 * or, of a series that is too short for that, half of what there is. Left out are places with nothing seen before them or nothing
 * known after them. With `most`, every n-th, so that there are at most so many.
 *
 * Throws a data error where there is none.
 */
export function forecastOrigins(
  { data, spans }: SeriesPart,
  { context, horizon }: WindowSizes,
  { most = Number.POSITIVE_INFINITY } = {},
): Origin[] {
  const all = spans.flatMap(({ series, from, to }) => {
    const last = to - horizon;
    const first = Math.max(from, Math.min(context, Math.max(1, Math.ceil(last / 2))));
    const known = observed(data, series);
    const some = (a: number, b: number) => known[b]! > known[a]!;
    const origins: Origin[] = [];
    for (let origin = first; origin <= last; origin++)
      if (some(Math.max(0, origin - context), origin) && some(origin, origin + horizon))
        origins.push({ series, origin });
    return origins;
  });
  if (all.length === 0) {
    const longest = Math.max(0, ...data.series.map(({ length }) => length));
    if (longest <= horizon) throw tooShort(longest, horizon);
    throw dataError(
      `there is no step to forecast ${horizon} steps from: values are missing before or after all of them. Give more rows, a longer --context or a smaller --horizon.`,
    );
  }
  const every = Math.max(1, Math.ceil(all.length / most));
  return every === 1 ? all : all.filter((_, i) => i % every === 0);
}

/** How many values were observed before each step, [length + 1]. */
function observed({ series, targets }: SeriesData, index: number): Int32Array {
  const { values, length } = series[index]!;
  const counts = new Int32Array(length + 1);
  for (let t = 0; t < length; t++) {
    let here = 0;
    for (let k = 0; k < targets.length; k++) if (!Number.isNaN(values[t * targets.length + k]!)) here++;
    counts[t + 1] = counts[t]! + here;
  }
  return counts;
}

/** The covariates of the steps that are looked back and of those to come, row-major [context + horizon, covariates]; 0 beyond what there is. */
export function covariatesAround(
  scaled: Float64Array,
  origin: number,
  { context, horizon, known }: WindowSizes & { known: number },
): Float32Array {
  const found = new Float32Array((context + horizon) * known);
  for (let i = 0; i < found.length; i++) {
    const at = (origin - context) * known + i;
    if (at >= 0 && at < scaled.length) found[i] = scaled[at]!;
  }
  return found;
}

/** The steps before an origin as a network reads them, of scaled values row-major [length, targets]; what lies before the series is not seen. */
export function windowBefore(
  scaled: Float64Array,
  origin: number,
  { context, width }: { context: number; width: number },
): Window {
  const values = new Float32Array(context * width);
  const seen = new Float32Array(context * width);
  const from = origin - context;
  for (let t = Math.max(0, from); t < origin; t++)
    for (let k = 0; k < width; k++) {
      const x = scaled[t * width + k]!;
      if (Number.isNaN(x)) continue;
      values[(t - from) * width + k] = x;
      seen[(t - from) * width + k] = 1;
    }
  return { values, seen };
}
