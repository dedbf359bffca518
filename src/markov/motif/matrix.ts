import { usageError } from '../../core/errors.ts';

/** Probabilities of letters: one row a position, one number a letter; rows sum to one. */
export type MotifMatrix = readonly (readonly number[])[];

/**
 * The motif as it stands on the other strand: positions and letters in reverse, each letter by its complement.
 * @example reverseComplementMatrix([[1, 0, 0, 0], [0, 0.7, 0.3, 0]], [3, 2, 1, 0]) // [[0, 0.3, 0.7, 0], [0, 0, 0, 1]]
 */
export const reverseComplementMatrix = (matrix: MotifMatrix, complement: ArrayLike<number>): number[][] =>
  matrix.map((row) => row.map((_, letter) => row[complement[letter]!]!)).reverse();

/**
 * Information of each position in bits: the relative entropy of its letters against the background (Schneider et al. 1986; Stormo 2000).
 * @example columnInformation([[1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]], [0.25, 0.25, 0.25, 0.25]) // [2, 0]
 */
export const columnInformation = (matrix: MotifMatrix, background: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, p, i) => sum + (p > 0 ? p * Math.log2(p / background[i]!) : 0), 0));

/**
 * The most probable letter of each position; in lower case where its probability is below `sure`.
 * @example consensus([[0.9, 0.1, 0, 0], [0.2, 0.2, 0.2, 0.4]], 'ACGT') // 'At'
 */
export function consensus(
  matrix: MotifMatrix,
  letters: string,
  { sure = 0.6 }: { sure?: number } = {},
): string {
  return matrix
    .map((row) => {
      const most = Math.max(...row);
      const letter = letters[row.indexOf(most)]!;
      return most < sure ? letter.toLowerCase() : letter;
    })
    .join('');
}

/** Throws a usage error unless each row has `size` probabilities that sum to one (within 1e-6). */
export function checkMatrix(matrix: MotifMatrix, size: number): void {
  if (matrix.length === 0) throw usageError('A motif without positions; expected at least one.');
  matrix.forEach((row, i) => {
    const sum = row.reduce((all, p) => all + (p >= 0 ? p : Number.NaN), 0);
    if (row.length !== size || !(Math.abs(sum - 1) < 1e-6))
      throw usageError(
        `Position ${i + 1} of a motif is ${row.join(' ')}; expected ${size} probabilities of sum one.`,
      );
  });
}
