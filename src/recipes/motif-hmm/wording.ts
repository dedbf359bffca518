import { consensus, type MotifMatrix } from '../../markov/motif/matrix.ts';

/** A motif as text: letters that are not sure in lower case. */
export const motifText = (matrix: MotifMatrix): string => consensus(matrix, 'ACGT');

/** A probability in words that stay true where it is too small to be told. */
export const probability = (p: number): string =>
  p < 1e-12 ? '< 1e-12' : p < 0.001 ? p.toExponential(0) : p.toFixed(3);
