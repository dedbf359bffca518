import { dataError, usageError } from '../../../core/errors.ts';
import { type Json, jsonlRecords } from '../../../data/jsonl/jsonl.ts';
import { type ByteChunks, peek } from '../../../data/opening.ts';
import { openSource, type SourceDigest } from '../../../data/source.ts';
import { openTable, type Table } from '../../../data/table/table.ts';
import type { TranscriberInput } from '../../../models/transcriber/spec.ts';
import {
  calledRecord,
  type Observation,
  type RawRecording,
  type RecordingColumns,
  type Recordings,
  type TranscribedRecording,
  type TranscriptionData,
} from './data.ts';
import { readLongTable } from './long-table.ts';
import { framesOfJson, framesOfText, looksNumeric } from './numbers.ts';

const sourceNames = ['frames', 'signal', 'sequence', 'source'];
export const targetNames = ['text', 'target', 'transcription', 'label'];

/**
 * Opens a file of recordings, or standard input for `-`: JSON Lines with an object a record (`frames`, a list of lists; `signal`, a list; or
 * `sequence`, a text); a table with a row a record, whose cells hold numbers divided by blanks (frames by semicolons) or symbols; or a table with a row
 * a frame (see `readLongTable`). `expected`: what a model reads, to which the file must fit.
 * Throws a data error that names file and line for whatever is not as expected.
 */
