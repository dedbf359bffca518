import { tokenLogProbabilities } from '../core/scorer.ts';
import type { Hypothesis } from './beam.ts';
import type { Decoded } from './decoding.ts';
import { type Contrast, marginalFloor } from './stepper.ts';

/**
 * Orders complete sequences by ln P(y | x) − λ ln P(y), the best first (MMI re-ranking, Li et al. 2016): what the
 * input explains comes before what is said to any input. λ is `weight`, the marginal's ln P counts the first `first`
 * tokens only; the same objective as a decoder's `contrast`, but for whole sequences that were found without it.
 *
 * `prompt` is how many tokens of each sequence were given rather than written.
 * @example
 * const found = await beam(scorer, { context, length: 20, width: 50 });
 * const [best] = await rerank(found, { marginal, weight: 0.5 });
 */
export async function rerank(
  sequences: readonly Decoded[],
  { marginal, context, weight = 0.5, first = Number.POSITIVE_INFINITY }: Contrast,
  { prompt = 0 } = {},
): Promise<Hypothesis[]> {
  const ranked: Hypothesis[] = [];
  for (const sequence of sequences) {
    const tokens =
      sequence.ended && marginal.end !== null ? [...sequence.tokens, marginal.end] : sequence.tokens;
    const logs = await tokenLogProbabilities(marginal, tokens, context);
    const counted = logs.slice(prompt, Math.min(logs.length, prompt + first));
    const prior = counted.reduce((sum, log) => sum + Math.max(marginalFloor, log), 0);
    ranked.push({ ...sequence, score: sequence.logProbability - weight * prior });
  }
  return ranked.sort((a, b) => b.score - a.score);
}
