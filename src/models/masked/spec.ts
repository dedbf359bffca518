import type { TokenizerDescription } from '../../tokenize/description.ts';

/** What is hidden together: single tokens, runs of random length, or whole words of k letters. */
export const maskings = ['base', 'span', 'kmer'] as const;
export type MaskingName = (typeof maskings)[number];

/** How tokens are hidden in training, and where a model is judged by what it was trained for. */
export interface Masking {
  readonly how: MaskingName;
  /** Share of a sequence's tokens that is hidden. */
  readonly share: number;
  /** `span`: the mean length of a run, in tokens; `kmer`: the letters of a word; `base` does not use it. */
  readonly length: number;
}

/** Everything but the weights that is needed to rebuild a masked model: plain data, as it stands in `model.json`. */
export interface MaskedSpec {
  readonly kind: 'masked';
  /** A name in the registry of masked architectures. */
  readonly architecture: string;
  /** Its complete configuration, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly tokenizer: TokenizerDescription;
  readonly masking: Masking;
}
