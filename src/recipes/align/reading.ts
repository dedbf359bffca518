/**
 * Weights [rows, columns] read monotonically: which column each row stands for, −1 for none, such that columns only rise and Σ (weight − gap) over
 * what is aligned is largest. Needleman and Wunsch's recursion (1970) on weights in place of scores.
 * @example monotone(Float64Array.of(0.9, 0, 0, 0.8), { rows: 2, columns: 2, gap: 0.1 }) // [0, 1]
 */
export function monotone(
  weights: ArrayLike<number>,
  { rows, columns, gap }: { rows: number; columns: number; gap: number },
): number[] {
  const width = columns + 1;
  const best = new Float64Array((rows + 1) * width);
  const from = new Uint8Array((rows + 1) * width);
  for (let r = 1; r <= rows; r++)
    for (let c = 1; c <= columns; c++) {
      const both = best[(r - 1) * width + c - 1]! + weights[(r - 1) * columns + c - 1]! - gap;
      const up = best[(r - 1) * width + c]!;
      const left = best[r * width + c - 1]!;
      const most = Math.max(both, up, left);
      best[r * width + c] = most;
      from[r * width + c] = most === both ? 0 : most === up ? 1 : 2;
    }
  const partners = new Array<number>(rows).fill(-1);
  for (let r = rows, c = columns; r > 0 && c > 0; ) {
    const way = from[r * width + c]!;
    if (way === 0) partners[r - 1] = c - 1;
    if (way !== 2) r--;
    if (way !== 1) c--;
  }
  return partners;
}

/** The mean of what was seen reading forward and what was seen reading both sequences backward: [rows, columns] without the source's end. */
export function bothWays(
  forward: Float32Array,
  backward: Float32Array,
  { rows, columns }: { rows: number; columns: number },
): Float64Array {
  const width = columns + 1;
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const [r, c] = [Math.floor(at / columns), at % columns];
    return (forward[r * width + c]! + backward[(rows - 1 - r) * width + (columns - 1 - c)]!) / 2;
  });
}
