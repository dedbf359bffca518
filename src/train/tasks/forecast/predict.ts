import { dataError } from '../../../core/errors.ts';
import { openFrameRunner, openWindowRunner } from '../../../models/forecaster/runner.ts';
import type { ForecasterSpec } from '../../../models/forecaster/spec.ts';
import type { Model } from '../../../models/model.ts';
import type { CompileOptions } from '../../../runtime/compile.ts';
import { requireTargets } from './definition.ts';
import { forecastFrom, type StepForecasts } from './forecasts.ts';
import { frameLogits } from './frames.ts';
import type { SeriesData } from './series.ts';
import { timeAfter } from './times.ts';

/** What is forecast after the end of a series. */
export interface SeriesForecast {
  readonly id: string;
  /** The time of each step ahead, written as in the table; undefined where times are not given or not even. */
  readonly times: readonly string[] | undefined;
  /** Of real values. */
  readonly forecasts?: StepForecasts;
  /** Of binary targets, the probability of a 1 in the next frame. */
  readonly probabilities?: Float64Array;
}

/**
 * Forecasts the steps after the end of every series. Throws a data error for a series without a single value among the steps that are
 * looked back.
 * @example for (const { id, forecasts } of await forecastSeries(model, data)) console.log(id, forecasts.point);
 */
export async function forecastSeries(
  { spec, weights }: Pick<Model<ForecasterSpec>, 'spec' | 'weights'>,
  given: SeriesData,
  where: CompileOptions = {},
): Promise<SeriesForecast[]> {
  requireTargets(spec, given);
  const data = spec.covariates ? endedAtTruth(given, spec) : given;
  const { clock } = data;
  const timesAfter = ({ lastTime }: SeriesData['series'][number]) =>
    clock && lastTime !== undefined
      ? Array.from({ length: spec.horizon }, (_, h) => timeAfter(clock, lastTime, h + 1))
      : undefined;
  if (spec.output.kind === 'binary') {
    const ended = data.series.map(withEnd);
    const spans = ended.map(({ length }, series) => ({ series, from: length - 1, to: length }));
    const runner = await openFrameRunner(spec, weights, where);
    const sizes = { context: spec.context, width: spec.targets.length };
    const part = { data: { ...data, series: ended }, spans };
    const logits = await frameLogits(runner, part, sizes).finally(() => runner.close());
    return data.series.map((own, s) => ({
      id: own.id,
      times: timesAfter(own),
      probabilities: Float64Array.from(logits[s]!, (x) => 1 / (1 + Math.exp(-x))),
    }));
  }
  for (const { id, values, length } of data.series)
    if (values.subarray(Math.max(0, length - spec.context) * spec.targets.length).every(Number.isNaN))
      throw dataError(
        `series "${id}" has no value in its last ${spec.context === 1 ? 'step' : `${spec.context} steps`}, which is as far as the model looks back. Give rows up to a later time, or leave the series out.`,
      );
  const runner = await openWindowRunner(spec, weights, where);
  const origins = data.series.map(({ length }, series) => ({ series, origin: length }));
  const found = await forecastFrom(spec, runner, data, origins).finally(() => runner.close());
  return data.series.map((own, s) => ({ id: own.id, times: timesAfter(own), forecasts: found[s]! }));
}

/**
 * Series that end where their last value is; what rows say of covariates after that is kept. Throws a data error where they do not reach as far as
 * the forecast.
 */
function endedAtTruth(data: SeriesData, { targets, horizon, covariates }: ForecasterSpec): SeriesData {
  const series = data.series.map((own) => {
    const width = targets.length;
    let { length } = own;
    while (length > 0 && own.values.subarray((length - 1) * width, length * width).every(Number.isNaN))
      length--;
    const ahead = own.length - length;
    if (ahead < horizon)
      throw dataError(
        `series "${own.id}" has ${ahead} rows after its last value; ${covariates!.names.join(', ')} must be given for the ${horizon} steps that are forecast. Add rows with them, the cells of ${targets.join(', ')} empty.`,
      );
    const { lastTime } = own;
    const time = data.clock && lastTime !== undefined ? timeAfter(data.clock, lastTime, -ahead) : undefined;
    return { ...own, length, values: own.values.subarray(0, length * width), lastTime: time };
  });
  return { ...data, series };
}

/** The series with one more frame, which is the one to be foretold: what stands there is not looked at. */
const withEnd = (own: SeriesData['series'][number]): SeriesData['series'][number] => ({
  ...own,
  length: own.length + 1,
  values: grown(own.values, own.values.length / own.length),
});

function grown(values: Float64Array, by: number): Float64Array {
  const longer = new Float64Array(values.length + by);
  longer.set(values);
  return longer;
}
