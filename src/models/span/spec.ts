import type { TokenizerDescription } from '../../tokenize/description.ts';

/** Everything but the weights that is needed to rebuild a model that points at spans: plain data, as it stands in `model.json`. */
export interface SpanSpec {
  readonly kind: 'span';
  /** A name in the registry of span architectures. */
  readonly architecture: string;
  /** Its complete configuration, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  /** How passages and questions fall into tokens; of kind `letters` for sequences, each letter a token. */
  readonly tokenizer: TokenizerDescription;
  /** Whether a question stands beside each passage. */
  readonly question: boolean;
  /** Whether a passage may hold no span: then "none" is an answer of its own. */
  readonly optional: boolean;
  /** Tokens in a span at most. */
  readonly longest: number;
}

/** The most tokens that a span may be allowed. */
export const mostTokens = 2 ** 24;
