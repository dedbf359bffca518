import { dataError, usageError } from '../core/errors.ts';
import { assemble, type SpecialName, type Tokenizer } from './tokenizer.ts';

/** How text falls into words. */
export interface WordOptions {
  /** `split`: each mark of punctuation is a word of its own; `keep`: only white space divides. */
  punctuation?: 'split' | 'keep';
  /** Read everything in lower case. */
  lowercase?: boolean;
  special?: readonly SpecialName[];
}

/** Which words of a corpus become tokens. */
export interface WordVocabularyOptions extends WordOptions {
  /** At most so many words, the most frequent ones; of equally frequent ones those that come first alphabetically. */
  most?: number;
  /** Only words that occur so often. */
  minCount?: number;
}

/**
 * One token a word of a given list; ids are in the order of the list. White space divides and is not kept: `decode` puts one
 * space between words, but none before closing and after opening punctuation, so texts come back as they were only where they
 * are spaced like that. An apostrophe or hyphen within a word belongs to it.
 * @example words(['the', 'cat', '.']).decode([0, 1, 2]) // 'the cat.'
 */
export function words(
  list: Iterable<string>,
  { punctuation = 'split', lowercase = false, special = [] }: WordOptions = {},
): Tokenizer {
  const known = [...list];
  const ids = new Map(known.map((word, id) => [word, id]));
  if (punctuation !== 'split' && punctuation !== 'keep')
    throw usageError(`punctuation is ${JSON.stringify(punctuation)}; expected split or keep.`);
  const strange = known.find((word) => wordSpans(word, punctuation).length !== 2 || /^\s|\s$/.test(word));
  if (strange !== undefined)
    throw usageError(`${JSON.stringify(strange)} is not one word where punctuation is "${punctuation}".`);
  if (known.length === 0 || ids.size < known.length)
    throw usageError(
      'A tokenizer of words needs a list of different words; this one is empty or repeats some.',
    );
  return assemble(
    {
      name: 'words',
      count: known.length,
      lossless: false,
      encode: (text, unknown) => {
        const spans = wordSpans(text, punctuation);
        const encoded = new Int32Array(spans.length / 2);
        for (let i = 0; i < encoded.length; i++) {
          const word = text.slice(spans[2 * i], spans[2 * i + 1]);
          const id = ids.get(lowercase ? word.toLowerCase() : word) ?? unknown;
          if (id === undefined) throw strangeWord(word, spans[2 * i]!, known.length);
          encoded[i] = id;
        }
        return encoded;
      },
      decode: (tokens, spell) => joinWords(tokens.map(spell), punctuation),
      token: (id) => known[id]!,
      offsets: (text) => wordSpans(text, punctuation),
      describe: () => ({ words: known, punctuation, lowercase }),
    },
    special,
  );
}

/** The words of a corpus, the most frequent first, as a tokenizer. Throws a data error where no word is left. */
export function wordsOf(
  texts: Iterable<string>,
  { most = Number.POSITIVE_INFINITY, minCount = 1, ...options }: WordVocabularyOptions = {},
): Tokenizer {
  const { punctuation = 'split', lowercase = false } = options;
  const counts = new Map<string, number>();
  for (const text of texts) {
    const spans = wordSpans(text, punctuation);
    for (let i = 0; i < spans.length; i += 2) {
      const found = text.slice(spans[i], spans[i + 1]);
      const word = lowercase ? found.toLowerCase() : found;
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  const chosen = [...counts]
    .filter(([, count]) => count >= minCount)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, most);
  if (chosen.length === 0)
    throw dataError(
      `No word occurs ${minCount} times; the texts hold ${counts.size} different words. Lower minCount.`,
    );
  return words(
    chosen.map(([word]) => word),
    options,
  );
}

/** Runs of letters, digits and marks, with apostrophes and hyphens between them; else one character that is no space. */
const wordOrMark = /[\p{L}\p{M}\p{N}_]+(?:['’‐-][\p{L}\p{M}\p{N}_]+)*|\S/gu;
const spaced = /\S+/gu;

function wordSpans(text: string, punctuation: 'split' | 'keep'): number[] {
  const spans: number[] = [];
  for (const match of text.matchAll(punctuation === 'split' ? wordOrMark : spaced))
    spans.push(match.index, match.index + match[0].length);
  return spans;
}

function joinWords(list: readonly string[], punctuation: 'split' | 'keep'): string {
  if (punctuation === 'keep') return list.join(' ');
  let text = '';
  list.forEach((word, i) => {
    const tight = i === 0 || /^[.,;:!?%)\]}»”…]$/u.test(word) || /^[([{«„“]$/u.test(list[i - 1]!);
    text += tight ? word : ` ${word}`;
  });
  return text;
}

const strangeWord = (word: string, at: number, count: number) =>
  dataError(
    `The word ${JSON.stringify(word.slice(0, 40))} at position ${at + 1} is none of the ${count} words that the tokenizer knows. Give it an unknown token, or train it on text that holds the word.`,
  );
