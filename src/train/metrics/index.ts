export type { Target } from '../../data/target.ts';
export { baselineAlarms, leadingMetric } from './alarms.ts';
export { majorityBaseline, meanBaseline, trivialBaseline } from './baselines.ts';
export { type BleuOptions, bleu, bleuScorer, type TranslationPairs, tokenize13a } from './bleu.ts';
export { type BootstrapOptions, type Bounds, bootstrap, quantile } from './bootstrap.ts';
export { type ChrfOptions, chrf, chrfScorer } from './chrf.ts';
export type { ColumnMetrics } from './column-metrics.ts';
export type { ConfidentError } from './confident-errors.ts';
export { accuracy, balancedAccuracy, confusionMatrix, f1, type Margins, margins, mcc } from './confusion.ts';
export { type Curve, prCurve, rocCurve, type Scatter, thin } from './curves.ts';
export { editDistance, errorRate, errorRateScorer, type TokenPairs } from './edit.ts';
export { type EvaluateOptions, evaluate, evaluateMetrics } from './evaluate.ts';
export type { Evaluation, Metrics, MetricValue } from './evaluation.ts';
export {
  checkPredictions,
  columnNames,
  labelDecisions,
  mostProbable,
  type Predictions,
} from './predictions.ts';
export { brierScores, type CalibrationBin, calibrationBins, ece, logLosses } from './probability.ts';
export { auprc, auroc, averageRanks, type Ranking } from './ranking.ts';
export { mae, pearson, r2, rmse, spearman } from './regression.ts';
export type { Scorer } from './scorers.ts';
export { type Span, type SpanCounts, spanCounts, spanScores, spansOf } from './spans.ts';
