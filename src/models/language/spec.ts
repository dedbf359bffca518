import { type TokenizerDescription, tokenizerFrom } from '../../tokenize/description.ts';
import type { Tokenizer } from '../../tokenize/tokenizer.ts';

/** Everything but the weights that is needed to rebuild a language model: plain data, as it stands in `model.json`. */
export interface LanguageSpec {
  readonly kind: 'language';
  /** A name in the registry of language architectures. */
  readonly architecture: string;
  /** Its complete configuration, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly tokenizer: TokenizerDescription;
  /** Whether it foretells the ends of sequences; false: it has learned from pieces of something longer. */
  readonly ends: boolean;
}

const made = new WeakMap<TokenizerDescription, Tokenizer>();

/** The tokenizer of a language model; a description is read once. */
export function tokenizerOf({ tokenizer }: Pick<LanguageSpec, 'tokenizer'>): Tokenizer {
  const known = made.get(tokenizer) ?? tokenizerFrom(tokenizer);
  made.set(tokenizer, known);
  return known;
}

/**
 * What each token spells, for decoders and constraints; special tokens, and bytes that are no character by themselves, spell nothing.
 * Where `joins`, a text is what its tokens spell one after the other.
 */
export function languageSpelling(spec: Pick<LanguageSpec, 'tokenizer'>): {
  readonly spelling: readonly string[];
  readonly joins: boolean;
} {
  const tokenizer = tokenizerOf(spec);
  const { tokenizer: described } = spec;
  const special = specialTokens(spec);
  const spelling = Array.from({ length: tokenizer.size }, (_, token) => {
    const text = special.has(token) ? '' : tokenizer.decode([token]);
    return text.includes('\ufffd') ? '' : text;
  });
  const overlaps = described.kind === 'kmers' && described.stride < described.k;
  return { spelling, joins: tokenizer.lossless && !overlaps };
}

/** Tokens that stand for no text of their own. */
export const specialTokens = (spec: Pick<LanguageSpec, 'tokenizer'>): ReadonlySet<number> =>
  new Set(Object.values(tokenizerOf(spec).special));
