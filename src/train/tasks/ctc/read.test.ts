import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TranscriberInput } from '../../../models/transcriber/spec.ts';
import type { Observation, RecordingColumns } from './data.ts';
import { openRecordings, readTranscriptions } from './read.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-recordings-'));
});
afterAll(() => rm(folder, { recursive: true }));

let count = 0;
async function file(suffix: string, text: string | Uint8Array): Promise<string> {
  const path = join(folder, `${count++}.${suffix}`);
  await writeFile(path, text);
  return path;
}
const numbersOf = (observed: Observation) =>
  observed.kind === 'frames' ? Array.from(observed.values) : observed.symbols;
async function read(suffix: string, text: string | Uint8Array, columns: RecordingColumns = {}) {
  const data = await readTranscriptions(await file(suffix, text), columns);
  return {
    ...{ kind: data.kind, channels: data.channels },
    records: data.records.map(({ id, observed, text: written, group }) => [
      ...[id, numbersOf(observed), written],
      ...(group === undefined ? [] : [group]),
    ]),
  };
}
const refusal = (suffix: string, text: string, columns?: RecordingColumns) =>
  read(suffix, text, columns).then(
    () => 'taken',
    (error: Error) => error.message.replace(/\S*[\\/]\d+\./g, '').replaceAll('\n', ' '),
  );

