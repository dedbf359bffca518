import type { Dim } from '../../graph/dims.ts';
import { add, cast, matmul, mul, reshape, softmax, where } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { mask } from '../mask.ts';
import { hiddenScore } from './attend.ts';

/** Softmax of scores[batch, queries, keys] over the real keys, and the sum of memory[batch, keys, width] that it weighs. */
export function attendByScores(
  scores: Value,
  memory: Value,
  lengths: Value | undefined,
): { output: Value; weights: Value } {
  let weights: Value;
  if (lengths) {
    const [batch, keys] = [memory.shape[0]!, memory.shape[1]!] as [Dim, Dim];
    const real = reshape(mask(lengths, keys), [batch, 1, keys]);
    weights = mul(softmax(add(scores, where(real, 0, hiddenScore))), cast(real, 'float32'));
  } else weights = softmax(scores);
  return { output: matmul(weights, memory), weights };
}
