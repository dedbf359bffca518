import { dataError } from '../../core/errors.ts';
import type { SequenceRecord } from '../../data/dataset.ts';
import type { OpenedRecords, RawRecord } from '../../data/read-records.ts';

/**
 * The records of a file with the numeric tracks that a model wants, one record in memory at a time. Throws a data error
 * where the file has no such columns, or a cell has not one number a letter.
 */
export async function* trackReader(
  { records, columns, name }: OpenedRecords,
  tracks: readonly string[],
): AsyncGenerator<SequenceRecord> {
  const indices = tracks.map((track) => columns.indexOf(track));
  const lost = tracks.find((_, t) => indices[t]! < 0);
  if (lost !== undefined)
    throw dataError(
      `${name} has no column "${lost}", which the model reads beside the letters. Give a table with the columns sequence, ${tracks.join(', ')}.`,
    );
  for await (const { cells = [], ...record } of records) {
    if (tracks.length === 0) yield record;
    else
      yield {
        ...record,
        tracks: tracks.map((track, t) => numbersOf(cells[indices[t]!]!, record, track, name)),
      };
  }
}

function numbersOf(
  cell: string,
  { id, line, sequence }: RawRecord,
  track: string,
  file: string,
): Float32Array {
  const parts = cell.split(/[\s,;]+/).filter((part) => part !== '');
  const numbers = Float32Array.from(parts, Number);
  if (parts.length === sequence.length && numbers.every(Number.isFinite)) return numbers;
  throw dataError(
    `${file}:${line}: record "${id}" needs one finite number as "${track}" for each of its ${sequence.length} letters; found ${parts.length} entries.`,
  );
}
