import { type FastaRecord, fastaRecords } from '../fasta/fasta-records.ts';
import { fastaText } from '../fasta/fasta-text.ts';
import type { ByteChunks } from '../opening.ts';
import { type AlignedRow, type Alignment, checkAlignment } from './alignment.ts';

/**
 * Reads aligned FASTA: records of equal length with gaps in them; the whole file is one alignment.
 *
 * Throws a data error with `name`, line and row for rows of unequal length or of one id, and whatever `fastaRecords`
 * throws.
 * @example (await alignedFasta([bytes('>a\nAC-T\n>b\nACGT\n')])).rows[0].text // 'AC-T'
 */
export async function alignedFasta(
  chunks: ByteChunks,
  { name = 'input' }: { name?: string } = {},
): Promise<Alignment> {
  const { rows, lines } = await fastaRows(chunks, name);
  const alignment: Alignment = { rows, columns: {} };
  checkAlignment(alignment, name, lines);
  return alignment;
}

/** All records as rows, and the lines they begin on. */
export async function fastaRows(chunks: ByteChunks, name: string) {
  const rows: AlignedRow[] = [];
  const lines: number[] = [];
  for await (const record of fastaRecords(chunks, { name })) {
    rows.push(rowOf(record));
    lines.push(record.line);
  }
  return { rows, lines };
}

const rowOf = ({ id, description, sequence }: FastaRecord): AlignedRow => ({
  id,
  text: sequence,
  ...(description !== '' && { description }),
});

/**
 * Writes the rows as aligned FASTA, one piece of text a row; annotations have no place there. Throws a data error for
 * rows of unequal width and for ids with blanks.
 */
export function* alignedFastaText(alignment: Alignment, { width = 60 } = {}): Generator<string> {
  checkAlignment(alignment, 'The alignment');
  yield* fastaText(
    alignment.rows.map(({ id, text, description = '' }) => ({ id, description, sequence: text })),
    { width },
  );
}
