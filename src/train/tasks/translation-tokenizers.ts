import { usageError } from '../../core/errors.ts';
import { charactersOf } from '../../tokenize/characters.ts';
import type { Tokenizer } from '../../tokenize/tokenizer.ts';
import { wordsOf } from '../../tokenize/words.ts';

/** How texts fall into tokens; `auto`: words where most texts hold white space, else characters. */
export const tokenUnits = ['auto', 'words', 'characters'] as const;
export type TokenUnit = (typeof tokenUnits)[number];

/** More words than these are not told apart. */
const mostWords = 30_000;

/**
 * A tokenizer learned from texts, with an unknown token. Words take punctuation apart unless that would change how the texts are written.
 * Throws a usage error for a unit that there is not, a data error for texts without any token.
 * @example tokenizerOf(['walk twice', 'jump'], 'auto').size // 4: three words and the unknown one
 */
export function tokenizerOf(texts: readonly string[], unit: TokenUnit): Tokenizer {
  if (!tokenUnits.includes(unit))
    throw usageError(`expected tokens out of ${tokenUnits.join(', ')}; received "${unit}".`);
  const spaced = texts.filter((text) => /\s/.test(text.trim())).length;
  if (unit === 'characters' || (unit === 'auto' && 2 * spaced < texts.length))
    return charactersOf(texts, { special: ['unknown'] });
  const options = { most: mostWords, special: ['unknown'] } as const;
  const split = wordsOf(texts, { ...options, punctuation: 'split' });
  const changed = texts.filter((text) => split.decode(split.encode(text)) !== text).length;
  return 100 * changed > texts.length ? wordsOf(texts, { ...options, punctuation: 'keep' }) : split;
}
