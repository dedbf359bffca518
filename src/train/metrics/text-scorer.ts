/** Σ w·a / Σ w·b; NaN where nothing is below the line. */
export function weightedRatio(above: Float64Array, below: Float64Array, weights: Float64Array): number {
  let [a, b] = [0, 0];
  for (let i = 0; i < weights.length; i++) {
    a += weights[i]! * above[i]!;
    b += weights[i]! * below[i]!;
  }
  return a / b;
}

/** Counts of each record, row-major [records, width], added up under weights. */
export function weightedCounts(
  rows: readonly ArrayLike<number>[],
  width: number,
  weights: Float64Array,
): Float64Array {
  const sums = new Float64Array(width);
  rows.forEach((row, i) => {
    const w = weights[i]!;
    if (w !== 0) for (let k = 0; k < width; k++) sums[k]! += w * row[k]!;
  });
  return sums;
}

/** How often each run of `n` consecutive items occurs; items must not hold the separator. */
export function ngramCounts(items: readonly string[], n: number, separator: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= items.length; i++) {
    const key = items.slice(i, i + n).join(separator);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
