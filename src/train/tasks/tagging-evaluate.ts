import { dataError } from '../../core/errors.ts';
import type { TaggerSpec } from '../../models/tagger/spec.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import { baselineAlarms } from '../metrics/alarms.ts';
import { affordableResamples, bootstrap, clusters } from '../metrics/bootstrap.ts';
import {
  accuracy,
  balancedAccuracy,
  confusionMatrix,
  f1,
  f1PerClass,
  type Margins,
  margins,
  mcc,
} from '../metrics/confusion.ts';
import { evaluate } from '../metrics/evaluate.ts';
import type { Evaluation, Metrics } from '../metrics/evaluation.ts';
import { onceEach } from '../metrics/ranking.ts';
import type { Scorer } from '../metrics/scorers.ts';
import { type SpanCounts, spanCounts, spanScores, writeSpans } from '../metrics/spans.ts';
import { majorityTags, type TagTable, unigramTags, windowTags } from './tagging-baselines.ts';
import type { TaggedData } from './tagging-data.ts';
import { openTagger, type Tagged } from './tagging-predict.ts';

/** How intervals are made. */
export interface TaggingMetricOptions {
  seed?: number;
  /** Bootstrap resamples of whole sequences, or of whole groups of them; 0 gives no intervals. */
  resamples?: number | undefined;
  level?: number;
}

/**
 * Metrics of predicted tags: accuracy (share of tokens), balancedAccuracy, mcc, f1 (mean over the tags; of two the last),
 * sequenceAccuracy (sequences without any error) and, where tags write spans, spanPrecision, spanRecall and spanF1 of all kinds pooled,
 * as conlleval counts them. Tokens whose truth is not known count for nothing. Intervals come from a bootstrap over whole sequences,
 * because the tokens of one are related.
 */
export function taggingMetrics(
  test: TaggedData,
  predicted: TagTable,
  { seed = 42, resamples, level = 0.95 }: TaggingMetricOptions = {},
): Metrics {
  const scorers = [
    tokenScorer(test, predicted),
    ...(writeSpans(test.tags) ? [spanScorer(test, predicted)] : []),
  ];
  const n = test.sequences.length;
  const groups = groupsOf(test);
  const times = resamples ?? affordableResamples(n, test.tags.length ** 2);
  const bounds = bootstrap(scorers, n, { seed, resamples: times, level, ...(groups && { groups }) });
  const metrics: Metrics = {};
  for (const { names, score } of scorers)
    score(onceEach(n)).forEach((value, m) => {
      const { low, high } = bounds[names[m]!]!;
      const bounded = Number.isFinite(value) && Number.isFinite(low);
      metrics[names[m]!] = { value: Number.isFinite(value) ? value : null, ...(bounded && { low, high }) };
    });
  return metrics;
}

function groupsOf({ sequences }: TaggedData): string[] | undefined {
  const groups = sequences.map(({ group }) => group);
  return groups.every((group) => group !== undefined) ? (groups as string[]) : undefined;
}

/** Confusion of one sequence: true and predicted tags of the tokens whose truth is known. */
function confusionOf(test: TaggedData, predicted: TagTable, s: number): Float64Array {
  const ids = new Map(test.tags.map((tag, i) => [tag, i]));
  const { truth } = test.sequences[s]!;
  const known = Array.from(truth.keys()).filter((t) => truth[t]! >= 0);
  return confusionMatrix(
    Int32Array.from(known, (t) => truth[t]!),
    Int32Array.from(known, (t) => ids.get(predicted[s]![t]!)!),
    test.tags.length,
  );
}

