import type { WindowRunner } from '../../../models/forecaster/runner.ts';
import { type ForecasterSpec, medianOf, outputWidth } from '../../../models/forecaster/spec.ts';
import { normalQuantile } from './normal.ts';
import { type SeriesData, scaledCovariates, scaledValues } from './series.ts';
import { covariatesAround, type Origin, windowBefore } from './windows.ts';

/** The steps ahead of one place, in the units of the table. */
export interface StepForecasts {
  /** Row-major [horizon, targets]. */
  readonly point: Float64Array;
  /** Row-major [horizon, targets, levels]. */
  readonly quantiles?: Float64Array | undefined;
  /** Of normal forecasts, whose mean is `point`; row-major [horizon, targets]. */
  readonly deviation?: Float64Array | undefined;
}

/** The levels that a forecaster of real values writes down. */
export const levelsOf = ({ output }: ForecasterSpec): readonly number[] =>
  output.kind === 'binary' ? [] : output.levels;

/** Forecasts from places of series, a bounded number of windows at a time. */
export async function forecastFrom(
  spec: ForecasterSpec,
  runner: WindowRunner,
  data: SeriesData,
  origins: readonly Origin[],
): Promise<StepForecasts[]> {
  const scaled = scaledValues(data, spec);
  const beside = spec.covariates && scaledCovariates(data, spec.covariates);
  const known = spec.covariates?.names.length ?? 0;
  const width = spec.targets.length;
  const found: StepForecasts[] = [];
  for (let at = 0; at < origins.length; at += atOnce) {
    const windows = origins.slice(at, at + atOnce).map(({ series, origin }) => ({
      ...windowBefore(scaled[series]!, origin, { context: spec.context, width }),
      ...(beside && { covariates: covariatesAround(beside[series]!, origin, { ...spec, known }) }),
    }));
    for (const answer of await runner.run(windows)) found.push(inUnits(spec, answer));
  }
  return found;
}

const atOnce = 1024;

/** From units of the training data to those of the table; in double precision, so that large levels keep their digits. */
function inUnits(spec: ForecasterSpec, answer: Float32Array): StepForecasts {
  const { output, mean, deviation, targets } = spec;
  const each = outputWidth(output);
  const cells = answer.length / each;
  const back = (x: number, cell: number) =>
    mean[cell % targets.length]! + deviation[cell % targets.length]! * x;
  if (output.kind === 'gaussian') {
    const point = Float64Array.from({ length: cells }, (_, i) => back(answer[2 * i]!, i));
    const spread = Float64Array.from(
      { length: cells },
      (_, i) => answer[2 * i + 1]! * deviation[i % targets.length]!,
    );
    return { point, deviation: spread, quantiles: normalQuantiles(point, spread, output.levels) };
  }
  const quantiles = Float64Array.from(answer, (x, i) => back(x, Math.floor(i / each)));
  const middle = medianOf(levelsOf(spec));
  return { quantiles, point: Float64Array.from({ length: cells }, (_, i) => quantiles[i * each + middle]!) };
}

/** Quantiles of normal distributions, row-major [cells, levels]. */
export function normalQuantiles(mean: Float64Array, deviation: Float64Array, levels: readonly number[]) {
  const z = levels.map(normalQuantile);
  return Float64Array.from(
    { length: mean.length * z.length },
    (_, i) => mean[Math.floor(i / z.length)]! + deviation[Math.floor(i / z.length)]! * z[i % z.length]!,
  );
}
