import { dataError } from '../../core/errors.ts';
import type { TaggerSpec } from '../../models/tagger/spec.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import { baselineAlarms } from '../metrics/alarms.ts';
import { affordableResamples, clusters } from '../metrics/bootstrap.ts';
import { f1PerClass, type Margins, margins } from '../metrics/confusion.ts';
import { evaluate } from '../metrics/evaluate.ts';
import type { Evaluation, Metrics } from '../metrics/evaluation.ts';
import { majorityTags, type TagTable, unigramTags, windowTags } from './tagging-baselines.ts';
import type { TaggedData } from './tagging-data.ts';
import { confusionOf, groupsOf, type TaggingMetricOptions, taggingMetrics } from './tagging-metrics.ts';
import { openTagger, type TaggingResult } from './tagging-predict.ts';

/**
 * Evaluates tagged sequences: the metrics of `taggingMetrics`, and of the probabilities log loss, Brier score, AUROC, AUPRC and
 * calibration with every token as a record. Confusion and figures of each tag are those of the best tags.
 * @throws SeqwrightError where no token's truth is known
 */
export function evaluateTagging(
  test: TaggedData,
  predicted: readonly Pick<TaggingResult, 'tags' | 'probabilities'>[],
  {
    baselines = {},
    level = 0.95,
    ...sampling
  }: TaggingMetricOptions & { baselines?: Record<string, Metrics> } = {},
): Evaluation {
  const tokens = knownTokens(test, predicted);
  if (tokens.ids.length === 0)
    throw dataError('no token has a tag whose truth is known; nothing can be evaluated.');
  const plain = evaluate(tokens, { resamples: 0, level });
  const table = predicted.map(({ tags }) => tags);
  const decided = taggingMetrics(test, table, { ...sampling, level });
  const { logLoss, brier, auroc, auprc, ece } = plain.metrics;
  const metrics: Metrics = {
    ...decided,
    logLoss: logLoss!,
    brier: brier!,
    auroc: auroc!,
    auprc: auprc!,
    ece: ece!,
  };
  const k = test.tags.length;
  const confusion = test.sequences.reduce(
    (sum, _, s) => {
      confusionOf(test, table, s).forEach((count, cell) => {
        sum[cell]! += count;
      });
      return sum;
    },
    new Float64Array(k * k),
  );
  const m = margins(confusion, k);
  return {
    ...plain,
    metrics,
    intervals: {
      level,
      resamples: sampling.resamples ?? affordableResamples(test.sequences.length, k ** 2),
      groups: clusters(test.sequences.length, groupsOf(test)).count,
    },
    columns: plain.columns.map((column, c) => ({
      ...column,
      metrics: { ...column.metrics, ...decidedColumn(m, c) },
    })),
    confusion: {
      classes: [...test.tags],
      counts: test.tags.map((_, c) => Array.from(confusion.subarray(c * k, c * k + k))),
    },
    alarms: [...plain.alarms, ...baselineAlarms('classes', metrics, baselines)],
  };
}

function decidedColumn(m: Margins, c: number): Record<string, number | null> {
  const orNull = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    precision: orNull(m.right[c]! / m.predicted[c]!),
    recall: orNull(m.right[c]! / m.truth[c]!),
    f1: orNull(f1PerClass(m)[c]!),
  };
}

/** Every token whose truth is known as a record with one of several classes. */
function knownTokens(test: TaggedData, predicted: readonly Pick<TaggingResult, 'probabilities'>[]) {
  const k = test.tags.length;
  const places = test.sequences.flatMap(({ truth }, s) =>
    Array.from(truth.keys())
      .filter((t) => truth[t]! >= 0)
      .map((t) => ({ s, t })),
  );
  const values = new Float64Array(places.length * k);
  places.forEach(({ s, t }, i) => {
    values.set(predicted[s]!.probabilities.subarray(t * k, (t + 1) * k), i * k);
  });
  return {
    ids: places.map(({ s, t }) => {
      const { id, tokens } = test.sequences[s]!;
      return `${id}, ${t + 1}: ${tokens[t]}`;
    }),
    target: {
      kind: 'classes' as const,
      classes: [...test.tags],
      truth: Int32Array.from(places, ({ s, t }) => test.sequences[s]!.truth[t]!),
    },
    values,
  };
}

/** What a tagger is held against, and where it runs. */
export interface TaggingAssessOptions extends CompileOptions, TaggingMetricOptions {
  /** What it was trained on: for the baselines. */
  train?: TaggedData | undefined;
}

/** What is found out about a tagger on held-out sequences. */
export interface TaggingAssessment {
  readonly predictions: readonly TaggingResult[];
  readonly evaluation: Evaluation;
  /** Metrics of simple methods on the same sequences. */
  readonly baselines: Record<string, Metrics>;
}

/**
 * Evaluates a tagger on held-out sequences beside the most frequent tag of all, the unigram tagger and, for letters, logistic regression
 * on a window.
 */
export async function assessTagger(
  model: { readonly spec: TaggerSpec; readonly weights: ReadonlyMap<string, Float32Array> },
  test: TaggedData,
  { train, seed = 42, resamples, level = 0.95, ...where }: TaggingAssessOptions = {},
): Promise<TaggingAssessment> {
  const tagger = await openTagger(model, where);
  const predictions: TaggingResult[] = [];
  try {
    for await (const tagged of tagger.tag(test.sequences)) predictions.push(tagged);
  } finally {
    await tagger.close();
  }
  const sampling = { seed, level, ...(resamples !== undefined && { resamples }) };
  const tables = train ? await baselineTags(train, test, { seed, ...where }) : {};
  const baselines = Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [name, taggingMetrics(test, table, sampling)]),
  );
  return {
    predictions,
    evaluation: evaluateTagging(test, predictions, { ...sampling, baselines }),
    baselines,
  };
}

/** What the simple methods say, by what they are called. */
export async function baselineTags(
  train: TaggedData,
  test: TaggedData,
  options: CompileOptions & { seed?: number } = {},
): Promise<Record<string, TagTable>> {
  return {
    majority: majorityTags(train, test),
    [train.kind === 'words' ? 'unigram' : '3-letter unigram']: unigramTags(train, test),
    ...(train.kind === 'letters' && { '15-letter logistic': await windowTags(train, test, options) }),
  };
}
