import { CsvError, type Parser, parse } from 'csv-parse';
import { dataError } from '../../core/errors.ts';
import { describeOpening } from '../fasta/not-fasta.ts';
import { jsonlTable } from '../jsonl/jsonl-table.ts';
import { type ByteChunks, peek } from '../opening.ts';

/** One row; `line` is where it ends in the file, counted from 1, the header being on line 1. */
export interface TableRow {
  cells: string[];
  line: number;
}

/** A table whose header has been read and whose rows are still to come. */
export interface Table {
  name: string;
  columns: string[];
  rows: AsyncIterable<TableRow>;
}

/**
 * Opens a table with a header line: CSV (RFC 4180), TSV, or semicolons between cells; or JSON Lines, where `name` ends
 * in `.jsonl` (see `jsonlTable`). The delimiter is told
 * by the suffix of `name` and the header line. Cells may be quoted in all of them (R does so in TSV), a quote inside
 * a cell is text;
 * LF, CRLF and CR end lines; blank lines are skipped; blanks around cells are removed.
 *
 * Throws a data error with `name` and line for: an empty file, binary data, two columns of one name, a row with
 * more or fewer cells than the header, a quote that never ends.
 * @example (await openTable([bytes('id,label\nx,1\n')], { name: 'x.csv' })).columns // ['id', 'label']
 */
export async function openTable(chunks: ByteChunks, { name = 'input' } = {}): Promise<Table> {
  const { opening, chunks: all } = await peek(chunks);
  if (opening.length === 0) throw dataError(`${name} is empty; expected a table with a header line.`);
  if (opening.includes(0)) {
    throw dataError(`${name}: expected a table; this looks like ${describeOpening(opening)}.`);
  }
  if (/\.(jsonl|ndjson)(\.b?gz)?$/i.test(name)) return jsonlTable(all, { name });
  const rows = parsedRows(all, name, sniffDelimiter(opening, name));
  const header = await rows.next();
  if (header.done) throw dataError(`${name} holds only blank lines; expected a table with a header line.`);
  const { cells: columns, line } = header.value;
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined) {
    await rows.return(undefined);
    throw dataError(`${name}:${line}: two columns are called "${twice}". Rename one of them.`);
  }
  return { name, columns, rows: evenRows(rows, columns, name) };
}

/** Where a column stands; throws a data error that lists the columns there are. */
export function columnIndex({ name, columns }: Pick<Table, 'name' | 'columns'>, column: string): number {
  const index = columns.indexOf(column);
  if (index < 0) throw dataError(`${name} has no column "${column}"; it has: ${columns.join(', ')}.`);
  return index;
}

/** Tab, comma or semicolon: the one the suffix names if the header holds it, else the commonest in the header. */
export function sniffDelimiter(opening: Uint8Array, name: string): string {
  const header = new TextDecoder()
    .decode(opening)
    .trimStart()
    .split(/[\r\n]/, 1)[0]!;
  const count = (delimiter: string) => header.split(delimiter).length - 1;
  const suffix = /\.(csv|tsv|tab)(\.b?gz)?$/i.exec(name)?.[1]?.toLowerCase();
  const named = suffix === 'csv' ? ',' : '\t';
  if (suffix && count(named) > 0) return named;
  const common = ['\t', ',', ';'].sort((a, b) => count(b) - count(a))[0]!;
  return count(common) > 0 ? common : named;
}

async function* evenRows(rows: AsyncIterable<TableRow>, columns: string[], name: string) {
  for await (const row of rows) {
    if (row.cells.length !== columns.length) {
      throw dataError(
        `${name}:${row.line}: ${row.cells.length} cells; expected ${columns.length}, one for each column of the header ` +
          `(${columns.join(', ')}).`,
      );
    }
    yield row;
  }
}

async function* parsedRows(chunks: AsyncIterable<Uint8Array>, name: string, delimiter: string) {
  let line = 0;
  const parser = parse({
    delimiter,
    on_record(record, { lines }) {
      line = lines;
      return record;
    },
    info: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    relax_quotes: true,
    record_delimiter: ['\r\n', '\n', '\r'],
  });
  const fed = feed(parser, chunks);
  try {
    for await (const { record, info } of parser) yield { cells: record, line: info.lines } as TableRow;
  } catch (error) {
    throw error instanceof CsvError ? tableError(error, name, line + 1) : error;
  } finally {
    parser.destroy();
    await fed;
  }
}

async function feed(parser: Parser, chunks: AsyncIterable<Uint8Array>) {
  try {
    for await (const chunk of chunks) {
      if (parser.destroyed) return;
      if (parser.write(chunk)) continue;
      await writable(parser);
    }
    parser.end();
  } catch (error) {
    parser.destroy(error as Error);
  }
}

/** Waits until the parser takes more, or is closed because nobody reads on. */
const writable = (parser: Parser) =>
  new Promise<void>((resolve) => {
    const resume = () => {
      parser.off('drain', resume);
      parser.off('close', resume);
      resolve();
    };
    parser.on('drain', resume);
    parser.on('close', resume);
  });

function tableError(error: CsvError, name: string, line: number): Error {
  const what =
    error.code === 'CSV_QUOTE_NOT_CLOSED'
      ? 'a cell opens with a quote that is never closed'
      : `the quotes of a cell are wrong (${error.message})`;
  return dataError(`${name}:${line}: ${what}. Close the quote, or double a quote that belongs to the text.`);
}
