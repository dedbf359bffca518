import { openFrameRunner, openWindowRunner } from '../../../models/forecaster/runner.ts';
import type { ForecasterSpec } from '../../../models/forecaster/spec.ts';
import type { Model } from '../../../models/model.ts';
import type { CompileOptions } from '../../../runtime/compile.ts';
import type { Metrics, MetricValue } from '../../metrics/evaluation.ts';
import { baselineForecasts, baselineNames, baselineSpread } from './baselines.ts';
import { requireTargets } from './definition.ts';
import { forecastFrom, type StepForecasts } from './forecasts.ts';
import { assessFrames } from './frame-metrics.ts';
import { frameLogits, requireFrames } from './frames.ts';
import {
  drawsOf,
  forecastMetrics,
  type Judged,
  maeOfStep,
  naiveScales,
  skillOver,
  targetMetrics,
} from './metrics.ts';
import type { SeriesPart } from './series.ts';
import { forecastOrigins } from './windows.ts';

/** What a forecaster is held against, and where it runs. */
export interface ForecastAssessOptions extends CompileOptions {
  /** What the model was trained on: baselines take the width of their intervals, or their frequencies, from it. */
  train?: SeriesPart | undefined;
  seed?: number;
  resamples?: number;
}

/** How well a forecaster does on steps that it has not seen. */
export interface ForecastAssessment {
  readonly metrics: Metrics;
  readonly baselines: Record<string, Metrics>;
  /** Against the best of the baselines, chosen on the same data, which favours it. */
  readonly against: { readonly name: string; readonly skill: MetricValue } | undefined;
  /** MAE of the model and of each baseline at each step ahead; none for binary targets. */
  readonly steps: readonly { readonly step: number; readonly mae: Readonly<Record<string, number>> }[];
  /** Of each target in its own unit; none for binary targets. */
  readonly targets: readonly { name: string; mae: number; rmse: number; mase: number }[];
  /** Places that were forecast from, or frames. */
  readonly count: number;
  /** What the intervals draw, in words; undefined where there was too little to draw from. */
  readonly drawn: string | undefined;
  /** The forecasts and what came true, of real values. */
  readonly forecasts: readonly StepForecasts[];
  readonly judged: Judged | undefined;
}

/** More places are thinned out evenly. */
const mostJudged = 20_000;

/**
 * Forecasts from every place of a part (walk-forward, with weights as they are), beside the last value, a line through the context and the
 * season before. Metrics: MAE, RMSE (both in the unit of the target, averaged over targets), MASE (Hyndman and Koehler 2006), pinball loss,
 * coverage of the interval between the outermost quantiles, CRPS of normal forecasts; of binary targets nats per frame and accuracy
 * of frames. Intervals draw series, or blocks of neighbouring places.
 */
export async function assessForecaster(
  { spec, weights }: Pick<Model<ForecasterSpec>, 'spec' | 'weights'>,
  test: SeriesPart,
  { train, seed = 42, resamples = 1000, ...where }: ForecastAssessOptions = {},
): Promise<ForecastAssessment> {
  requireTargets(spec, test.data);
  if (train) requireTargets(spec, train.data);
  const options = { seed, resamples };
  if (spec.output.kind === 'binary') {
    requireFrames(test, 'test');
    const runner = await openFrameRunner(spec, weights, where);
    const sizes = { context: spec.context, width: spec.targets.length };
    const logits = await frameLogits(runner, test, sizes).finally(() => runner.close());
    return assessFrames(test, logits, train, options);
  }
  const origins = forecastOrigins(test, spec, { most: mostJudged });
  const runner = await openWindowRunner(spec, weights, where);
  const forecasts = await forecastFrom(spec, runner, test.data, origins).finally(() => runner.close());
  const judged: Judged = {
    ...{ data: test.data, origins, spec },
    scales: naiveScales(test.data, origins, spec.season),
  };
  const draws = drawsOf(origins, spec.horizon);
  const simple = Object.fromEntries(
    baselineNames(spec.season).map((name) => {
      const spread = train && baselineSpread(name, train, spec);
      return [name, baselineForecasts(name, test.data, origins, spec, spread)];
    }),
  );
  const none = { seed, resamples: 0 };
  const baselines = Object.fromEntries(
    Object.entries(simple).map(([name, own]) => [name, forecastMetrics(judged, own, draws, none)]),
  );
  const best = bestOf(baselines);
  const { skill } = skillOver(judged, forecasts, simple[best]!, draws, options);
  return {
    metrics: { ...forecastMetrics(judged, forecasts, draws, options), skill: skill! },
    baselines,
    against: { name: best, skill: skill! },
    steps: Array.from({ length: spec.horizon }, (_, h) => ({
      step: h + 1,
      mae: Object.fromEntries(
        Object.entries({ model: forecasts, ...simple }).map(([name, own]) => [
          name,
          maeOfStep(judged, own, h),
        ]),
      ),
    })),
    targets: targetMetrics(judged, forecasts),
    count: origins.length,
    drawn: draws.enough ? draws.of : undefined,
    ...{ forecasts, judged },
  };
}

/** The baseline with the smallest MAE. */
function bestOf(baselines: Record<string, Metrics>): string {
  const mae = (name: string) => baselines[name]!.mae?.value ?? Number.POSITIVE_INFINITY;
  return Object.keys(baselines).reduce((a, b) => (mae(b) < mae(a) ? b : a));
}
