import { alphabetByName } from '../../data/alphabet.ts';
import type { TaggerInput } from './spec.ts';

/** A sequence as it is tagged: a text of letters, or words. Both are read by place. */
export type Tokens = string | readonly string[];

/** A sequence as a tagger reads it. */
export interface EncodedTokens {
  /** Ids of letters or words. */
  readonly tokens: Int32Array;
  /** Of words: which of `forms` each one is. */
  readonly forms?: readonly string[];
}

/** Which words and characters a tagger is to know. */
export interface VocabularyOptions {
  /** Words that occur less often are unknown. */
  minCount?: number;
  /** The most words that are known, the most frequent ones. */
  limit?: number;
  lowercase?: boolean;
}

/** No model knows more words: its table would be all that there is of it. */
const mostWords = 100_000;

/**
 * The words and characters of sentences, the most frequent first (of equals the one that comes first in code units).
 * @example wordInput([['The', 'cat', 'the']], { minCount: 1 }) // words the, cat; characters t, h, e, T, a, c
 */
export function wordInput(
  sentences: Iterable<Tokens>,
  { minCount = 2, limit = 50_000, lowercase = true }: VocabularyOptions = {},
): TaggerInput & { kind: 'words' } {
  const words = new Map<string, number>();
  const characters = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const sentence of sentences)
    for (const word of sentence) {
      add(words, lowercase ? word.toLowerCase() : word);
      for (const character of word) add(characters, character);
    }
  const frequent = (counts: Map<string, number>, most: number) =>
    [...counts]
      .filter(([, count]) => count >= minCount)
      .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
      .slice(0, most)
      .map(([key]) => key);
  return {
    kind: 'words',
    words: frequent(words, Math.min(limit, mostWords)),
    characters: frequent(characters, 10_000),
    lowercase,
  };
}

/** Turns sequences into ids; throws a data error for letters that the alphabet does not have. */
export function tokenEncoder(input: TaggerInput): (tokens: Tokens) => EncodedTokens {
  if (input.kind === 'letters') {
    const alphabet = alphabetByName(input.alphabet.name, input.alphabet.letters);
    return (tokens) => ({ tokens: alphabet.encode(typeof tokens === 'string' ? tokens : tokens.join('')) });
  }
  const ids = new Map(input.words.map((word, i) => [word, i + 1]));
  const id = (word: string) => ids.get(input.lowercase ? word.toLowerCase() : word) ?? 0;
  return (tokens) => ({
    tokens: Int32Array.from(tokens as readonly string[], id),
    forms: tokens as readonly string[],
  });
}

/** No more of a word is read than this many characters. */
export const longestForm = 40;

/** The distinct words of a batch with their characters, and which of them stands at each place. */
export interface FormBatch {
  /** int32 [batch, time] */
  readonly forms: Int32Array;
  /** int32 [distinct, letters], 0 for unknown characters and after the end. */
  readonly characters: Int32Array;
  /** int32 [distinct] */
  readonly lengths: Int32Array;
  readonly letters: number;
}

/** Each word of a batch is read once, however often it stands in it. Places in padding hold the first form. */
export function formBatcher({ characters }: { readonly characters: readonly string[] }) {
  const ids = new Map(characters.map((character, i) => [character, i + 1]));
  const known = new Map<string, Int32Array>();
  const spelled = (form: string) => {
    const found = known.get(form);
    if (found) return found;
    const spelling = Int32Array.from([...form].slice(0, longestForm), (c) => ids.get(c) ?? 0);
    if (known.size < 200_000) known.set(form, spelling);
    return spelling;
  };
  return (sentences: readonly (readonly string[])[], time: number): FormBatch => {
    const places = new Map<string, number>();
    const forms = new Int32Array(sentences.length * time);
    sentences.forEach((sentence, b) => {
      sentence.forEach((form, t) => {
        const place = places.get(form) ?? places.size;
        places.set(form, place);
        forms[b * time + t] = place;
      });
    });
    const spellings = Array.from(places.keys(), spelled);
    const letters = spellings.reduce((most, { length }) => Math.max(most, length), 1);
    const table = new Int32Array(spellings.length * letters);
    spellings.forEach((spelling, i) => {
      table.set(spelling, i * letters);
    });
    return { forms, characters: table, lengths: Int32Array.from(spellings, (s) => s.length), letters };
  };
}
