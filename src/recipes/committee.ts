import type { Predictions } from '../train/metrics/index.ts';

/**
 * What several models say together: the class probabilities whose logits are the mean of theirs, which is the normalised geometric mean
 * of the probabilities (logarithmic opinion pool; Genest and Zidek 1986).
 * @example [0.9, 0.1] and [0.5, 0.5] → [0.75, 0.25]
 */
export function meanOfLogits(all: readonly Predictions[]): Predictions {
  const first = all[0]!;
  const k = first.values.length / first.ids.length;
  const values = new Float64Array(first.values.length);
  for (let row = 0; row < values.length; row += k) {
    const means = Array.from({ length: k }, (_, c) =>
      all.reduce((sum, { values: p }) => sum + Math.log(Math.max(p[row + c]!, 1e-30)) / all.length, 0),
    );
    const top = Math.max(...means);
    const total = means.reduce((sum, z) => sum + Math.exp(z - top), 0);
    means.forEach((z, c) => {
      values[row + c] = Math.exp(z - top) / total;
    });
  }
  return { ...first, values };
}