describe('recordings with their transcriptions', () => {
  it('come from JSON Lines: a signal, frames, symbols, a list of tokens', async () => {
    const signal = '{"id":"a","signal":[1,2.5,-3],"text":"GA"}\n\n{"id":"b","signal":[4],"text":""}\n';
    const expected = {
      kind: 'frames',
      channels: ['signal'],
      records: [
        ['a', [1, 2.5, -3], 'GA'],
        ['b', [4], ''],
      ],
    };
    expect(await read('jsonl', signal)).toEqual(expected);
    expect(await read('jsonl.gz', gzipSync(signal))).toEqual(expected);
    expect(await read('txt', signal)).toEqual(expected);
    expect(await read('jsonl', '{"frames":[[1,2],[3,4]],"target":["up","down"]}')).toEqual({
      kind: 'frames',
      channels: ['1', '2'],
      records: [['1', [1, 2, 3, 4], 'up down']],
    });
    expect(await read('jsonl', '{"sequence":"aabb","text":"ab","who":"x"}', { group: 'who' })).toEqual({
      kind: 'symbols',
      channels: [],
      records: [['1', 'aabb', 'ab', 'x']],
    });
  });

  it('are numbers in a text where the key says so, else symbols', async () => {
    expect(await read('jsonl', '{"signal":"1 2","text":"A"}')).toMatchObject({
      records: [['1', [1, 2], 'A']],
    });
    expect(await read('jsonl', '{"source":"1 2","text":"A"}')).toMatchObject({
      records: [['1', '1 2', 'A']],
    });
  });

  it('take their texts from another table, whose other rows are counted', async () => {
    const labels = await file('csv', 'id,text\na,x\nb,y\nc,z\n');
    const data = await readTranscriptions(await file('jsonl', '{"id":"b","signal":[1]}'), { labels });
    expect(data.records.map(({ text }) => text)).toEqual(['y']);
    expect(data.notes).toEqual([`2 rows of ${labels} had no record and were left out.`]);
    expect(data.sources).toHaveLength(2);
  });

  it('come from a table with a row a record: numbers divided by blanks or commas, frames by semicolons, or symbols', async () => {
    expect(await read('tsv', 'id\tsignal\ttext\nx\t1 2,3\tA\ny\t-.5 1e2\tB C\n')).toEqual({
      kind: 'frames',
      channels: ['signal'],
      records: [
        ['x', [1, 2, 3], 'A'],
        ['y', [-0.5, 100], 'B C'],
      ],
    });
    const pen = 'who,pen,said\nk,1 2; 3 4;,hi\n';
    expect(await read('csv', pen, { source: 'pen', target: 'said', id: 'who' })).toMatchObject({
      channels: ['1', '2'],
      records: [['k', [1, 2, 3, 4], 'hi']],
    });
    expect(await read('csv', 'source,text\n0 1 1,b\n', { symbols: true })).toMatchObject({
      kind: 'symbols',
      records: [['1', '0 1 1', 'b']],
    });
  });

  it('come from a table with a row a frame, ordered by time, and a table of texts', async () => {
    const labels = await file('tsv', 'rec\tword\nb\tno\na\tyes\n');
    const rows = 'rec,t,x,y,who\na,2,3,4,k\na,1,1,2,k\nb,2024-01-02,7,8,m\nb,2024-01-01,5,6,m\n';
    const columns = { id: 'rec', time: 't', group: 'who', labels, target: 'word' };
    expect(await read('csv', rows, columns)).toEqual({
      kind: 'frames',
      channels: ['x', 'y'],
      records: [
        ['a', [1, 2, 3, 4], 'yes', 'k'],
        ['b', [5, 6, 7, 8], 'no', 'm'],
      ],
    });
    expect(await read('csv', rows, { ...columns, channels: ['y'] })).toMatchObject({
      channels: ['y'],
      records: [
        ['a', [2, 4], 'yes', 'k'],
        ['b', [6, 8], 'no', 'm'],
      ],
    });
  });

  it.each([
    [
      'frames of two widths',
      'jsonl',
      '{"frames":[[1,2],[3]],"text":"A"}',
      'jsonl:1: record "1", frames: frame 2 has 1 number; expected 2, as in the frames before.',
    ],
    [
      'records of two widths',
      'jsonl',
      '{"frames":[[1,2]],"text":"A"}\n{"frames":[[1]],"text":"A"}',
      'jsonl:2: record "2" has 1 numbers in each frame; expected 2, as in the records before.',
    ],
    [
      'what is no number',
      'jsonl',
      '{"id":"q","signal":[1,"x"],"text":"A"}',
      'jsonl:1: record "q", signal: frame 2 is "x"; expected a number. Correct it, or leave the record out.',
    ],
    [
      'a gap',
      'csv',
      'signal,text\n1 nan 3,A\n',
      'csv:2: record "1": frame 2 is "nan"; expected a number. Fill the gap in, cut the record there, or leave it out.',
    ],
    [
      'what float32 cannot hold',
      'jsonl',
      '{"signal":[1e99],"text":"A"}',
      'jsonl:1: record "1", signal: frame 1 is 1e+99; expected a number. Correct it, or leave the record out.',
    ],
    [
      'no frames',
      'jsonl',
      '{"signal":[],"text":"A"}',
      'jsonl:1: record "1", signal has no frames; expected numbers. Leave the record out.',
    ],
    [
      'no transcription',
      'jsonl',
      '{"signal":[1]}',
      'jsonl:1: record "1" has no transcription; expected one of text, target, transcription, label beside it, or --labels with a table of them.',
    ],
    [
      'nothing observed',
      'jsonl',
      '{"text":"A"}',
      'jsonl:1: the object has no "frames" or "signal" or "sequence" or "source"; it has: text.',
    ],
    [
      'numbers after symbols',
      'jsonl',
      '{"source":"ab","text":"A"}\n{"source":[1],"text":"A"}',
      'jsonl:2: record "2" holds frames; expected symbols, as in the records before.',
    ],
    [
      'nothing to be written at all',
      'csv',
      'signal,text\n1 2,\n',
      'csv: every transcription is empty; expected texts to learn from.',
    ],
    [
      'rows of frames without a word of it',
      'csv',
      'id,signal,text\na,1,x\na,2,x\n',
      'csv:3: record "a" stands in several rows with one number each. If every row is a frame, name the columns of numbers with --track signal.',
    ],
  ])('are refused with file, line and advice: %s', async (_, suffix, text, message) => {
    expect(await refusal(suffix, text)).toBe(message);
  });

  it('are refused in a table of frames: scattered rows, a time twice, a missing text', async () => {
    const labels = await file('csv', 'id,text\na,x\nb,y\n');
    const told = (text: string, columns = {}) => refusal('csv', text, { labels, ...columns });
    expect(await told('id,x\na,1\nb,2\na,3\n')).toContain(
      'csv:4: record "a" goes on after rows of others; expected all of its rows together. Sort the table by "id".',
    );
    expect(await told('id,t,x\na,1,1\na,1,2\n', { time: 't' })).toContain('has the time 1 twice');
    expect(await told('id,x\nq,1\n')).toBe(
      'csv:2: record "q" has no row in csv. Add one, or leave the record out.',
    );
    const twice = await file('csv', 'id,text\na,x\na,y\n');
    expect(await told('id,x\na,1\n', { labels: twice })).toContain('id "a" occurs for the second time');
  });
});

describe('recordings for a model', () => {
  const expected: TranscriberInput = {
    kind: 'frames',
    channels: ['x', 'y'],
    mean: [0, 0],
    deviation: [1, 1],
  };
  const readFor = async (suffix: string, text: string) => {
    const found = [];
    const { records } = await openRecordings(await file(suffix, text), {}, expected);
    for await (const { id, observed } of records) found.push([id, numbersOf(observed)]);
    return found;
  };

  it('take its channels by name from a table of frames, and need no transcription', async () => {
    expect(await readFor('csv', 'id,note,y,x\na,k,2,1\na,k,4,3\nb,k,6,5\n')).toEqual([
      ['a', [1, 2, 3, 4]],
      ['b', [5, 6]],
    ]);
  });

  it('are refused where they do not fit it', async () => {
    await expect(readFor('jsonl', '{"signal":[1,2]}')).rejects.toThrow('expected 2, as the model reads');
    await expect(readFor('jsonl', '{"sequence":"abc"}')).rejects.toThrow(
      'frame 1 is "abc"; expected a number',
    );
  });
});
