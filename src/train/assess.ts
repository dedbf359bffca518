import type { Dataset } from '../data/dataset.ts';
import type { SimilarityReport } from '../data/split/similarity.ts';
import { leakage } from '../data/split/split.ts';
import type { Model } from '../models/model.ts';
import type { OutputSpec } from '../models/spec.ts';
import type { CompileOptions } from '../runtime/compile.ts';
import { fitFeatures } from './fit-features.ts';
import {
  type BaselineFit,
  kmerFeatures,
  kmerSize,
  linearBaseline,
  positionFeatures,
  tableFeatures,
} from './linear-baseline.ts';
import {
  type Evaluation,
  evaluate,
  evaluateMetrics,
  type Metrics,
  type Predictions,
  trivialBaseline,
} from './metrics/index.ts';
import { openScorer } from './score-dataset.ts';
import { type SubgroupMetrics, subgroupMetrics, worstGroupMetric } from './subgroup-metrics.ts';

/** What a model is held against, and where it predicts. */
export interface AssessOptions extends CompileOptions {
  /** What the model was trained on: for baselines, and to measure how similar the test data are to it. */
  train?: Dataset;
  /** That similarity, where it has been measured already. */
  similarity?: SimilarityReport;
  seed?: number;
  resamples?: number;
}

/** What is found out about a model on held-out data. */
export interface Assessment {
  readonly predictions: Predictions;
  readonly evaluation: Evaluation;
  /** Metrics of simple methods on the same test data, by what they are called. */
  readonly baselines: Record<string, Metrics>;
  readonly similarity?: SimilarityReport;
  /** Metrics of every subgroup, where the records have subgroups; those of the worst stand among all others. */
  readonly subgroups?: SubgroupMetrics[];
}

/** Predictions of a labelled dataset with the truth beside. */
export async function predictDataset(
  model: Model,
  test: Dataset,
  where: CompileOptions = {},
): Promise<Predictions> {
  const scorer = await openScorer(model.spec, test, model.weights, where);
  try {
    return asPredictions(test, await scorer.predict());
  } finally {
    await scorer.release();
  }
}

/** Predicted numbers, n×k row-major in the order of the records, beside their truth and groups. */
export function asPredictions(test: Dataset, values: Float64Array): Predictions {
  const groups = test.records.map((r) => r.group);
  const grouped = groups.every((group): group is string => group !== undefined) && {
    groups: groups as string[],
  };
  return { ids: test.records.map((r) => r.id), target: test.target!, values, ...grouped };
}

/** Evaluates a model on held-out data: metrics with intervals, baselines beside, and the similarity of test to training data. */
export async function assess(model: Model, test: Dataset, options: AssessOptions = {}): Promise<Assessment> {
  const { train, similarity, seed, resamples, ...where } = options;
  const predictions = await predictDataset(model, test, where);
  return assessPredictions(model.spec.output, predictions, test, { ...options, ...where });
}

/** The same for predictions that are at hand, such as those of a cross-validation (then `train` is left out, and baselines come from the caller). */
export async function assessPredictions(
  output: OutputSpec,
  predictions: Predictions,
  test: Dataset,
  { train, similarity, seed = 42, resamples, ...where }: AssessOptions = {},
): Promise<Assessment> {
  const sampling = { seed, ...(resamples !== undefined && { resamples }) };
  const baselines: Record<string, Metrics> = {};
  if (train?.target) {
    for (const [name, values] of Object.entries(
      await baselinePredictions(output, train, test, { seed, ...where }),
    )) {
      const own = { ...predictions, values };
      const each = subgroupMetrics(own, test.records, { ...sampling, resamples: 0 });
      baselines[name] = { ...evaluateMetrics(own, sampling), ...worstGroupMetric(output.kind, each) };
    }
  }
  const whole = evaluate(predictions, { ...sampling, baselines });
  const subgroups = subgroupMetrics(predictions, test.records, sampling);
  const metrics = { ...whole.metrics, ...worstGroupMetric(output.kind, subgroups) };
  return {
    predictions,
    evaluation: { ...whole, metrics },
    ...(subgroups && { subgroups }),
    baselines,
    ...(train && { similarity: similarity ?? leakage(train, test) }),
  };
}

/** What the trivial and the simple methods predict for `test` after learning from `train`, n×k each, by what they are called. */
export async function baselinePredictions(
  output: OutputSpec,
  train: Dataset,
  test: Dataset,
  options: BaselineFit = {},
): Promise<Record<string, Float64Array>> {
  const trivial = output.kind === 'values' ? 'mean' : 'majority';
  const kind = output.kind === 'values' ? 'ridge' : 'logistic';
  const result: Record<string, Float64Array> = {
    [trivial]: trivialBaseline(train.target!, test.target!).values,
  };
  const k = kmerSize(train.alphabet);
  result[`${k}-mer ${kind}`] = await linearBaseline(
    output,
    { features: kmerFeatures(train, k), target: train.target! },
    { features: kmerFeatures(test, k) },
    options,
  );
  if (train.features && train.features.length > 0) {
    const columns = fitFeatures(train);
    const table = ({ records }: Dataset) => tableFeatures(columns, records);
    const given = { features: table(train), target: train.target! };
    result[`table ${kind}`] = await linearBaseline(output, given, { features: table(test) }, options);
  }
  const [own, other] = [positionFeatures(train), positionFeatures(test)];
  if (own && other && own.width === other.width)
    result[`position ${kind}`] = await linearBaseline(
      output,
      { features: own, target: train.target! },
      { features: other },
      options,
    );
  return result;
}
