import { dataError, SeqwrightError } from '../../../core/errors.ts';
import type { SpanSpec } from '../../../models/span/spec.ts';
import { type SpanVocabulary, spanVocabulary } from '../../../models/span/vocabulary.ts';
import type { Span, Unanswered } from './data.ts';

/** A passage, and its question, as a model reads them. */
export interface EncodedPassage {
  readonly passage: Int32Array;
  /** Where each token of the passage stands in its text: start and end, two numbers a token. */
  readonly offsets: Int32Array;
  readonly question?: Int32Array;
  /** 1 where a token stands on the other side too. */
  readonly passageMatches?: Int32Array;
  readonly questionMatches?: Int32Array;
}

/** Reads passages into tokens; throws a data error that names the record for letters that there are no tokens for, and for empty passages. */
export function passageEncoder(spec: Pick<SpanSpec, 'tokenizer' | 'question'>) {
  const vocabulary = spanVocabulary(spec);
  return (record: Unanswered): EncodedPassage => {
    const { ids: passage, offsets } = readNamed(record.id, record.passage, 'passage', vocabulary);
    if (!spec.question) return { passage, offsets };
    if (record.question === undefined)
      throw dataError(`record "${record.id}" has no question; the model needs one for each passage.`);
    const asked = readNamed(record.id, record.question, 'question', vocabulary);
    const [own, other] = [spelled(record.passage, offsets), spelled(record.question, asked.offsets)];
    return {
      ...{ passage, offsets, question: asked.ids },
      ...{ passageMatches: matches(own, other), questionMatches: matches(other, own) },
    };
  };
}

function readNamed(id: string, text: string, what: string, { read }: SpanVocabulary) {
  try {
    const found = read(text);
    if (found.ids.length > 0) return found;
  } catch (error) {
    if (!(error instanceof SeqwrightError)) throw error;
    throw dataError(`record "${id}": its ${what} has ${error.message}`, { cause: error });
  }
  throw dataError(`record "${id}" has an empty ${what}. Leave it out.`);
}

const spelled = (text: string, offsets: Int32Array): string[] =>
  Array.from({ length: offsets.length / 2 }, (_, i) =>
    text
      .slice(offsets[2 * i], offsets[2 * i + 1])
      .trim()
      .toLowerCase(),
  );

/** Which tokens stand among others, marks and blanks aside (Chen et al. 2017). */
function matches(own: readonly string[], others: readonly string[]): Int32Array {
  const known = new Set(others);
  return Int32Array.from(own, (token) => Number(/[\p{L}\p{N}]/u.test(token) && known.has(token)));
}

/**
 * The tokens that hold a span of text: the first and the last place, both included. Where the span begins or ends within a token, that whole
 * token belongs to it; undefined where no token does (a span of blanks).
 * @example tokensOf(Int32Array.of(0, 3, 4, 7), { start: 4, end: 6 }) // { first: 1, last: 1 }
 */
export function tokensOf(
  offsets: ArrayLike<number>,
  { start, end }: Span,
): { first: number; last: number } | undefined {
  const count = offsets.length / 2;
  let first = -1;
  let last = -1;
  // Tokens stand in order, but empty ones (bytes within a character) have no place of their own.
  for (let i = firstEndingAfter(offsets, start); i < count && offsets[2 * i]! < end; i++) {
    if (offsets[2 * i + 1]! <= offsets[2 * i]!) continue;
    if (first < 0) first = i;
    last = i;
  }
  return first < 0 ? undefined : { first, last };
}

/** The first token whose end lies after a place, by bisection. */
function firstEndingAfter(offsets: ArrayLike<number>, place: number): number {
  let [low, high] = [0, offsets.length / 2];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsets[2 * middle + 1]! > place) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The span of text of tokens, blanks at its ends left out. The other way round than `tokensOf`: of tokens' own edges it gives the same back. */
export function textSpan(text: string, offsets: ArrayLike<number>, first: number, last: number): Span {
  let [start, end] = [offsets[2 * first]!, offsets[2 * last + 1]!];
  while (start < end - 1 && /\s/.test(text[start]!)) start++;
  while (end > start + 1 && /\s/.test(text[end - 1]!)) end--;
  return { start, end };
}
