import type { Span, SpanData, Unanswered } from './data.ts';
import type { Said } from './metrics.ts';

/** A word or a mark, in lower case, and where it stands. */
interface Word extends Span {
  readonly word: string;
  readonly isWord: boolean;
}

const wordsIn = (text: string): Word[] =>
  [...text.matchAll(/[\p{L}\p{M}\p{N}_]+(?:['’-][\p{L}\p{M}\p{N}_]+)*|\S/gu)].map((match) => ({
    word: match[0].toLowerCase(),
    start: match.index,
    end: match.index + match[0].length,
    isWord: /[\p{L}\p{N}]/u.test(match[0]),
  }));

/** So many of the most frequent words of the training questions and passages, if they occur so often, are too common to answer anything. */
const commonest = { most: 50, atLeast: 5 };
/** Words in an answer at most. */
const longest = 12;

/**
 * The sliding window with distance (Richardson et al. 2013, after Rajpurkar et al. 2016): among the candidates of the sentence that shares most
 * words and pairs of words with the question, the one whose words together with the question's find the most of themselves, weighed by rarity, in
 * some window of the passage, less the distance to the question's words. Candidates are the longest runs of words that neither stand in the
 * question nor are common (the papers took constituents of a parser). Always answers, if it can.
 */
export function slidingWindow(train: SpanData, test: SpanData): Said[] {
  const common = commonWords(train);
  return test.records.map((record) => answer(record, common));
}

function commonWords({ records }: SpanData): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const text of new Set(records.flatMap(({ passage, question = '' }) => [passage, question])))
    for (const { word } of wordsIn(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const frequent = [...counts].filter(([, count]) => count >= commonest.atLeast);
  const sorted = frequent.sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return new Set(
    sorted.slice(0, Math.min(commonest.most, Math.ceil(counts.size / 10))).map(([word]) => word),
  );
}

function answer({ passage, question = '' }: Unanswered, common: ReadonlySet<string>): Said {
  const words = wordsIn(passage);
  const asked = new Set(wordsIn(question).flatMap(({ word, isWord }) => (isWord ? [word] : [])));
  const counts = new Map<string, number>();
  for (const { word } of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const weight = (word: string) => Math.log(1 + 1 / (counts.get(word) ?? 1));
  const sentence = bestSentence(
    words,
    wordsIn(question).map(({ word }) => word),
  );
  let best: { score: number; span: Span } | undefined;
  for (const { from, to } of candidates(words, sentence, (word) => asked.has(word) || common.has(word))) {
    const own = words.slice(from, to).map(({ word }) => word);
    const near = distance(words, { from, to }, asked) / words.length;
    const score = windowScore(words, new Set([...asked, ...own]), weight) - near;
    if (!best || score > best.score)
      best = { score, span: { start: words[from]!.start, end: words[to - 1]!.end } };
  }
  return best?.span ?? null;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The sentence that shares most words and neighbouring pairs with the question, the first of equals. */
function bestSentence(words: readonly Word[], question: readonly string[]): Stretch {
  const pairs = (list: readonly string[]) => list.slice(1).map((word, i) => `${list[i]} ${word}`);
  const wanted = new Set([...question, ...pairs(question)]);
  let best: Stretch & { shared: number } = { from: 0, to: words.length, shared: -1 };
  let from = 0;
  words.forEach(({ word }, i) => {
    if (!/^[.!?]$/.test(word) && i + 1 < words.length) return;
    const own = words.slice(from, i + 1).map((one) => one.word);
    const shared = new Set([...own, ...pairs(own)].filter((one) => wanted.has(one))).size;
    if (shared > best.shared) best = { from, to: i + 1, shared };
    from = i + 1;
  });
  return best;
}

/** The longest runs of words that are not passed over. */
function candidates(
  words: readonly Word[],
  { from, to }: Stretch,
  passed: (word: string) => boolean,
): Stretch[] {
  const found: Stretch[] = [];
  let begin = -1;
  for (let i = from; i <= to; i++) {
    const own = i < to ? words[i]! : undefined;
    const counts = own?.isWord && !passed(own.word);
    if (counts && begin < 0) begin = i;
    if (begin < 0 || (counts && i - begin < longest)) continue;
    found.push({ from: begin, to: i });
    begin = counts ? i : -1;
  }
  return found;
}

/** The most that a window of as many words as there are wanted ones holds of them, each word weighed by its rarity. */
function windowScore(
  words: readonly Word[],
  wanted: ReadonlySet<string>,
  weight: (word: string) => number,
): number {
  const values = words.map(({ word }) => (wanted.has(word) ? weight(word) : 0));
  let [sum, best] = [0, 0];
  values.forEach((value, i) => {
    sum += value - (values[i - wanted.size] ?? 0);
    best = Math.max(best, sum);
  });
  return best;
}

/** Words between a candidate and the nearest word of the question; as many as there are where none stands in the passage. */
function distance(words: readonly Word[], { from, to }: Stretch, asked: ReadonlySet<string>): number {
  let least = words.length;
  words.forEach(({ word }, i) => {
    if (!asked.has(word) || (i >= from && i < to)) return;
    least = Math.min(least, i < from ? from - i : i - to + 1);
  });
  return least;
}
