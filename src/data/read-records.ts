import { dataError, usageError } from '../core/errors.ts';
import type { Alphabet, AmbiguityPolicy } from './alphabet.ts';
import { checkedRecords, type SequenceRecord, type Skipped, skipCounter } from './dataset.ts';
import { fastaRecords } from './fasta/fasta-records.ts';
import { peek } from './opening.ts';
import type { GenomeRegions } from './read-formats.ts';
import { openSource, type Source, type SourceDigest } from './source.ts';
import { columnIndex, openTable, sniffDelimiter, type Table } from './table/table.ts';
import { type OtherFormat, tellOther } from './tell-format.ts';

/** A record as it stands in its file, letters unchecked; `cells` is its row where the file is a table. */
export interface RawRecord {
  id: string;
  sequence: string;
  description?: string;
  line: number;
  cells?: string[];
}

/** A file of sequences, opened; records are read as they are asked for. */
export interface OpenedRecords {
  name: string;
  format: 'fasta' | 'table' | OtherFormat;
  /** Column names of a table or of regions, none for other formats. */
  columns: string[];
  records: AsyncIterable<RawRecord>;
  /** What is left out while reading; complete when the records have ended. */
  skipped?: Skipped[];
  digest(): SourceDigest;
}

/** How to read records: which columns of a table hold id and sequence, and whether lower case is folded. */
export interface RecordOptions {
  id?: string;
  sequence?: string;
  /** As `id`, but passed over where the table has no such column: labels then have it. */
  maybeId?: string;
  foldCase?: boolean;
  format?: 'fasta' | 'table';
  /** Then the file is BED or narrowPeak, and the sequences are those of its regions. */
  regions?: GenomeRegions;
}

/**
 * Opens sequences in FASTA, FASTQ, GenBank, EMBL or 2bit, or in a table with a sequence column; the format is told by the first
 * bytes. With `regions` the file is BED, and the sequences are cut out of a genome.
 * In a table the sequence column is `sequence` or one called so, the id column `id` or one called so; without
 * one, row numbers from 1 are the ids.
 */
export async function openRecords(
  path: string,
  { id, maybeId, sequence, foldCase = false, format, regions }: RecordOptions = {},
): Promise<OpenedRecords> {
  if (regions) return (await otherFormats()).openRegions(path, { ...regions, foldCase });
  const source = openSource(path);
  const { opening, chunks } = await peek(source.chunks);
  const { name, digest } = source;
  const other = format === undefined && sequence === undefined ? tellOther(opening) : undefined;
  if (other) return openOther(path, { name, chunks, digest }, other, foldCase);
  if ((format ?? tellFormat(opening, name, sequence !== undefined)) === 'fasta') {
    const records = fastaRecords(chunks, { name, foldCase });
    return { name, format: 'fasta', columns: [], records, digest };
  }
  const table = await openTable(chunks, { name });
  const records = tableRecords(table, { id, maybeId, sequence, foldCase });
  return { name, format: 'table', columns: table.columns, records, digest };
}

/** Genomes by position bring libraries with them, which FASTA and tables do without. */
const otherFormats = () => import('./read-formats.ts');

async function openOther(
  path: string,
  source: Source,
  format: Exclude<OtherFormat, 'regions'>,
  foldCase: boolean,
): Promise<OpenedRecords> {
  const { name, chunks, digest } = source;
  const { drain, otherRecords, twoBitRecords } = await otherFormats();
  const opened = { name, format, columns: [], digest };
  if (format !== '2bit') return { ...opened, records: otherRecords(chunks, { name, format, foldCase }) };
  if (path === '-')
    throw usageError('2bit is read by position and cannot come from standard input; name the file.');
  await drain(source);
  return { ...opened, records: twoBitRecords(path, foldCase) };
}

function tellFormat(opening: Uint8Array, name: string, sequenceColumn: boolean): 'fasta' | 'table' {
  const first = String.fromCharCode(opening.find((byte) => byte > 32) ?? 0);
  if (first === '>' || first === ';') return 'fasta';
  if (sequenceColumn || /\.(csv|tsv|tab|jsonl|ndjson)(\.b?gz)?$/i.test(name)) return 'table';
  const header = new TextDecoder().decode(opening).split(/[\r\n]/, 1)[0]!;
  const cells = header.split(sniffDelimiter(opening, name)).map((cell) => cell.trim().replaceAll('"', ''));
  return findColumn(cells, sequenceNames) === undefined ? 'fasta' : 'table';
}

const sequenceNames = ['sequence', 'seq'];

/** The first column called one of `names`, whatever its case. */
export const findColumn = (columns: string[], names: string[]) =>
  columns.find((column) => names.includes(column.toLowerCase()));

async function* tableRecords(
  table: Table,
  {
    id,
    maybeId,
    sequence,
    foldCase,
  }: { [K in 'id' | 'maybeId' | 'sequence']?: string | undefined } & { foldCase: boolean },
): AsyncGenerator<RawRecord> {
  const letters = columnIndex(table, sequence ?? findColumn(table.columns, sequenceNames) ?? 'sequence');
  const idColumn =
    id ??
    (maybeId !== undefined && table.columns.includes(maybeId) ? maybeId : findColumn(table.columns, ['id']));
  const ids = idColumn === undefined ? -1 : columnIndex(table, idColumn);
  let row = 0;
  for await (const { cells, line } of table.rows) {
    row++;
    const name = ids < 0 ? String(row) : cells[ids]!;
    if (name === '') throw dataError(`${table.name}:${line}: the cell of column "${idColumn}" is empty.`);
    const text = cells[letters]!;
    if (text === '') throw dataError(`${table.name}:${line}: record "${name}" has an empty sequence.`);
    yield { id: name, sequence: foldCase ? text.toUpperCase() : text, line, cells };
  }
}

/** A stream of checked records, with what was left out and what was read known once it has ended. */
export interface RecordStream {
  records: AsyncIterable<SequenceRecord>;
  skipped: Skipped;
  digest(): SourceDigest;
}

/**
 * Streams the records of a file or `-` whose letters fit a known alphabet, one in memory at a time: what
 * prediction reads. Ids may repeat. Throws as `openRecords` and `checkedRecords` do.
 */
export async function streamRecords(
  path: string,
  {
    alphabet,
    ambiguous = 'mask',
    ...options
  }: RecordOptions & { alphabet: Alphabet; ambiguous?: AmbiguityPolicy },
): Promise<RecordStream> {
  const opened = await openRecords(path, options);
  const skipped = skipCounter('letters outside the alphabet');
  const bare: AsyncIterable<SequenceRecord> =
    opened.columns.length === 0 ? opened.records : withoutCells(opened.records);
  const records = checkedRecords(bare, { alphabet, ambiguous, file: opened.name, skipped });
  return { records, skipped, digest: opened.digest };
}

async function* withoutCells(records: AsyncIterable<RawRecord>): AsyncGenerator<SequenceRecord> {
  for await (const { cells: _, ...record } of records) yield record;
}

/** Compiles what `--label-from` gives; throws a usage error for a bad expression or one without a group. */
export function headerPattern(pattern: string): RegExp {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern);
  } catch (error) {
    throw usageError(`--label-from ${JSON.stringify(pattern)}: ${(error as Error).message}.`);
  }
  const groups = new RegExp(`${pattern}|`).exec('')!.length - 1;
  if (groups === 1) return expression;
  throw usageError(
    `--label-from ${JSON.stringify(pattern)} has ${groups} groups; expected one, such as 'class=(\\S+)'.`,
  );
}
