import { dataError } from '../../core/errors.ts';
import type { ByteChunks } from '../opening.ts';
import type { Table, TableRow } from '../table/table.ts';
import { type Json, type JsonlRecord, jsonlRecords } from './jsonl.ts';

/**
 * JSON Lines as a table: the keys of the first object are the columns. Lists become cells with commas between, what is null or
 * missing becomes an empty cell.
 *
 * Throws a data error with `name` and line for an object with a key that the first does not have, for objects within
 * objects, and whatever `jsonlRecords` throws.
 * @example (await jsonlTable([bytes('{"id":"x","label":1}\n')])).columns // ['id', 'label']
 */
export async function jsonlTable(chunks: ByteChunks, { name = 'input' } = {}): Promise<Table> {
  const records = jsonlRecords(chunks, { name });
  const first = (await records.next()).value as JsonlRecord;
  const columns = Object.keys(first.value);
  async function* rows(): AsyncGenerator<TableRow> {
    try {
      yield rowOf(first, columns, name);
      for await (const record of records) yield rowOf(record, columns, name);
    } finally {
      await records.return();
    }
  }
  return { name, columns, rows: rows() };
}

function rowOf({ value, line }: JsonlRecord, columns: string[], name: string): TableRow {
  const strange = Object.keys(value).find((key) => !columns.includes(key));
  if (strange !== undefined) {
    throw dataError(
      `${name}:${line}: key "${strange}" is not among those of the first object (${columns.join(', ')}). Give it to ` +
        'the first object too, with null where it has no value.',
    );
  }
  return { cells: columns.map((key) => cell(value[key] ?? null, `${name}:${line}: "${key}"`)), line };
}

function cell(value: Json, what: string): string {
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value) && value.every((item) => item === null || typeof item !== 'object'))
    return value.join(',');
  throw dataError(`${what} holds an object; expected text, a number, true or false, or a list of these.`);
}
