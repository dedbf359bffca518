import { languageNetwork } from '../../../models/language/network.ts';
import type { LanguageSpec } from '../../../models/language/spec.ts';
import type { Tokenizer } from '../../../tokenize/tokenizer.ts';
import type { Corpus } from './corpus.ts';
import { corpusTokenizer } from './tokenizers.ts';

/** A language model before it has seen text. */
export interface LanguageDefinition {
  /** A name in the registry of language architectures. */
  readonly architecture: string;
  /** What of its configuration differs from the defaults. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** One that is ready, or what `corpusTokenizer` makes one of from the corpus; `auto` by default. */
  readonly tokenizer?: string | Tokenizer;
}

/** The specification of a language model for a corpus. Throws a usage error for what there is not. */
export function languageSpec(
  corpus: Corpus,
  { architecture, config = {}, tokenizer = 'auto' }: LanguageDefinition,
): LanguageSpec {
  const made = typeof tokenizer === 'string' ? corpusTokenizer(corpus, tokenizer) : tokenizer;
  const spec: LanguageSpec = {
    ...{ kind: 'language', architecture, config },
    tokenizer: made.toJSON(),
    ends: corpus.ends,
  };
  return { ...spec, config: languageNetwork(spec).config };
}