export async function openRecordings(
  path: string,
  columns: RecordingColumns = {},
  expected?: TranscriberInput,
): Promise<Recordings> {
  const opened = openSource(path);
  const { name, digest } = opened;
  const { opening, chunks } = await peek(opened.chunks);
  const isJson = /\.(jsonl|ndjson)(\.b?gz)?$/i.test(name) || /^\s*\{/.test(new TextDecoder().decode(opening));
  const known = { ...columns, symbols: expected ? expected.kind === 'symbols' : columns.symbols };
  if (isJson) {
    refuseLong(columns, name);
    return {
      name,
      channels: undefined,
      digest,
      records: evenKind(jsonRecordings(chunks, name, known), expected),
    };
  }
  const table = await openTable(chunks, { name });
  const source = columnOf(table.columns, columns.source, sourceNames);
  const isLong = columns.time !== undefined || columns.channels !== undefined || source === undefined;
  if (!isLong)
    return {
      name,
      channels: undefined,
      digest,
      records: evenKind(pairRecordings(table, source, known), expected),
    };
  if (columns.source !== undefined)
    throw dataError(`${name} has no column "${columns.source}"; it has: ${table.columns.join(', ')}.`);
  const { channels, records } = readLongTable(table, columns, expected);
  return { name, channels, digest, records: evenKind(records, expected) };
}

function refuseLong({ time, channels }: RecordingColumns, name: string): void {
  const flag = time !== undefined ? '--time' : channels !== undefined ? '--track' : undefined;
  if (flag)
    throw usageError(`${flag} goes with a table that has a row for each frame; ${name} is JSON Lines.`);
}

/** The column that is asked for, or the first of the usual names. */
export const columnOf = (
  columns: readonly string[],
  asked: string | undefined,
  usual: readonly string[],
): string | undefined =>
  asked === undefined ? usual.find((name) => columns.includes(name)) : columns.find((name) => name === asked);

async function* jsonRecordings(
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
        observed: observedOf(value[from]!, `${calledRecord({ place, id })}, ${from}`, columns),
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

function observedOf(value: Json, what: string, { symbols }: RecordingColumns): Observation {
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

function symbolsOf(symbols: string, what: string): Observation {
  if (symbols.trim() === '') throw dataError(`${what} is empty; expected symbols. Leave the record out.`);
  return { kind: 'symbols', symbols };
}

async function* pairRecordings(
  table: Table,
  source: string,
  columns: RecordingColumns,
): AsyncGenerator<RawRecording> {
  const at = (name: string) => {
    const index = table.columns.indexOf(name);
    if (index < 0)
      throw dataError(`${table.name} has no column "${name}"; it has: ${table.columns.join(', ')}.`);
    return index;
  };
  const to = columns.target === undefined ? columnOf(table.columns, undefined, targetNames) : columns.target;
  const idName = columns.id ?? columnOf(table.columns, undefined, ['id']);
  const [from, named] = [at(source), idName === undefined ? -1 : at(idName)];
  const [written, grouped] = [
    to === undefined ? -1 : at(to),
    columns.group === undefined ? -1 : at(columns.group),
  ];
  let row = 0;
  let symbols = columns.symbols;
  let before: string | undefined;
  for await (const { cells, line } of table.rows) {
    row++;
    const [id, place] = [named < 0 ? `${row}` : cells[named]!, `${table.name}:${line}`];
    const what = calledRecord({ place, id });
    symbols ??= !looksNumeric(cells[from]!);
    const observed = symbols ? symbolsOf(cells[from]!, what) : framesOfText(cells[from]!, what);
    if (named >= 0 && id === before && observed.kind === 'frames' && observed.values.length === 1)
      throw dataError(
        `${what} stands in several rows with one number each. If every row is a frame, name the columns of numbers with --track ${source}.`,
      );
    before = id;
    yield {
      ...{ id, place, observed },
      ...(written >= 0 && { text: cells[written]! }),
      ...(grouped >= 0 && { group: cells[grouped]! }),
    };
  }
}

/** All records are of the kind and width of the first, and of what a model expects. */
async function* evenKind(
  records: AsyncIterable<RawRecording>,
  expected: TranscriberInput | undefined,
): AsyncGenerator<RawRecording> {
  let kind = expected?.kind;
  let width = expected?.kind === 'frames' ? expected.channels.length : undefined;
  for await (const record of records) {
    const { observed } = record;
    kind ??= observed.kind;
    if (observed.kind !== kind)
      throw dataError(
        `${calledRecord(record)} holds ${observed.kind}; expected ${kind}, as ${expected ? 'the model reads' : 'in the records before'}.`,
      );
    if (observed.kind === 'frames') {
      width ??= observed.channels;
      if (observed.channels !== width)
        throw dataError(
          `${calledRecord(record)} has ${observed.channels} numbers in each frame; expected ${width}, as ${expected ? 'the model reads' : 'in the records before'}.`,
        );
    }
    yield record;
  }
}

/**
 * Reads recordings with their transcriptions; see `openRecordings` for the formats. A transcription may be empty (nothing is to be written), but
 * it must be there. Throws a data error for a record without one, and for a file without records.
 * @example await readTranscriptions('squiggles.jsonl') // {"id": "r1", "signal": [80.1, 82.4, …], "text": "GATTACA"}
 */
export async function readTranscriptions(
  path: string,
  columns: RecordingColumns = {},
  expected?: TranscriberInput,
): Promise<TranscriptionData> {
  if (path === '-' && columns.labels === '-')
    throw usageError('only one input can be standard input; name a file for --labels.');
  const labels = columns.labels === undefined ? undefined : await readLabels(columns.labels, columns);
  const opened = await openRecordings(path, columns, expected);
  const records: TranscribedRecording[] = [];
  for await (const record of opened.records) {
    const text = labels ? labels.texts.get(record.id) : record.text;
    if (text === undefined)
      throw dataError(
        labels
          ? `${calledRecord(record)} has no row in ${columns.labels}. Add one, or leave the record out.`
          : `${calledRecord(record)} has no transcription; expected ${columns.target === undefined ? `one of ${targetNames.join(', ')}` : `"${columns.target}"`} beside it, or --labels with a table of them.`,
      );
    records.push({ ...record, text });
  }
  if (records.length === 0) throw dataError(`${opened.name} has a header but no records.`);
  if (records.every(({ text }) => text.trim() === ''))
    throw dataError(`${opened.name}: every transcription is empty; expected texts to learn from.`);
  const { observed } = records[0]!;
  const unnamed = observed.kind === 'frames' ? numberedChannels(observed.channels) : [];
  return {
    kind: observed.kind,
    channels: opened.channels ?? unnamed,
    records,
    sources: [opened.digest(), ...(labels ? [labels.digest] : [])],
  };
}

/** Channels without names: `signal`, or their numbers from 1. */
const numberedChannels = (count: number): string[] =>
  count === 1 ? ['signal'] : Array.from({ length: count }, (_, c) => `${c + 1}`);

/** Transcriptions by id. */
async function readLabels(
  path: string,
  { id, target }: RecordingColumns,
): Promise<{ texts: Map<string, string>; digest: SourceDigest }> {
  const opened = openSource(path);
  const table = await openTable(opened.chunks, { name: opened.name });
  const { columns } = table;
  const ids = columns.indexOf(
    id !== undefined && columns.includes(id) ? id : columns.includes('id') ? 'id' : columns[0]!,
  );
  const others = columns.filter((_, i) => i !== ids);
  const written =
    columnOf(columns, target, targetNames) ??
    (others.length === 1 && target === undefined ? others[0] : undefined);
  if (written === undefined)
    throw dataError(
      `${opened.name} has no column "${target ?? targetNames.join('" or "')}"; it has: ${columns.join(', ')}. Name the one of transcriptions with --target.`,
    );
  const at = columns.indexOf(written);
  const texts = new Map<string, string>();
  for await (const { cells, line } of table.rows) {
    if (texts.has(cells[ids]!))
      throw dataError(
        `${opened.name}:${line}: id "${cells[ids]}" occurs for the second time; expected one transcription each.`,
      );
    texts.set(cells[ids]!, cells[at]!);
  }
  return { texts, digest: opened.digest() };
}
