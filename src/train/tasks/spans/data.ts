import type { Skipped } from '../../../data/dataset.ts';
import type { SourceDigest } from '../../../data/source.ts';

/** Places of a text: the first, and the one after the last, counted from 0 in UTF-16 units (of letters: in letters, as in BED). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A passage of which a span is to be found. */
export interface Unanswered {
  readonly id: string;
  /** Letters of a sequence, or text. */
  readonly passage: string;
  readonly question?: string;
}

/** A passage with the span that answers; null where it is known to hold none. */
export interface SpanRecord extends Unanswered {
  readonly span: Span | null;
  /** Texts that are right as well as the span's own, where people answered more than once. */
  readonly answers?: readonly string[];
  /** Records of one group (family, article) stay on one side of a split. */
  readonly group?: string;
}

/** Passages with spans. */
export interface SpanData {
  /** `letters`: sequences over an alphabet, judged by their places; `text`: judged by what is written there. */
  readonly kind: 'letters' | 'text';
  /** Of letters. */
  readonly alphabet?: { readonly name: string; readonly letters: string };
  /** Whether every record has a question; otherwise none has. */
  readonly question: boolean;
  readonly records: readonly SpanRecord[];
  readonly sources: readonly SourceDigest[];
  readonly skipped: readonly Skipped[];
  /** Sentences about what was inferred, for the user to read. */
  readonly notes: readonly string[];
}

/** Some of the records, in the given order. */
export const spanSubset = (data: SpanData, indices: ArrayLike<number>): SpanData => ({
  ...data,
  records: Array.from(indices, (i) => data.records[i]!),
});

/** Records that hold no span. */
export const withoutSpan = ({ records }: Pick<SpanData, 'records'>): number =>
  records.reduce((count, { span }) => count + Number(span === null), 0);

/** The texts that count as right; none where there is no span. */
export const acceptedAnswers = ({ passage, span, answers }: SpanRecord): readonly string[] =>
  span === null ? [] : (answers ?? [passage.slice(span.start, span.end)]);
