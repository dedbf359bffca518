import type { NgramModel } from './model.ts';

/** How well a model foretells sequences. */
export interface PredictiveFit {
  /** ln P of everything together. */
  logProbability: number;
  /** Tokens that were predicted. */
  tokens: number;
  /** Tokens outside the vocabulary, which were passed over. */
  unknown: number;
  /** Mean −log₂ P per token. */
  bits: number;
  /** 2^bits: of how many equally likely tokens one had to choose. */
  perplexity: number;
}

/**
 * Perplexity and bits per token over sequences; for a model with an end, the end counts as a token, and is
 * added where a sequence lacks it. Without any token, bits and perplexity are NaN-free: 0 and 1.
 * @example ngramFit(model, [dna.encode('ACGTTTACGA')]).bits // below 2 for anything but noise
 */
export function ngramFit(
  model: NgramModel,
  sequences: Iterable<ArrayLike<number>>,
  { phase = 0 } = {},
): PredictiveFit {
  let logProbability = 0;
  let tokens = 0;
  let unknown = 0;
  for (const sequence of sequences) {
    const whole = withEnd(sequence, model.end);
    for (const log of model.logs(whole, { phase })) logProbability += log;
    for (let i = 0; i < whole.length; i++) {
      if (whole[i]! >= 0 && whole[i]! < model.vocabulary) tokens++;
      else unknown++;
    }
  }
  const bits = tokens === 0 ? 0 : -logProbability / tokens / Math.LN2;
  return { logProbability, tokens, unknown, bits, perplexity: 2 ** bits };
}

function withEnd(sequence: ArrayLike<number>, end: number | null): ArrayLike<number> {
  if (end === null || (sequence.length > 0 && sequence[sequence.length - 1] === end)) return sequence;
  return [...Array.from(sequence), end];
}
