import type { SpanSpec } from '../../../models/span/spec.ts';
import { spanVocabulary } from '../../../models/span/vocabulary.ts';
import type { SpanData } from './data.ts';
import { passageEncoder, textSpan, tokensOf } from './encode.ts';
import type { TokenSpan } from './feed.ts';
import type { Said } from './metrics.ts';
import { slidingWindow } from './sliding-window.ts';

/** Passages as tokens, with the true places of training data. */
interface Read {
  readonly passage: Int32Array;
  readonly offsets: Int32Array;
  readonly span: TokenSpan;
}

function readAll(data: SpanData, spec: SpanSpec): Read[] {
  const encode = passageEncoder({ ...spec, question: false });
  return data.records.map((record) => {
    const { passage, offsets } = encode(record);
    const span = record.span && (tokensOf(offsets, record.span) ?? null);
    return { passage, offsets, span };
  });
}

/** What simple methods say of test records, by what they are called: places, weight matrices, and the sliding window where there are questions. */
export function baselineAnswers(train: SpanData, test: SpanData, spec: SpanSpec): Record<string, Said[]> {
  const [learned, judged] = [readAll(train, spec), readAll(test, spec)];
  const inText = (answers: readonly TokenSpan[]): Said[] =>
    answers.map((span, i) => {
      const { passage } = test.records[i]!;
      return span && textSpan(passage, judged[i]!.offsets, span.first, span.last);
    });
  return {
    'most frequent place': inText(mostFrequentPlace(learned, judged)),
    ...(spec.question
      ? { 'sliding window': slidingWindow(train, test) }
      : { 'weight matrices': inText(weightMatrices(learned, judged, spanVocabulary(spec).padding + 1)) }),
  };
}

/** The start and length that most training records have, everywhere; "none" where that is more frequent still. */
export function mostFrequentPlace(train: readonly Read[], test: readonly Read[]): TokenSpan[] {
  const counts = new Map<string, { span: TokenSpan; count: number }>();
  for (const { span } of train) {
    const key = span ? `${span.first} ${span.last}` : '';
    const known = counts.get(key) ?? { span, count: 0 };
    known.count++;
    counts.set(key, known);
  }
  const [top] = [...counts.values()].sort((a, b) => b.count - a.count);
  const span = top?.span ?? null;
  return test.map(({ passage }) => {
    if (!span) return null;
    const last = Math.min(span.last, passage.length - 1);
    return { first: Math.min(span.first, last), last };
  });
}

/** Tokens before and from an edge on that a matrix looks at. */
const [before, after] = [15, 6];

/** Weights of the tokens around an edge: ln of their frequency there over that anywhere. */
interface Matrix {
  score(passage: Int32Array, edge: number): number;
}

/** One edge a record: the first token of a span, or the first token after it. */
function weightMatrix(
  train: readonly Read[],
  edgeOf: (span: NonNullable<TokenSpan>) => number,
  rows: number,
): Matrix {
  const background = new Float64Array(rows).fill(1);
  const counts = Array.from({ length: before + after }, () => new Float64Array(rows).fill(0.5));
  let all = rows;
  let edges = 0.5 * rows;
  for (const { passage, span } of train) {
    for (const token of passage) background[token]!++;
    all += passage.length;
    if (!span) continue;
    edges++;
    counts.forEach((column, k) => {
      const token = passage[edgeOf(span) - before + k];
      if (token !== undefined) column[token]!++;
    });
  }
  const weights = counts.map((column) =>
    column.map((count, token) => Math.log((count * all) / (edges * background[token]!))),
  );
  return {
    score(passage, edge) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) {
        const token = passage[edge - before + k];
        if (token !== undefined) sum += weights[k]![token]!;
      }
      return sum;
    },
  };
}

/** ln of how often a number occurs, each count spread over its neighbours; `tail` is what remains for numbers that never do. */
function smoothHistogram(values: readonly number[]): (value: number) => number {
  const counts = new Map<number, number>();
  const spread = Math.max(1, Math.round(Math.max(0, ...values) / 100));
  for (const value of values)
    for (let d = -spread; d <= spread; d++)
      counts.set(value + d, (counts.get(value + d) ?? 0) + (1 - Math.abs(d) / (spread + 1)) / (spread + 1));
  const tail = 1 / (values.length + 1) / 100;
  return (value) => Math.log((counts.get(value) ?? 0) / (values.length + 1) + tail);
}

/**
 * Position weight matrices of both edges (von Heijne 1986 told signal peptides so), with how often spans begin where, and how long they are: the
 * best sum. "None" is said below the score that tells the training records apart best.
 */
export function weightMatrices(train: readonly Read[], test: readonly Read[], rows: number): TokenSpan[] {
  const spans = train.flatMap(({ span }) => span ?? []);
  const begins = weightMatrix(train, ({ first }) => first, rows);
  const ends = weightMatrix(train, ({ last }) => last + 1, rows);
  const lengths = spans.map(({ first, last }) => last - first + 1);
  const [atPlace, ofLength] = [smoothHistogram(spans.map(({ first }) => first)), smoothHistogram(lengths)];
  const [shortest, longest] = [Math.min(...lengths), Math.max(...lengths)];
  const best = ({ passage }: Read) => {
    const n = passage.length;
    const end = Float64Array.from({ length: n }, (_, j) => ends.score(passage, j + 1));
    const size = Float64Array.from({ length: Math.min(n, longest) + 1 }, (_, l) => ofLength(l));
    let found = { first: 0, last: Math.min(n, shortest) - 1, score: Number.NEGATIVE_INFINITY };
    for (let first = 0; first < n; first++) {
      const start = begins.score(passage, first) + atPlace(first);
      for (let length = shortest; length < size.length && first + length <= n; length++) {
        const score = start + end[first + length - 1]! + size[length]!;
        if (score > found.score) found = { first, last: first + length - 1, score };
      }
    }
    return found;
  };
  const threshold = train.some(({ span }) => span === null)
    ? bestThreshold(train.map((read) => ({ score: best(read).score, some: read.span !== null })))
    : Number.NEGATIVE_INFINITY;
  return test.map((read) => {
    const { first, last, score } = best(read);
    return score < threshold ? null : { first, last };
  });
}

/** The score that most records with a span reach and most without one do not. */
function bestThreshold(scored: readonly { score: number; some: boolean }[]): number {
  const sorted = [...scored].sort((a, b) => a.score - b.score);
  let right = sorted.filter(({ some }) => some).length;
  let best = { right, threshold: Number.NEGATIVE_INFINITY };
  for (const { score, some } of sorted) {
    // All up to this one are now said to have none.
    right += some ? -1 : 1;
    if (right > best.right) best = { right, threshold: score + 1e-9 };
  }
  return best.threshold;
}
