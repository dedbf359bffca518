import type { Target } from '../../data/target.ts';
import { baselineAlarms, calibrationAlarms, dataAlarms, oneClassAlarms } from './alarms.ts';
import { affordableResamples, bootstrap, clusters } from './bootstrap.ts';
import { columnMetrics } from './column-metrics.ts';
import { confidentErrors } from './confident-errors.ts';
import { confusionMatrix } from './confusion.ts';
import { curves, scatters } from './curves.ts';
import type { Evaluation, Metrics } from './evaluation.ts';
import { checkPredictions, columnNames, mostProbable, type Predictions } from './predictions.ts';
import { calibrationBins } from './probability.ts';
import { onceEach } from './ranking.ts';
import { outcomes, scorers } from './scorers.ts';

/** Options of `evaluate`. */
export interface EvaluateOptions {
  seed?: number;
  /** Bootstrap resamples; 1000, and down to 200 where records × classes pass 300,000. 0 gives no intervals. */
  resamples?: number;
  /** Share of the bootstrap distribution within the intervals. */
  level?: number;
  /** Metrics of other predictions of the same records; not beating one raises an alarm. */
  baselines?: Record<string, Metrics>;
}

/**
 * Evaluates predictions: metrics with bootstrap intervals (clustered where `predictions.groups` is given), curves
 * thinned for drawing, calibration, alarms and the most confident errors. The same seed gives the same numbers.
 *
 * Classes: accuracy, balancedAccuracy, mcc, f1, auroc, auprc, brier, logLoss, ece. With two classes the last is
 * the positive one; with more, f1, auroc and auprc are means over the classes (one against the rest).
 * Labels (decided at 0.5): accuracy (all labels of a record right), labelAccuracy, and means over the labels; f1Micro
 * pools all decisions. Values: r2, pearson, spearman, rmse, mae, means over the values.
 * A metric that the data do not define (AUROC of one class, correlation of a constant) is null, never an error.
 *
 * @example evaluate({ ids: ['a', 'b'], target: { kind: 'values', names: ['y'], truth: Float64Array.of(1, 2) },
 *   values: Float64Array.of(1, 2) }).metrics.rmse // { value: 0, low: 0, high: 0 }
 * @throws SeqwrightError without a record, or where a truth or a prediction is not a number.
 */
export function evaluate(
  predictions: Predictions,
  { seed = 42, resamples, level = 0.95, baselines = {} }: EvaluateOptions = {},
): Evaluation {
  const { n, k } = checkPredictions(predictions);
  const { target, groups } = predictions;
  const times = resamples ?? affordableResamples(n, k);
  const metrics = metricValues(predictions, n, { seed, resamples: times, level });
  const material = outcomes(predictions);
  return {
    kind: target.kind,
    count: n,
    names: columnNames(target),
    metrics,
    intervals: { level, resamples: times, ...(groups && { groups: clusters(n, groups).count }) },
    columns: columnMetrics(predictions),
    ...(target.kind === 'classes' && { confusion: confusionTable(target, predictions.values) }),
    ...curves(predictions),
    ...(material && {
      calibration: { of: material.of, bins: calibrationBins(material.probabilities, material.happened) },
    }),
    ...(target.kind === 'values' && { scatter: scatters(predictions, { seed }) }),
    alarms: [
      ...oneClassAlarms(predictions),
      ...baselineAlarms(target.kind, metrics, baselines),
      ...calibrationAlarms(predictions),
      ...dataAlarms(predictions),
    ],
    confidentErrors: confidentErrors(predictions),
  };
}

/** Only the metrics with their intervals: what is kept of a baseline. */
export function evaluateMetrics(
  predictions: Predictions,
  { seed = 42, resamples, level = 0.95 }: Omit<EvaluateOptions, 'baselines'> = {},
): Metrics {
  const { n, k } = checkPredictions(predictions);
  return metricValues(predictions, n, { seed, resamples: resamples ?? affordableResamples(n, k), level });
}

function metricValues(
  predictions: Predictions,
  n: number,
  options: { seed: number; resamples: number; level: number },
): Metrics {
  const all = scorers(predictions);
  const bounds = bootstrap(all, n, { ...options, groups: predictions.groups });
  const once = onceEach(n);
  const metrics: Metrics = {};
  for (const { names, score } of all) {
    score(once).forEach((value, m) => {
      const { low, high } = bounds[names[m]!]!;
      const bounded = Number.isFinite(value) && Number.isFinite(low);
      metrics[names[m]!] = { value: Number.isFinite(value) ? value : null, ...(bounded && { low, high }) };
    });
  }
  return metrics;
}

function confusionTable({ classes, truth }: Target & { kind: 'classes' }, values: Float64Array) {
  const k = classes.length;
  const counts = confusionMatrix(truth, mostProbable(values, k), k);
  return { classes, counts: classes.map((_, c) => Array.from(counts.subarray(c * k, c * k + k))) };
}
