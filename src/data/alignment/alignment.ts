import { dataError } from '../../core/errors.ts';

/** Tags with their texts, in the order of the file; a tag may come several times. */
export type Notes = readonly (readonly [tag: string, text: string])[];

/** One aligned sequence: letters and gaps, one character a column. */
export interface AlignedRow {
  id: string;
  /** As long as the alignment is wide. `.` `-` `_` and `~` are gaps. */
  text: string;
  description?: string;
  /** One character a column beside the letters (Stockholm `#=GR`): `SS`, `PP` … */
  letters?: Record<string, string>;
  /** What is said about the row (Stockholm `#=GS`): `AC`, `WT` …; the description (`DE`) is not among them. */
  notes?: Notes;
}

/** Rows of one width. */
export interface Alignment {
  /** Stockholm's `#=GF ID`. */
  name?: string;
  rows: AlignedRow[];
  /** One character a column (Stockholm `#=GC`): `RF`, `SS_cons` … */
  columns: Record<string, string>;
  /** What is said about the alignment (Stockholm `#=GF`); its name (`ID`) is not among them. */
  notes?: Notes;
}

/** Whether a character of a row is a gap. */
export const isGap = (character: string): boolean =>
  character === '.' || character === '-' || character === '_' || character === '~';

/** The number of columns. */
export const alignmentWidth = ({ rows }: Alignment): number => rows[0]?.text.length ?? 0;

/**
 * Which columns are consensus (match) columns: those that the annotation `RF` marks with anything but a gap; without
 * it, those where at least half of the rows have a letter, as HMMER's `hmmbuild --symfrac 0.5` without weights.
 * @example matchColumns({ rows: [{ id: 'a', text: 'ACg-T' }, { id: 'b', text: 'AC--T' }], columns: {} }).map(Number)
 * // [1, 1, 1, 0, 1]
 */
export function matchColumns({ rows, columns }: Alignment): boolean[] {
  const reference = columns.RF;
  if (reference !== undefined) return Array.from(reference, (mark) => !isGap(mark));
  const letters = new Uint32Array(rows[0]?.text.length ?? 0);
  for (const { text } of rows) for (let i = 0; i < text.length; i++) if (!isGap(text[i]!)) letters[i]!++;
  return Array.from(letters, (count) => 2 * count >= rows.length);
}

/**
 * Throws a data error that names file, row and both widths where rows or annotations are not of one width, where a row
 * occurs twice, and where there is no row or no column. `lines` are the lines on which rows begin.
 */
export function checkAlignment(alignment: Alignment, name: string, lines?: readonly number[]): void {
  const { rows, columns } = alignment;
  const at = (row: number) => (lines ? `${name}:${lines[row]}` : name);
  const [first] = rows;
  if (!first) throw dataError(`${name}: an alignment without rows.`);
  const expected = first.text.length;
  if (expected === 0) throw dataError(`${at(0)}: row "${first.id}" is empty.`);
  const seen = new Set<string>();
  rows.forEach(({ id, text, letters = {} }, row) => {
    if (text.length !== expected) throw uneven(at(row), `row "${id}"`, text.length, first.id, expected);
    if (seen.has(id)) throw dataError(`${at(row)}: row "${id}" occurs twice; ids must be unique.`);
    seen.add(id);
    for (const [tag, marks] of Object.entries(letters))
      if (marks.length !== expected)
        throw uneven(at(row), `annotation ${tag} of row "${id}"`, marks.length, first.id, expected);
  });
  for (const [tag, marks] of Object.entries(columns))
    if (marks.length !== expected)
      throw uneven(name, `column annotation ${tag}`, marks.length, first.id, expected);
}

const uneven = (place: string, what: string, length: number, first: string, expected: number) =>
  dataError(
    `${place}: ${what} has ${length} columns; expected ${expected}, as row "${first}" has. Align the rows, or pad ` +
      'the short ones with gaps.',
  );
