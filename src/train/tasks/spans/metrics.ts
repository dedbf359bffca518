import { affordableResamples, bootstrap } from '../../metrics/bootstrap.ts';
import type { Metrics, MetricValue } from '../../metrics/evaluation.ts';
import { onceEach } from '../../metrics/ranking.ts';
import type { Scorer } from '../../metrics/scorers.ts';
import { acceptedAnswers, type Span, type SpanData, type SpanRecord } from './data.ts';
import { groupsOfSpans } from './split.ts';

/** What was said of a record: a span, or null for none. */
export type Said = Span | null;

/** How right an answer is, both from 0 to 1. */
export interface AnswerScore {
  readonly exact: number;
  readonly f1: number;
}

/**
 * A text as SQuAD compares it (Rajpurkar et al. 2016): lower case, without ASCII punctuation, without the articles a, an and the, single
 * blanks between words.
 * @example normalizedAnswer('The  cat, sat!') // 'cat sat'
 */
export const normalizedAnswer = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[!-/:-@[-`{-~]/g, '')
    .replace(/(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu, ' ')
    .split(/\s+/)
    .filter((word) => word !== '')
    .join(' ');

/**
 * Exact match and F1 of words that a text shares with one of several right ones, the best of them, as SQuAD 2.0 measures: right texts of which
 * nothing is left count only if all are such; without a right text an empty one is right (no answer).
 */
export function textScore(predicted: string, accepted: readonly string[]): AnswerScore {
  const kept = accepted.filter((text) => normalizedAnswer(text) !== '');
  const scores = (kept.length > 0 ? kept : ['']).map((text) => oneTextScore(predicted, text));
  return {
    exact: Math.max(...scores.map(({ exact }) => exact)),
    f1: Math.max(...scores.map(({ f1 }) => f1)),
  };
}

function oneTextScore(predicted: string, truth: string): AnswerScore {
  const [said, right] = [normalizedAnswer(predicted), normalizedAnswer(truth)];
  const exact = Number(said === right);
  if (said === '' || right === '') return { exact, f1: exact };
  const counts = new Map<string, number>();
  for (const word of right.split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1);
  const words = said.split(' ');
  let common = 0;
  for (const word of words) {
    const left = counts.get(word) ?? 0;
    if (left > 0) common++;
    counts.set(word, left - 1);
  }
  return { exact, f1: balanced(common, words.length, right.split(' ').length) };
}

/** 2 · common / (said + true): the harmonic mean of precision and recall. */
const balanced = (common: number, said: number, right: number): number =>
  common === 0 ? 0 : (2 * common) / (said + right);

/**
 * Whether places are the right ones, and F1 of the letters that two spans share; two nulls (no span) agree.
 * @example placeScore({ start: 0, end: 4 }, { start: 2, end: 4 }) // { exact: 0, f1: 2 / 3 }
 */
export function placeScore(said: Said, truth: Said): AnswerScore {
  if (!said || !truth) {
    const same = Number(said === truth);
    return { exact: same, f1: same };
  }
  const common = Math.max(0, Math.min(said.end, truth.end) - Math.max(said.start, truth.start));
  const exact = Number(said.start === truth.start && said.end === truth.end);
  return { exact, f1: balanced(common, said.end - said.start, truth.end - truth.start) };
}

/** The score of what was said of a record: sequences by places, text by what is written there. */
export const scoreOf = (kind: SpanData['kind'], record: SpanRecord, said: Said): AnswerScore =>
  kind === 'letters'
    ? placeScore(said, record.span)
    : textScore(said ? record.passage.slice(said.start, said.end) : '', acceptedAnswers(record));

/** How intervals are made. */
export interface SpanMetricOptions {
  seed?: number;
  /** Bootstrap resamples of records, or of whole groups of them (questions of one passage); 0 gives no intervals. */
  resamples?: number | undefined;
  level?: number;
}

const scorer = (names: string[], columns: readonly (readonly number[])[]): Scorer => ({
  names,
  score(weights) {
    const total = weights.reduce((a, b) => a + b, 0);
    return columns.map((column) => column.reduce((sum, x, i) => sum + x * weights[i]!, 0) / total);
  },
});

function measured(
  test: SpanData,
  one: Scorer,
  { seed = 42, resamples, level = 0.95 }: SpanMetricOptions,
): Metrics {
  const count = test.records.length;
  const groups = groupsOfSpans(test);
  const times = resamples ?? affordableResamples(count, 2);
  const bounds = bootstrap([one], count, { seed, resamples: times, level, groups });
  const values = one.score(onceEach(count));
  return Object.fromEntries(
    one.names.map((name, m): [string, MetricValue] => {
      const { low, high } = bounds[name]!;
      return [name, { value: values[m]!, ...(Number.isFinite(low) && { low, high }) }];
    }),
  );
}

/** Exact match and F1, the means over records, with intervals. */
export function spanMetrics(test: SpanData, said: readonly Said[], options: SpanMetricOptions = {}): Metrics {
  const scores = test.records.map((record, i) => scoreOf(test.kind, record, said[i]!));
  const columns = [scores.map(({ exact }) => exact), scores.map(({ f1 }) => f1)];
  return measured(test, scorer(['exactMatch', 'f1'], columns), options);
}

/** By how much F1 exceeds that of other answers to the same records, both on the same draws. */
export function spanLead(
  test: SpanData,
  said: readonly Said[],
  others: readonly Said[],
  options: SpanMetricOptions = {},
): MetricValue {
  const f1 = (record: SpanRecord, own: Said) => scoreOf(test.kind, record, own).f1;
  const gains = test.records.map((record, i) => f1(record, said[i]!) - f1(record, others[i]!));
  return measured(test, scorer(['f1'], [gains]), options).f1!;
}
