import { type TokenizerDescription, tokenizerFrom } from '../../tokenize/description.ts';
import type { Tokenizer } from '../../tokenize/tokenizer.ts';

/** What a transcriber reads. */
export type TranscriberInput =
  | {
      /** Numbers at every moment: a current, spectra, the place of a pen. */
      readonly kind: 'frames';
      /** What the numbers of a frame are, in their order. */
      readonly channels: readonly string[];
      /** Of each channel in the training data: it is read as (value − mean) / deviation. */
      readonly mean: readonly number[];
      readonly deviation: readonly number[];
    }
  | {
      /** Letters or words, of which there are more than are to be written. */
      readonly kind: 'symbols';
      readonly tokens: TokenizerDescription;
    };

/** Everything but the weights that is needed to rebuild a transcriber: plain data, as it stands in `model.json`. */
export interface TranscriberSpec {
  readonly kind: 'transcriber';
  /** A name in the registry of transcribers. */
  readonly architecture: string;
  /** Its complete configuration, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly input: TranscriberInput;
  /** What it writes: class 0 is the blank, class i + 1 token i. */
  readonly target: TokenizerDescription;
}

/** The most channels of a frame. */
export const mostChannels = 10_000;

/** The class that stands for no token. */
export const blank = 0;

/** The tokenizer of what a transcriber writes. */
export const targetTokenizer = ({ target }: Pick<TranscriberSpec, 'target'>): Tokenizer =>
  tokenizerFrom(target, 'the tokenizer of transcriptions');

/** Steps that a network must have to write tokens: one for each, and one for a blank between two that are the same. */
export function stepsNeeded(tokens: ArrayLike<number>): number {
  let steps = tokens.length;
  for (let i = 1; i < tokens.length; i++) if (tokens[i] === tokens[i - 1]) steps++;
  return steps;
}
