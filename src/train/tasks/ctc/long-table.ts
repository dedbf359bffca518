import { dataError } from '../../../core/errors.ts';
import type { Table, TableRow } from '../../../data/table/table.ts';
import type { TranscriberInput } from '../../../models/transcriber/spec.ts';
import { calledRecord, type RawRecording, type RecordingColumns } from './data.ts';
import { finite } from './numbers.ts';

interface Places {
  readonly id: number;
  readonly time: number;
  readonly group: number;
  readonly channels: readonly number[];
}

/**
 * A table with a row for each frame: a column of ids, whose rows stand together, columns of numbers, and, where it is named, one of times, which
 * gives the order within a record. One record is held in memory at a time.
 * Throws a data error that names the line for a record whose rows are scattered, a time that occurs twice, and what is no number.
 */
export function readLongTable(
  table: Table,
  columns: RecordingColumns,
  expected?: TranscriberInput,
): { channels: readonly string[]; records: AsyncIterable<RawRecording> } {
  const at = (name: string) => {
    const index = table.columns.indexOf(name);
    if (index < 0)
      throw dataError(`${table.name} has no column "${name}"; it has: ${table.columns.join(', ')}.`);
    return index;
  };
  const named = (name: string | undefined) => (name === undefined ? -1 : at(name));
  const id = at(columns.id ?? (table.columns.includes('id') ? 'id' : table.columns[0]!));
  const [time, group] = [named(columns.time), named(columns.group)];
  const taken = [id, time, group];
  const channels =
    columns.channels ??
    (expected?.kind === 'frames' && expected.channels.every((name) => table.columns.includes(name))
      ? expected.channels
      : table.columns.filter((_, i) => !taken.includes(i)));
  if (channels.length === 0)
    throw dataError(
      `${table.name} has no column of numbers beside ${table.columns.join(', ')}; expected a row for each frame with numbers in it, or a column called signal, frames or sequence.`,
    );
  return { channels, records: records(table, { id, time, group, channels: channels.map(at) }) };
}

async function* records(table: Table, places: Places): AsyncGenerator<RawRecording> {
  const seen = new Set<string>();
  let rows: TableRow[] = [];
  for await (const row of table.rows) {
    const id = row.cells[places.id]!;
    const before = rows[0]?.cells[places.id];
    if (before !== undefined && before !== id) {
      yield recordingOf(rows, table, places);
      rows = [];
    }
    if (rows.length === 0 && seen.has(id))
      throw dataError(
        `${table.name}:${row.line}: record "${id}" goes on after rows of others; expected all of its rows together. Sort the table by "${table.columns[places.id]}".`,
      );
    seen.add(id);
    rows.push(row);
  }
  if (rows.length > 0) yield recordingOf(rows, table, places);
}

function recordingOf(rows: TableRow[], { name, columns }: Table, places: Places): RawRecording {
  const id = rows[0]!.cells[places.id]!;
  const what = (line: number) => calledRecord({ place: `${name}:${line}`, id });
  const ordered = places.time < 0 ? rows : inOrder(rows, places.time, what);
  const width = places.channels.length;
  const values = new Float32Array(rows.length * width);
  ordered.forEach(({ cells, line }, t) => {
    places.channels.forEach((at, c) => {
      values[t * width + c] = finite(cells[at]!, () => `${what(line)}, column "${columns[at]}",`);
    });
  });
  return {
    id,
    place: `${name}:${rows[0]!.line}`,
    observed: { kind: 'frames', values, channels: width },
    ...(places.group >= 0 && { group: rows[0]!.cells[places.group]! }),
  };
}

/** By time: a number, or a date as ISO 8601 writes it. */
function inOrder(rows: readonly TableRow[], column: number, what: (line: number) => string): TableRow[] {
  const timed = rows.map((row) => {
    const text = row.cells[column]!;
    const time = text !== '' && Number.isFinite(Number(text)) ? Number(text) : Date.parse(text);
    if (Number.isNaN(time))
      throw dataError(
        `${what(row.line)} has the time ${JSON.stringify(text)}; expected a number or an ISO 8601 date.`,
      );
    return { row, time };
  });
  timed.sort((a, b) => a.time - b.time);
  timed.forEach(({ row, time }, i) => {
    if (i > 0 && time === timed[i - 1]!.time)
      throw dataError(
        `${what(row.line)} has the time ${row.cells[column]} twice; expected one frame at a time.`,
      );
  });
  return timed.map(({ row }) => row);
}
