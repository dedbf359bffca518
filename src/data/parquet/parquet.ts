import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { dataError } from '../../core/errors.ts';
import type { RandomAccess } from '../random-access.ts';
import type { Table, TableRow } from '../table/table.ts';

/**
 * Opens a Parquet file as a table, read by hyparquet one row group at a time, in any of its compressions. Cells are text: what is null is
 * an empty cell, lists have commas between, times are ISO 8601; `line` is the row, counted from 1 behind a header line.
 *
 * Throws a data error that names the file for another format, a damaged or truncated file, and objects within cells.
 * @example (await parquetTable(await openFile('x.parquet'), { name: 'x.parquet' })).columns // ['id', 'sequence']
 */
export async function parquetTable(
  file: RandomAccess,
  { name = 'input' }: { name?: string } = {},
): Promise<Table> {
  const damaged = (error: unknown) =>
    dataError(
      `${name} is no whole Parquet file: ${(error as Error).message.replace(/\.?$/, '.')} Copy or download it again.`,
      { cause: error },
    );
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const { size } = await file.stat();
  const buffer: AsyncBuffer = {
    byteLength: size,
    slice: async (start, end = size) => {
      const bytes = await file.read(end - start, start);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    },
  };
  const metadata = await parquetMetadataAsync(buffer).catch((error) => {
    throw damaged(error);
  });
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
  async function* rows(): AsyncGenerator<TableRow> {
    let line = 1;
    for (const [rowStart, rowEnd] of rowGroups(metadata)) {
      const options = { file: buffer, metadata, compressors, rowStart, rowEnd };
      const records = await parquetReadObjects(options).catch((error) => {
        throw damaged(error);
      });
      if (records.length !== rowEnd - rowStart)
        throw damaged(new Error(`it announces ${rowEnd - rowStart} rows where it has ${records.length}.`));
      for (const record of records) {
        line++;
        yield {
          cells: columns.map((column) => cell(record[column], `${name}: row ${line - 1}: "${column}"`)),
          line,
        };
      }
    }
  }
  return { name, columns, rows: rows() };
}

function* rowGroups({ row_groups: groups }: FileMetaData): Generator<[start: number, end: number]> {
  let start = 0;
  for (const { num_rows: count } of groups) {
    yield [start, start + Number(count)];
    start += Number(count);
  }
}

function cell(value: unknown, what: string): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => cell(item, what)).join(',');
  if (typeof value !== 'object') return String(value);
  throw dataError(
    `${what} holds an object; expected text, a number, true or false, a time, or a list of these.`,
  );
}
