import type { RandomStream } from '../core/random.ts';

/**
 * An index drawn in proportion to `weights` [from, from + length), counted from `from`. The weights need
 * not sum to one; one of weight zero is never drawn. −1 if all are zero.
 */
export function drawFrom(
  weights: ArrayLike<number>,
  stream: Pick<RandomStream, 'uniform'>,
  from = 0,
  length = weights.length - from,
): number {
  let total = 0;
  for (let i = 0; i < length; i++) total += weights[from + i]!;
  let left = stream.uniform() * total;
  let last = -1;
  for (let i = 0; i < length; i++) {
    const weight = weights[from + i]!;
    if (weight <= 0) continue;
    last = i;
    left -= weight;
    if (left < 0) return i;
  }
  return last;
}
