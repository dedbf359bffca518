import { randomStream } from '../../core/random.ts';
import type { Corpus } from '../../train/tasks/language/corpus.ts';

/** One letter for each residue. */
const digits = '0123456789abcdefghijklmnopqrstuvwxyz';

/** How many residues there may be. */
export const mostResidues = digits.length;

/**
 * Texts in which each letter is the sum of those `lags` places before, modulo m: x(t) = x(t−1) + x(t−2) for lags 1 and 2. Where the sum
 * begins is drawn evenly, so that every shorter context tells nothing of the next letter.
 * @example plantedSums({ modulus: 10, lags: [1, 2], count: 1, length: 8, seed: 1 }).texts // such as ['58318976']
 */
export function plantedSums({
  modulus,
  lags,
  count,
  length,
  seed,
}: {
  modulus: number;
  lags: readonly number[];
  count: number;
  length: number;
  seed: number;
}): Corpus {
  const furthest = Math.max(...lags);
  const texts = Array.from({ length: count }, (_, i) => {
    const random = randomStream(seed, 'sums', i);
    const values = Array.from({ length: furthest }, () => random.below(modulus));
    for (let t = furthest; t < length; t++)
      values.push(lags.reduce((sum, lag) => sum + values[t - lag]!, 0) % modulus);
    return values.map((value) => digits[value]).join('');
  });
  return { texts, ids: texts.map((_, i) => `s${i + 1}`), ends: false, kind: 'text', sources: [] };
}
