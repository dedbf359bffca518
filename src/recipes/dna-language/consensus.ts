/** Shares of A, C, G and T, by position. */
type Matrix = readonly (readonly number[])[];

/** The most probable letters of a motif; N where the most probable one has less than half. */
export const consensusText = (matrix: Matrix): string =>
  matrix
    .map((row) => {
      const most = row.indexOf(Math.max(...row));
      return row[most]! >= 0.5 ? 'ACGT'[most]! : 'N';
    })
    .join('');

/** Where a text, free letters (N) aside, has most letters that are the most probable ones of a motif, and how many. */
export function bestOffset(text: string, matrix: Matrix): { offset: number; shared: number } {
  let best = { offset: 0, shared: 0 };
  for (let offset = 1 - text.length; offset < matrix.length; offset++) {
    let shared = 0;
    for (let i = 0; i < text.length; i++) {
      const row = matrix[offset + i];
      const letter = 'ACGT'.indexOf(text[i]!);
      if (row && letter >= 0 && row.every((p) => p <= row[letter]!)) shared++;
    }
    if (shared > best.shared) best = { offset, shared };
  }
  return best;
}

/** The share of its letters that a motif must have in common with a stronger one to be the same. */
const same = 0.8;

/** Whether two motifs show mostly the same letters. */
export const isSame = (a: Matrix, b: Matrix): boolean => {
  const [one, other] = [consensusText(a), consensusText(b)];
  const fewest = Math.min(fixed(one), fixed(other));
  return bestOffset(other, a).shared >= same * fewest;
};

const fixed = (text: string): number => text.replaceAll('N', '').length;
