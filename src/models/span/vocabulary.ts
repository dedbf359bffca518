import { usageError } from '../../core/errors.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import type { TokenizerDescription } from '../../tokenize/description.ts';
import type { Tokenizer } from '../../tokenize/tokenizer.ts';
import { tokenizerOf } from '../language/spec.ts';

/** What a model that points at spans needs to know of its tokens. */
export interface SpanVocabulary {
  readonly tokenizer: Tokenizer;
  /** Ids of a text, and where each token stands in it: start and end (exclusive) in UTF-16 units, two numbers a token. */
  read(text: string): { readonly ids: Int32Array; readonly offsets: Int32Array };
  /** The id that fills batches; ids that are read number one more than it. */
  readonly padding: number;
  /** Of letters: what each id stands for, one row of `size` shares an id and a row of zeros for padding; absent for other tokens. */
  readonly letters?: { readonly table: ArrayLike<number>; readonly size: number };
}

/**
 * The vocabulary of a tokenizer. Throws a usage error for a tokenizer that does not tell where its tokens stand in the text: a span could
 * not be found again.
 */
export function spanVocabulary({
  tokenizer: described,
}: {
  tokenizer: TokenizerDescription;
}): SpanVocabulary {
  const tokenizer = tokenizerOf({ tokenizer: described });
  const { offsets } = tokenizer;
  if (!offsets)
    throw usageError(
      `a tokenizer of kind "${tokenizer.name}" that changes the text does not tell where its tokens stand in it. Use words, characters or bpe.`,
    );
  const shared = {
    tokenizer,
    read: (text: string) => ({ ids: tokenizer.encode(text), offsets: offsets(text) }),
    padding: tokenizer.size,
  };
  if (described.kind !== 'letters' || described.ambiguous !== 'keep') return shared;
  const alphabet = alphabetByName(described.alphabet.name, described.alphabet.letters);
  return { ...shared, letters: { table: alphabet.table(), size: alphabet.size } };
}
