import { type Dataset, subset } from '../data/dataset.ts';
import type { Split } from '../data/split/random.ts';
import { type SimilarityReport, similaritySentence } from '../data/split/similarity.ts';
import { leakage } from '../data/split/split.ts';
import type { RunReport, Table } from '../report/run-report.ts';
import type { CrossValidationRun } from '../train/cross-validate.ts';
import {
  evaluate,
  evaluateMetrics,
  type Metrics,
  type Predictions,
  quantile,
} from '../train/metrics/index.ts';
import type { TrainedModel } from '../train/train-model.ts';

/** The parts of a report that out-of-fold predictions decide, simple methods beside. */
export function outOfFoldReport(
  predictions: Predictions,
  baselines: Readonly<Record<string, Predictions>>,
  tested: Dataset,
  { seed }: { seed: number },
): Required<Pick<RunReport, 'evaluation' | 'baselines' | 'sequences'>> {
  const beside: Record<string, Metrics> = Object.fromEntries(
    Object.entries(baselines).map(([name, theirs]) => [name, evaluateMetrics(theirs, { seed })]),
  );
  const evaluation = evaluate(predictions, { seed, baselines: beside });
  const wrong = new Set(evaluation.confidentErrors.map(({ id }) => id));
  const shown = tested.records.filter(({ id }) => wrong.has(id));
  return {
    evaluation,
    baselines: beside,
    sequences: Object.fromEntries(shown.map(({ id, sequence }) => [id, sequence])),
  };
}

/** How many records are answered wrongly: the most probable class is not the true one. */
export function errorsOf(predictions: Predictions): number {
  const { accuracy } = evaluateMetrics(predictions, { resamples: 0 });
  return Math.round((1 - accuracy!.value!) * predictions.ids.length);
}

/** How similar each tested record is to the nearest one that its model learned from, over all folds. */
export function foldLeakage(
  dataset: Dataset,
  splits: readonly Split[],
  split: string,
): NonNullable<RunReport['leakage']> {
  const reports = splits.map(({ train, test }) => leakage(subset(dataset, train), subset(dataset, test)));
  const pooled = poolSimilarity(reports);
  return {
    split: split.replace(/\.$/, ''),
    parts: [
      { name: 'tested once each', count: pooled.tested },
      { name: 'learned from in a fold, at least', count: Math.min(...splits.map((s) => s.train.length)) },
    ],
    nearest: pooled.similarity,
    measure: `share of common ${pooled.k}-mers, both strands`,
    sentence: similaritySentence(pooled),
  };
}

function poolSimilarity(reports: readonly SimilarityReport[]): SimilarityReport {
  const similarity = Float64Array.from(reports.flatMap((report) => [...report.similarity]));
  const sorted = similarity.slice().sort();
  return {
    k: reports[0]!.k,
    exact: reports.every(({ exact }) => exact),
    median: quantile(sorted, 0.5),
    percentile95: quantile(sorted, 0.95),
    max: quantile(sorted, 1),
    duplicates: reports.reduce((sum, { duplicates }) => sum + duplicates, 0),
    above90: reports.reduce((sum, { above90 }) => sum + above90, 0),
    tested: similarity.length,
    similarity,
    nearest: Int32Array.from(reports.flatMap((report) => [...report.nearest])),
  };
}

/** The course of the training on all records. */
export const trainingOf = ({ fit, model }: TrainedModel): NonNullable<RunReport['training']> => ({
  history: fit.history,
  bestEpoch: fit.bestEpoch,
  seconds: fit.seconds,
  parameters: [...model.weights.values()].reduce((sum, { length }) => sum + length, 0),
});

/** Accuracy of every fold of a run. */
export const foldTable = ({ folds }: CrossValidationRun, splits: readonly Split[]): Table => ({
  title: 'Folds',
  columns: ['fold', 'learned from', 'tested', 'accuracy'],
  rows: folds.map(({ accuracy: a }, f) => [
    f + 1,
    splits[f]!.train.length,
    splits[f]!.test.length,
    rounded(a!.value),
  ]),
});

export const rounded = (value: number | null | undefined, digits = 4) =>
  value == null ? null : Number(value.toFixed(digits));

export const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
