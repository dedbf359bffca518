import { openMarksRunner } from '../../../models/marks/runner.ts';
import type { MarksSpec } from '../../../models/marks/spec.ts';
import type { Model } from '../../../models/model.ts';
import type { CompileOptions } from '../../../runtime/compile.ts';
import type { Evaluation, Metrics, MetricValue } from '../../metrics/evaluation.ts';
import { markBaselines } from './baselines.ts';
import type { MarksData } from './data.ts';
import { requireMarks } from './definition.ts';
import { type Advantage, advantages, evaluationOf, type JudgedColumns, markMetrics } from './metrics.ts';
import { columnAt, drawGroups, knownRows } from './rows.ts';

/** What a model of marks is held against, and where it runs. */
export interface MarksAssessOptions extends CompileOptions {
  /** What the model was trained on: baselines learn from it. Without it there are none. */
  train?: MarksData | undefined;
  seed?: number;
  resamples?: number;
}

/** How well a model tells marks that it has not seen. */
export interface MarksAssessment {
  /** Means over the marks, then those of each mark, named `auprc <mark>` and so on. */
  readonly metrics: Metrics;
  readonly baselines: Record<string, Metrics>;
  /** Of marks that are there or not; undefined where all are values. */
  readonly evaluation: Evaluation | undefined;
  /** By mark, how far the model is ahead of the best of the baselines, chosen on the same bins, which favours it. */
  readonly against: readonly Advantage[];
  /** Bins that were judged, and all that were there. */
  readonly count: number;
  readonly bins: number;
  /** What the intervals draw, in words; undefined where there was too little to draw from. */
  readonly drawn: string | undefined;
  /** What is told of every bin of every stretch, row-major [bins, marks]. */
  readonly predictions: readonly Float32Array[];
}

/** More bins are thinned out, whole blocks at a time. */
const mostJudged = 200_000;

/**
 * Tells the marks of a part bin by bin, beside simple methods. Of marks that are there or not: AUPRC, AUROC, Brier score, log loss and
 * calibration error; of values: correlation (Pearson, Spearman) and R². Intervals draw blocks of neighbouring bins, or whole sequences. Throws a data
 * error for data with other marks or tracks.
 */
export async function assessMarks(
  { spec, weights }: Pick<Model<MarksSpec>, 'spec' | 'weights'>,
  test: MarksData,
  { train, seed = 42, resamples, ...where }: MarksAssessOptions = {},
): Promise<MarksAssessment> {
  requireMarks(spec, test);
  if (train) requireMarks(spec, train);
  const runner = await openMarksRunner(spec, weights, where);
  const predictions: Float32Array[] = [];
  try {
    for (const stretch of test.stretches) predictions.push(await runner.run(stretch));
  } finally {
    await runner.close();
  }
  const rows = knownRows(test, { every: false, most: mostJudged, block: spec.core });
  const width = spec.marks.length;
  const truths = test.stretches.map(({ truth }) => truth);
  const columnsOf = (tables: readonly Float32Array[]) =>
    spec.marks.map((_, m) => columnAt(tables, rows, width, m));
  const draws = drawGroups(test, rows, spec.core);
  const judged: JudgedColumns = {
    marks: test.marks,
    truth: columnsOf(truths),
    groups: draws?.groups,
  };
  const own = columnsOf(predictions);
  const options = { seed, resamples: draws ? resamples : 0 };
  const simple = train ? markBaselines(train, { data: test, rows }) : {};
  const baselines = Object.fromEntries(
    Object.entries(simple).map(([name, columns]) => [
      name,
      markMetrics(judged, columns, { seed, resamples: 0 }),
    ]),
  );
  const metrics = markMetrics(judged, own, options);
  const against = advantages(judged, own, simple, options);
  return {
    metrics,
    baselines,
    against,
    evaluation: evaluationOf(judged, own, metrics, { against, resamples, groups: draws?.count }),
    count: rows.bin.length,
    bins: test.stretches.reduce((sum, { bins }) => sum + bins, 0),
    drawn: draws?.of,
    predictions,
  };
}

/** Of a mark, or the mean over all. */
export const metricOf = (
  { metrics }: Pick<MarksAssessment, 'metrics'>,
  name: string,
  mark?: string,
): MetricValue | undefined => metrics[mark === undefined ? name : `${name} ${mark}`] ?? metrics[name];
