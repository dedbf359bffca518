import { dataError } from '../../../core/errors.ts';
import { encodeRow, type ProfileAlphabet } from '../alphabet.ts';
import type { Cutoffs } from '../profile-hmm.ts';

/** An alignment of letters as text: rows of equal length, gaps are - and . . */
export interface ProfileAlignment {
  readonly name?: string;
  readonly accession?: string;
  readonly description?: string;
  readonly rows: readonly { readonly id: string; readonly text: string; readonly weight?: number }[];
  /** One letter a column: those that are no gap mark the columns of the profile (Stockholm's RF). */
  readonly reference?: string;
  /** `m` masks a column (Stockholm's MM). */
  readonly mask?: string;
  /** Consensus structure (Stockholm's SS_cons). */
  readonly structure?: string;
  readonly cutoffs?: Cutoffs;
}

/** Letter codes of an alignment, [columns] a row. */
export interface AlignmentCodes {
  readonly alphabet: ProfileAlphabet;
  readonly columns: number;
  readonly rows: readonly Uint8Array[];
}

/** Codes of an alignment. Throws a data error for no rows, rows of unequal length and letters that are none. */
export function alignmentCodes(
  { name = 'the alignment', rows }: ProfileAlignment,
  alphabet: ProfileAlphabet,
): AlignmentCodes {
  if (rows.length === 0) throw dataError(`${name} has no rows; expected aligned sequences.`);
  const columns = rows[0]!.text.length;
  const encoded = rows.map(({ id, text }) => {
    if (text.length !== columns)
      throw dataError(
        `${name}: row "${id}" has ${text.length} columns; row "${rows[0]!.id}" has ${columns}. Align the sequences first.`,
      );
    return encodeRow(text, alphabet, `${name}: row "${id}"`);
  });
  return { alphabet, columns, rows: encoded };
}

export const isResidue = ({ members }: ProfileAlphabet, code: number) => members[code]!.length > 0;
export const isGapCode = ({ size }: ProfileAlphabet, code: number) => code === size;
export const missingCode = ({ symbols }: ProfileAlphabet) => symbols.length - 1;

/**
 * Marks fragments: in a row with few residues, gaps before the first and after the last of them are missing data,
 * about which nothing is known, rather than deletions. Returns new rows where they change.
 */
export function markFragments(codes: AlignmentCodes, share: number): AlignmentCodes {
  const { alphabet, columns } = codes;
  const missing = missingCode(alphabet);
  const rows = codes.rows.map((row) => {
    const residues = row.reduce((sum, code) => sum + (isResidue(alphabet, code) ? 1 : 0), 0);
    if (residues > share * columns) return row;
    const marked = row.slice();
    for (let c = 0; c < columns && !isResidue(alphabet, row[c]!); c++) marked[c] = missing;
    for (let c = columns - 1; c >= 0 && !isResidue(alphabet, row[c]!); c--) marked[c] = missing;
    return marked;
  });
  return { ...codes, rows };
}

/** The columns in which the weighted share of residues, of residues and gaps, is at least `symfrac`. */
export function consensusColumns(
  { alphabet, columns, rows }: AlignmentCodes,
  weights: ArrayLike<number>,
  symfrac: number,
): Uint8Array {
  const assigned = new Uint8Array(columns);
  for (let c = 0; c < columns; c++) {
    let [residues, gaps] = [0, 0];
    rows.forEach((row, i) => {
      if (isResidue(alphabet, row[c]!)) residues += weights[i]!;
      else if (isGapCode(alphabet, row[c]!)) gaps += weights[i]!;
    });
    assigned[c] = residues > 0 && residues / (residues + gaps) >= symfrac ? 1 : 0;
  }
  return assigned;
}

/** The columns that a reference line marks. */
export function referenceColumns(
  { name = 'the alignment', reference }: ProfileAlignment,
  columns: number,
): Uint8Array {
  if (reference === undefined)
    throw dataError(
      `${name} has no reference line (Stockholm's #=GC RF), which --hand takes the columns from. Leave --hand out.`,
    );
  if (reference.length !== columns)
    throw dataError(`${name}: its reference line has ${reference.length} columns; its rows have ${columns}.`);
  return Uint8Array.from(reference, (letter) => (/[-._~]/.test(letter) ? 0 : 1));
}

/** Hash of all codes (Jenkins' one-at-a-time), as HMMER writes it into CKSUM. */
export function alignmentChecksum({ rows }: AlignmentCodes): number {
  let h = 0;
  for (const row of rows)
    for (const code of row) {
      h = (h + code) >>> 0;
      h = (h + (h << 10)) >>> 0;
      h = (h ^ (h >>> 6)) >>> 0;
    }
  h = (h + (h << 3)) >>> 0;
  h = (h ^ (h >>> 11)) >>> 0;
  return (h + (h << 15)) >>> 0;
}