function tokenScorer(test: TaggedData, predicted: TagTable): Scorer {
  const k = test.tags.length;
  const each = test.sequences.map((_, s) => sparse(confusionOf(test, predicted, s)));
  const flawless = each.map(({ cells }) => Number(cells.every((cell) => cell % (k + 1) === 0)));
  return {
    names: ['accuracy', 'balancedAccuracy', 'mcc', 'f1', 'sequenceAccuracy'],
    score(weights) {
      const m = margins(summed(each, weights, k * k), k);
      const all = weights.reduce((a, b) => a + b, 0);
      const right = flawless.reduce((sum, ok, s) => sum + ok * weights[s]!, 0);
      return [accuracy(m), balancedAccuracy(m), mcc(m), f1(m), right / all];
    },
  };
}

interface Sparse {
  readonly cells: readonly number[];
  readonly counts: readonly number[];
}

function sparse(table: Float64Array): Sparse {
  const cells = Array.from(table.keys()).filter((cell) => table[cell] !== 0);
  return { cells, counts: cells.map((cell) => table[cell]!) };
}

function summed(each: readonly Sparse[], weights: Float64Array, size: number): Float64Array {
  const total = new Float64Array(size);
  each.forEach(({ cells, counts }, s) => {
    const weight = weights[s]!;
    if (weight > 0) for (let i = 0; i < cells.length; i++) total[cells[i]!]! += weight * counts[i]!;
  });
  return total;
}

/** The counts of spans by kind, in each sequence. */
function spansOfEach(test: TaggedData, predicted: TagTable): Map<string, SpanCounts>[] {
  return test.sequences.map(({ truth }, s) => {
    const known = Array.from(truth, (tag) => tag >= 0);
    // What nobody knows can be neither right nor wrong.
    const visible = (tags: readonly string[]) => tags.map((tag, t) => (known[t] ? tag : 'O'));
    const real = Array.from(truth, (tag) => test.tags[tag] ?? 'O');
    return spanCounts(visible(real), visible(predicted[s]!));
  });
}

const pooled = (counts: Iterable<SpanCounts>): SpanCounts => {
  const sum = { truth: 0, predicted: 0, right: 0 };
  for (const { truth, predicted, right } of counts) {
    sum.truth += truth;
    sum.predicted += predicted;
    sum.right += right;
  }
  return sum;
};

function spanScorer(test: TaggedData, predicted: TagTable): Scorer {
  const each = spansOfEach(test, predicted).map((counts) => pooled(counts.values()));
  return {
    names: ['spanPrecision', 'spanRecall', 'spanF1'],
    score(weights) {
      const {
        precision,
        recall,
        f1: balanced,
      } = spanScores(
        pooled(
          each.map(({ truth, predicted: said, right }, s) => ({
            truth: truth * weights[s]!,
            predicted: said * weights[s]!,
            right: right * weights[s]!,
          })),
        ),
      );
      return [precision, recall, balanced];
    },
  };
}

/** Precision, recall and F1 of every kind of span; empty where tags write none. */
export function spanTable(
  test: TaggedData,
  predicted: TagTable,
): { kind: string; count: number; precision: number; recall: number; f1: number }[] {
  if (!writeSpans(test.tags)) return [];
  const each = spansOfEach(test, predicted);
  const kinds = [...new Set(each.flatMap((counts) => [...counts.keys()]))].sort();
  return kinds.map((kind) => {
    const counts = pooled(each.flatMap((own) => own.get(kind) ?? []));
    return { kind, count: counts.truth, ...spanScores(counts) };
  });
}

/**
 * Evaluates tagged sequences: the metrics of `taggingMetrics`, and of the probabilities log loss, Brier score, AUROC, AUPRC and
 * calibration with every token as a record. Confusion and figures of each tag are those of the best tags.
 * @throws SeqwrightError where no token's truth is known
 */
export function evaluateTagging(
  test: TaggedData,
  predicted: readonly Pick<Tagged, 'tags' | 'probabilities'>[],
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
function knownTokens(test: TaggedData, predicted: readonly Pick<Tagged, 'probabilities'>[]) {
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
  readonly predictions: readonly Tagged[];
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
  const predictions: Tagged[] = [];
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
