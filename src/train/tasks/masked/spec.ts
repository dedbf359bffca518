import { maskedNetwork } from '../../../models/masked/network.ts';
import type { MaskedSpec, Masking } from '../../../models/masked/spec.ts';
import { maskedVocabulary } from '../../../models/masked/vocabulary.ts';
import type { Tokenizer } from '../../../tokenize/tokenizer.ts';
import type { Corpus } from '../language/corpus.ts';
import { corpusTokenizer } from '../language/tokenizers.ts';
import { checkedMasking } from './masking.ts';

/** A masked model before it has seen text. */
export interface MaskedModelDefinition {
  /** A name in the registry of masked architectures; `transformer` by default. */
  readonly architecture?: string;
  /** What of its configuration differs from the defaults. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** One that is ready, or what `corpusTokenizer` makes one of from the corpus; `auto` by default. */
  readonly tokenizer?: string | Tokenizer;
  /** What is hidden: single tokens, 15 % of them, unless it says otherwise. */
  readonly masking?: Partial<Masking>;
}

/** The specification of a masked model for a corpus. Throws a usage error for what there is not. */
export function maskedSpec(
  corpus: Corpus,
  { architecture = 'transformer', config = {}, tokenizer = 'auto', masking = {} }: MaskedModelDefinition = {},
): MaskedSpec {
  const made = typeof tokenizer === 'string' ? corpusTokenizer(corpus, tokenizer) : tokenizer;
  const described = { tokenizer: made.toJSON() };
  const spec: MaskedSpec = {
    ...{ kind: 'masked', architecture, config },
    ...described,
    masking: checkedMasking(masking, maskedVocabulary(described)),
  };
  return { ...spec, config: maskedNetwork(spec).config };
}
