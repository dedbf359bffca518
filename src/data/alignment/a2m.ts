import { dataError } from '../../core/errors.ts';
import { fastaText } from '../fasta/fasta-text.ts';
import type { ByteChunks } from '../opening.ts';
import { fastaRows } from './aligned-fasta.ts';
import { type AlignedRow, type Alignment, checkAlignment, isGap, matchColumns } from './alignment.ts';

/**
 * Reads A2M and A3M (SAM and HH-suite): upper case and `-` stand in match columns, lower case is inserted between
 * them, and `.` fills up where other rows have insertions, or is left out. Inserted letters stay beside the match column
 * before them. The column annotation `RF` marks match columns with `x`.
 *
 * Throws a data error with `name`, line and row for rows with unequal numbers of match columns or of one id.
 * @example (await a2mAlignment([bytes('>a\nACgT\n>b\nA-T\n')])).rows.map((r) => r.text) // ['ACgT', 'A-.T']
 */
export async function a2mAlignment(
  chunks: ByteChunks,
  { name = 'input' }: { name?: string } = {},
): Promise<Alignment> {
  const { rows, lines } = await fastaRows(chunks, name);
  refuseUnevenMatches(rows, name, lines);
  const aligned = columnsAgree(rows) ? rows : filledUp(rows);
  const RF = [...aligned[0]!.text].map((letter) => (isInsert(letter) ? '.' : 'x')).join('');
  const alignment: Alignment = { rows: aligned, columns: { RF } };
  checkAlignment(alignment, name, lines);
  return alignment;
}

const isInsert = (letter: string) => letter === '.' || (letter >= 'a' && letter <= 'z');

function matchesOf(text: string): number {
  let matches = 0;
  for (let i = 0; i < text.length; i++) if (!isInsert(text[i]!)) matches++;
  return matches;
}

function refuseUnevenMatches(rows: AlignedRow[], name: string, lines: number[]) {
  const expected = matchesOf(rows[0]!.text);
  rows.forEach(({ id, text }, i) => {
    const found = matchesOf(text);
    if (found === expected) return;
    throw dataError(
      `${name}:${lines[i]}: row "${id}" has ${found} match columns (upper case or "-"); expected ${expected}, as row ` +
        `"${rows[0]!.id}" has. Read it as aligned FASTA if lower case means something else.`,
    );
  });
}

/** Whether every column is a match column in all rows, or an insertion in all. */
function columnsAgree(rows: AlignedRow[]): boolean {
  const [first] = rows;
  return rows.every(
    ({ text }) =>
      text.length === first!.text.length &&
      Array.prototype.every.call(
        text,
        (letter: string, i: number) => isInsert(letter) === isInsert(first!.text[i]!),
      ),
  );
}

/** Rows with the insertions before, between and after match columns filled up with `.` to the longest of each. */
function filledUp(rows: AlignedRow[]): AlignedRow[] {
  const matches = rows.map(({ text }) => text.replace(/[a-z.]/g, ''));
  const inserts = rows.map(({ text }) => text.replaceAll('.', '').split(/[^a-z]/));
  const widest = inserts[0]!.map((_, i) => inserts.reduce((most, row) => Math.max(most, row[i]!.length), 0));
  return rows.map((row, r) => ({
    ...row,
    text: widest.map((size, i) => inserts[r]![i]!.padEnd(size, '.') + (matches[r]![i] ?? '')).join(''),
  }));
}

/**
 * Writes an alignment as A2M, one piece of text a row: letters of match columns (see `matchColumns`) in upper case and
 * their gaps as `-`, all others in lower case and as `.`. Throws a data error for rows of unequal width.
 * @example [...a2mText({ rows: [{ id: 'a', text: 'ac-t' }], columns: { RF: 'x.xx' } })].join('') // '>a\nAc-T\n'
 */
export function* a2mText(alignment: Alignment, { width = 60 } = {}): Generator<string> {
  checkAlignment(alignment, 'The alignment');
  const match = matchColumns(alignment);
  const letter = (character: string, i: number) => {
    if (isGap(character)) return match[i] ? '-' : '.';
    return match[i] ? character.toUpperCase() : character.toLowerCase();
  };
  for (const { id, text, description = '' } of alignment.rows)
    yield* fastaText([{ id, description, sequence: Array.from(text, letter).join('') }], { width });
}
