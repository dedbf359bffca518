import { type AlignmentCodes, isGapCode, isResidue } from './columns.ts';

/**
 * Position-based weights (Henikoff and Henikoff 1994) that sum to the number of rows: in each column, every
 * different letter has an equal share, which the rows that have it divide. As HMMER does, only `columns` marked
 * (those of the consensus) count, and a row's weight is divided by how many residues it has there, so that long rows gain
 * nothing.
 */
export function positionBasedWeights(codes: AlignmentCodes, columns: Uint8Array): Float64Array {
  const { rows, alphabet } = codes;
  const { size } = alphabet;
  const weights = new Float64Array(rows.length);
  const residues = new Float64Array(rows.length);
  columns.forEach((marked, c) => {
    if (!marked) return;
    const counts = new Float64Array(size);
    for (const row of rows) if (row[c]! < size) counts[row[c]!]!++;
    const different = counts.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0);
    rows.forEach((row, i) => {
      if (row[c]! >= size) return;
      weights[i]! += 1 / (different * counts[row[c]!]!);
      residues[i]!++;
    });
  });
  const byLength = weights.map((weight, i) => (residues[i]! > 0 ? weight / residues[i]! : 0));
  const total = byLength.reduce((sum, weight) => sum + weight, 0);
  return byLength.map((weight) => (total > 0 ? (weight * rows.length) / total : 1));
}

/**
 * The columns that weights are taken from: more than `symfrac` of the rows that reach a column have a residue there. A row
 * whose residues span less than `fragment` of the columns reaches only those it spans.
 */
export function weightColumns(
  { rows, columns, alphabet }: AlignmentCodes,
  { symfrac, fragment }: { symfrac: number; fragment: number },
): Uint8Array {
  const residues = new Float64Array(columns);
  const reached = new Float64Array(columns);
  for (const row of rows) {
    let first = row.findIndex((code) => isResidue(alphabet, code));
    let last = row.findLastIndex((code) => isResidue(alphabet, code));
    if (last - first + 1 >= fragment * columns) [first, last] = [0, columns - 1];
    for (let c = Math.max(0, first); c <= last; c++) {
      if (isResidue(alphabet, row[c]!)) residues[c]!++;
      if (isResidue(alphabet, row[c]!) || isGapCode(alphabet, row[c]!)) reached[c]!++;
    }
  }
  return Uint8Array.from(residues, (n, c) => (n > 0 && n / reached[c]! > symfrac ? 1 : 0));
}
