import { usageError } from '../../../core/errors.ts';
import { alphabetByName } from '../../../data/alphabet.ts';
import { trainBpe } from '../../../tokenize/bpe.ts';
import { charactersOf } from '../../../tokenize/characters.ts';
import { letters } from '../../../tokenize/letters.ts';
import type { Tokenizer } from '../../../tokenize/tokenizer.ts';
import { wordsOf } from '../../../tokenize/words.ts';
import type { SpanData } from './data.ts';

/** How text may fall into tokens; a number after a colon is the size, as in `words:5000` and `bpe:1000`. */
export const spanTokenizerNames = ['words', 'bpe', 'characters'] as const;

/**
 * The tokenizer that a name asks for, learned from passages and questions. Sequences are read letter by letter, always; text as `words`
 * (in lower case; those that occur once are unknown, but a word that question and passage share is marked as such), `bpe` (within words) or
 * `characters`. Throws a usage error that lists the names.
 * @example spanTokenizer(data, 'words:5000')
 */
export function spanTokenizer({ kind, alphabet, records }: SpanData, asked: string | undefined): Tokenizer {
  if (kind === 'letters') {
    if (asked !== undefined && asked !== 'letters')
      throw usageError(
        `--tokenizer ${asked} is for text; sequences are read letter by letter, so that a span may begin at any of them. Leave it out.`,
      );
    return letters(alphabetByName(alphabet!.name, alphabet!.letters));
  }
  const [, name = '', size] = /^([a-z]+)(?::(\d+))?$/.exec(asked ?? 'words') ?? [];
  const count = size === undefined ? undefined : Number(size);
  const texts = distinctTexts(records);
  if (name === 'words')
    return wordsOf(texts, { most: count ?? 20_000, minCount: 2, lowercase: true, special: ['unknown'] });
  if (name === 'bpe') return trainBpe(texts, { size: count ?? 2000, split: 'spaces' });
  if (name === 'characters' && count === undefined) return charactersOf(texts, { special: ['unknown'] });
  throw usageError(
    `there is no tokenizer ${JSON.stringify(asked)} for spans of text; expected ${spanTokenizerNames.join(', ')}, or words:5000 and bpe:1000 with a size.`,
  );
}

/** Each passage once, however many questions are asked of it. */
const distinctTexts = (records: SpanData['records']): string[] => [
  ...new Set(
    records.flatMap(({ passage, question }) => (question === undefined ? [passage] : [passage, question])),
  ),
];
