import { dataError, usageError } from '../../../core/errors.ts';
import { peek } from '../../../data/opening.ts';
import { openSource } from '../../../data/source.ts';
import { openTable } from '../../../data/table/table.ts';
import type { TranscriberInput } from '../../../models/transcriber/spec.ts';
import { columnOf, sourceNames, targetNames } from './columns.ts';
import {
  calledRecord,
  type RawRecording,
  type RecordingColumns,
  type Recordings,
  type TranscribedRecording,
  type TranscriptionData,
} from './data.ts';
import { jsonRecordings } from './json-recordings.ts';
import { readLabels } from './labels.ts';
import { readLongTable } from './long-table.ts';
import { pairRecordings } from './pair-table.ts';

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
  const ids = new Set(records.map(({ id }) => id));
  const unused = [...(labels?.texts.keys() ?? [])].filter((id) => !ids.has(id)).length;
  const { observed } = records[0]!;
  const unnamed = observed.kind === 'frames' ? numberedChannels(observed.channels) : [];
  return {
    kind: observed.kind,
    channels: opened.channels ?? unnamed,
    records,
    sources: [opened.digest(), ...(labels ? [labels.digest] : [])],
    ...(unused > 0 && {
      notes: [
        `${unused} ${unused === 1 ? 'row' : 'rows'} of ${columns.labels} had no record and were left out.`,
      ],
    }),
  };
}

/** Channels without names: `signal`, or their numbers from 1. */
const numberedChannels = (count: number): string[] =>
  count === 1 ? ['signal'] : Array.from({ length: count }, (_, c) => `${c + 1}`);
