import { usageError } from '../../../core/errors.ts';
import { type Alphabet, alphabetByName } from '../../../data/alphabet.ts';
import { guessAlphabet } from '../../../data/letters.ts';
import { trainBpe } from '../../../tokenize/bpe.ts';
import { bytes } from '../../../tokenize/bytes.ts';
import { charactersOf } from '../../../tokenize/characters.ts';
import { codons } from '../../../tokenize/codons.ts';
import { kmers } from '../../../tokenize/kmers.ts';
import { letters } from '../../../tokenize/letters.ts';
import type { Tokenizer } from '../../../tokenize/tokenizer.ts';
import { trainUnigram } from '../../../tokenize/unigram.ts';
import { wordsOf } from '../../../tokenize/words.ts';
import type { Corpus } from './corpus.ts';

/** How a corpus may be cut into tokens; a number after a colon is the size of what is cut, as in `kmers:6` and `bpe:1000`. */
export const tokenizerNames = [
  ...['auto', 'characters', 'bytes', 'letters', 'dna', 'rna', 'protein'],
  ...['kmers', 'codons', 'words', 'bpe', 'unigram'],
] as const;

/**
 * The tokenizer that a name asks for, learned from a corpus where there is something to learn: `letters` of the alphabet that the corpus
 * is written in (or of `dna`, `rna`, `protein`), `characters` and `bytes` of text, `kmers:6` side by side, `codons`, the most frequent
 * `words:10000`, byte-pair encoding with `bpe:1000` tokens, a unigram model with `unigram:1000`. `auto` is letters for FASTA and characters for text. Characters and words
 * that the corpus does not hold are one unknown token.
 *
 * Throws a usage error that lists the names, a data error for a corpus that the tokenizer cannot read.
 * @example corpusTokenizer(corpus, 'kmers:3')
 */
export function corpusTokenizer({ texts, kind }: Pick<Corpus, 'texts' | 'kind'>, asked: string): Tokenizer {
  const [, name = '', size] = /^([a-z]+)(?::(\d+))?$/.exec(asked) ?? [];
  const count = size === undefined ? undefined : Number(size);
  if (count !== undefined && !['kmers', 'words', 'bpe', 'unigram'].includes(name))
    throw unknownTokenizer(asked);
  switch (name) {
    case 'auto':
      return corpusTokenizer({ texts, kind }, kind === 'letters' ? 'letters' : 'characters');
    case 'characters':
      return charactersOf(texts, { special: ['unknown'] });
    case 'bytes':
      return bytes();
    case 'letters':
      return lettersOf(texts, guessAlphabet(texts).alphabet);
    case 'dna':
    case 'rna':
    case 'protein':
      return lettersOf(texts, alphabetByName(name));
    case 'kmers':
      return kmers({ k: count ?? 6, stride: count ?? 6, alphabet: guessAlphabet(texts).alphabet });
    case 'codons':
      return codons({ alphabet: guessAlphabet(texts).alphabet });
    case 'words':
      return wordsOf(texts, { most: count ?? 20_000, minCount: 2, special: ['unknown'] });
    case 'bpe':
      return trainBpe(texts, { size: count ?? 1000 });
    case 'unigram':
      return trainUnigram(texts, { size: count ?? 1000 });
    default:
      throw unknownTokenizer(asked);
  }
}

const unknownTokenizer = (asked: string) =>
  usageError(
    `there is no tokenizer ${JSON.stringify(asked)}; expected one of ${tokenizerNames.join(', ')}, or kmers:6, words:20000, bpe:1000, unigram:1000 with a size.`,
  );

/** Ambiguity letters are tokens only where the corpus holds some. */
function lettersOf(texts: readonly string[], alphabet: Alphabet): Tokenizer {
  const canonical = letters(alphabet, { ambiguous: 'error' });
  const ambiguous = texts.some((text) => {
    const { ids, size } = alphabet;
    for (let i = 0; i < text.length; i++) if ((ids[text.charCodeAt(i)] ?? -1) >= size) return true;
    return false;
  });
  return ambiguous ? letters(alphabet) : canonical;
}
