import { SeqwrightError } from '../../../core/errors.ts';
import { stepsOf } from '../../../models/transcriber/front.ts';
import { type Encoded, placesOf } from '../../../models/transcriber/runner.ts';
import { stepsNeeded, type TranscriberSpec, targetTokenizer } from '../../../models/transcriber/spec.ts';
import { tokenizerFrom } from '../../../tokenize/description.ts';
import type { Observation, TranscriptionData } from './data.ts';

/** What a transcriber learns from: what it reads, and the tokens that it is to write. */
export interface Example {
  readonly input: Encoded;
  readonly target: Int32Array;
}

/** How what was observed becomes what the network reads: frames in units of the training data, symbols as ids. */
export function observationEncoder({
  input,
}: Pick<TranscriberSpec, 'input'>): (observed: Observation) => Encoded {
  if (input.kind === 'symbols') {
    const tokenizer = tokenizerFrom(input.tokens, 'the tokenizer of what is read');
    return (observed) => tokenizer.encode((observed as Observation & { kind: 'symbols' }).symbols);
  }
  const { mean, deviation } = input;
  const width = mean.length;
  return (observed) =>
    (observed as Observation & { kind: 'frames' }).values.map(
      (value, i) => (value - mean[i % width]!) / deviation[i % width]!,
    );
}

/** The tokens of a text, or why it cannot be written with those that there are. */
export type Written = { readonly tokens: Int32Array } | { readonly unknown: string };

/** How texts become tokens. */
export function textEncoder(spec: Pick<TranscriberSpec, 'target'>): (text: string) => Written {
  const tokenizer = targetTokenizer(spec);
  return (text) => {
    try {
      return { tokens: tokenizer.encode(text) };
    } catch (error) {
      if (!(error instanceof SeqwrightError && error.kind === 'data')) throw error;
      return { unknown: error.message };
    }
  };
}

/** The records that can be learned from, all of whose tokens are known. */
export function examplesOf(
  spec: TranscriberSpec,
  { records }: Pick<TranscriptionData, 'records'>,
): Example[] {
  const [read, write] = [observationEncoder(spec), textEncoder(spec)];
  return records.flatMap(({ observed, text }) => {
    const written = write(text);
    return 'tokens' in written ? [{ input: read(observed), target: written.tokens }] : [];
  });
}

/** Whether any alignment fits: a step for each token, and one between two that are the same. */
export const isAlignable = (
  { input, target }: Example,
  spec: Pick<TranscriberSpec, 'input'>,
  stride: number,
): boolean => stepsNeeded(target) <= stepsOf(placesOf(input, spec), stride);
