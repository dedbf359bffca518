import { type TokenizerDescription, tokenizerFrom } from '../../tokenize/description.ts';
import type { Tokenizer } from '../../tokenize/tokenizer.ts';

/** Everything but the weights that is needed to rebuild a translator: plain data, as it stands in `model.json`. */
export interface TranslatorSpec {
  readonly kind: 'translator';
  /** A name in the table of translators' architectures. */
  readonly architecture: string;
  /** Its complete configuration, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  /** How sources are read. */
  readonly source: TokenizerDescription;
  /** How targets are read and written. */
  readonly target: TokenizerDescription;
}

const made = new WeakMap<TokenizerDescription, Tokenizer>();

/** The tokenizers of a translator; each description is read once. */
export function translatorTokenizers({
  source,
  target,
}: Pick<TranslatorSpec, 'source' | 'target'>): Record<'source' | 'target', Tokenizer> {
  return { source: tokenizerOf(source, 'source'), target: tokenizerOf(target, 'target') };
}

function tokenizerOf(description: TokenizerDescription, role: string): Tokenizer {
  const known = made.get(description) ?? tokenizerFrom(description, `the tokenizer of ${role}s`);
  made.set(description, known);
  return known;
}

/** What each token spells, for decoders and constraints; those that stand for no text of their own spell nothing. */
export function targetSpelling(spec: Pick<TranslatorSpec, 'source' | 'target'>): string[] {
  const { target } = translatorTokenizers(spec);
  const special = new Set(Object.values(target.special));
  return Array.from({ length: target.size }, (_, token) => (special.has(token) ? '' : target.token(token)));
}
