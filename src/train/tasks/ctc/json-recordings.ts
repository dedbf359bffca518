import { dataError } from '../../../core/errors.ts';
import { type Json, jsonlRecords } from '../../../data/jsonl/jsonl.ts';
import type { ByteChunks } from '../../../data/opening.ts';
import { columnOf, sourceNames, symbolsOf, targetNames } from './columns.ts';
import { calledRecord, type Observation, type RawRecording, type RecordingColumns } from './data.ts';
import { framesOfJson, framesOfText } from './numbers.ts';

/** Recordings of JSON Lines, an object each; a list of texts is a text with blanks between them. */
export async function* jsonRecordings(
  chunks: ByteChunks,
  name: string,
  columns: RecordingColumns,
): AsyncGenerator<RawRecording> {
  let row = 0;
  for await (const { value, line } of jsonlRecords(chunks, { name })) {
    const keys = Object.keys(value);
    const idKey = columnOf(keys, columns.id, ['id']);
    if (columns.id !== undefined && idKey === undefined) throw missing(`${name}:${line}`, columns.id, keys);
    const id = idKey === undefined ? `${++row}` : textOf(value[idKey]!);
    const place = `${name}:${line}`;
    const from = columnOf(keys, columns.source, sourceNames);
    if (from === undefined) throw missing(place, columns.source ?? sourceNames.join('" or "'), keys);
    const to = columnOf(keys, columns.target, targetNames);
    const group = columns.group === undefined ? undefined : value[columns.group];
    if (columns.group !== undefined && group === undefined) throw missing(place, columns.group, keys);
    yield {
      ...{
        id,
        place,
        observed: observedOf(
          value[from]!,
          `${calledRecord({ place, id })}, ${from}`,
          columns.symbols ?? told[from],
        ),
      },
      ...(to !== undefined && value[to] !== null && { text: writtenOf(value[to]!) }),
      ...(group !== undefined && { group: textOf(group) }),
    };
  }
}

const missing = (place: string, key: string, keys: readonly string[]) =>
  dataError(`${place}: the object has no "${key}"; it has: ${keys.join(', ') || 'nothing'}.`);

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
/** A list of tokens is a text with blanks between them. */
const writtenOf = (value: Json): string =>
  Array.isArray(value) ? value.map(textOf).join(' ') : textOf(value);

/** Keys that say themselves that numbers follow. */
const told: Readonly<Record<string, boolean>> = { frames: false, signal: false };

function observedOf(value: Json, what: string, symbols: boolean | undefined): Observation {
  if (typeof value === 'string')
    return symbols === false ? framesOfText(value, what) : symbolsOf(value, what);
  if (!Array.isArray(value))
    throw dataError(
      `${what} is ${textOf(value).slice(0, 40)}; expected a list of numbers, a list of frames, or a text.`,
    );
  const written =
    symbols || (symbols === undefined && value.length > 0 && value.every((item) => typeof item === 'string'));
  return written ? symbolsOf(value.map(textOf).join(' '), what) : framesOfJson(value, what);
}
