import { affordableResamples, bootstrap } from '../metrics/bootstrap.ts';
import { accuracy, balancedAccuracy, confusionMatrix, f1, margins, mcc } from '../metrics/confusion.ts';
import type { Metrics } from '../metrics/evaluation.ts';
import { onceEach } from '../metrics/ranking.ts';
import type { Scorer } from '../metrics/scorers.ts';
import { type SpanCounts, spanCounts, spanScores, writeSpans } from '../metrics/spans.ts';
import type { TagTable } from './tagging-baselines.ts';
import type { TaggedData } from './tagging-data.ts';

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

/** The group of each sequence, where all have one. */
export function groupsOf({ sequences }: TaggedData): string[] | undefined {
  const groups = sequences.map(({ group }) => group);
  return groups.every((group) => group !== undefined) ? (groups as string[]) : undefined;
}

/** Confusion of one sequence: true and predicted tags of the tokens whose truth is known. */
export function confusionOf(test: TaggedData, predicted: TagTable, s: number): Float64Array {
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
