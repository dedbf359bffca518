import type { Dataset } from '../data/dataset.ts';

/**
 * Weights that make rare classes count as much as common ones: n / (k · n_c) for classes; for labels, how many negatives there
 * are to a positive. A class that does not occur weighs 1.
 */
export function balancedWeights({ target, records }: Dataset): number[] | undefined {
  if (!target || target.kind === 'values') return undefined;
  const k = target.classes.length;
  const n = records.length;
  const counts = new Array<number>(k).fill(0);
  if (target.kind === 'classes') for (const c of target.truth) counts[c]!++;
  else for (const [i, y] of target.truth.entries()) counts[i % k]! += y;
  return counts.map((count) =>
    count === 0 ? 1 : target.kind === 'classes' ? n / (k * count) : (n - count) / count,
  );
}
