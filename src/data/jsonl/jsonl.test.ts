import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, piecesOf, thrown } from '../pieces.fixture.ts';
import { readDataset } from '../read-dataset.ts';
import { jsonLine, jsonlRecords } from './jsonl.ts';
import { jsonlTable } from './jsonl-table.ts';

const read = (text: string, sizes: number[] = []) =>
  collect(jsonlRecords(piecesOf(text, sizes), { name: 'x.jsonl' }));
const table = async (text: string) => {
  const { columns, rows } = await jsonlTable(piecesOf(text), { name: 'x.jsonl' });
  return [columns, ...(await collect(rows)).map(({ cells }) => cells)];
};
const problem = (run: () => unknown) => thrown(run);

describe('JSON Lines', () => {
  it('give back what was written, however the bytes are cut', async () => {
    // JSON has no -0.
    const value = fc.dictionary(fc.string(), fc.jsonValue()).map((all) => JSON.parse(JSON.stringify(all)));
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 6 }), sizes, async (values, sizes) => {
        const found = await read(values.map(jsonLine).join('\n'), sizes);
        expect(found.map(({ value }) => value)).toEqual(values);
        expect(found.map(({ line }) => line)).toEqual(values.map((_, i) => 2 * i + 1));
      }),
      { numRuns: 100 },
    );
  });

  it('are tables whose columns are the keys of the first object', async () => {
    expect(await table('{"id":"a","y":1.5,"t":[1,2]}\n{"t":["x"],"id":"b"}\n{"id":true,"y":null}\n')).toEqual(
      [
        ['id', 'y', 't'],
        ['a', '1.5', '1,2'],
        ['b', '', 'x'],
        ['true', '', ''],
      ],
    );
  });

  it.each([
    ['a list', '[1]\n', 'x.jsonl:1: expected a JSON object, such as {"id": "x"}; this is a list.'],
    ['null', '{}\nnull\n', 'x.jsonl:2: expected a JSON object, such as {"id": "x"}; this is null.'],
    ['nothing', '\n', 'x.jsonl is empty; expected JSON Lines, one object a line.'],
  ])('are refused with file and line: %s', async (_, text, message) => {
    expect(await problem(() => read(text))).toEqual({ kind: 'data', message });
  });

  it('say where they are no JSON', async () => {
    const { kind, message } = await problem(() => read('{"a":1}\n{"a":\n'));
    expect(kind).toBe('data');
    expect(message).toMatch(
      /^x\.jsonl:2: expected one JSON object a line; .* Write each object on a line of its own\.$/,
    );
  });

  it('lose no key: one that the first object lacks is refused', async () => {
    expect((await problem(() => table('{"id":"a"}\n{"id":"b","y":1}\n'))).message).toBe(
      'x.jsonl:2: key "y" is not among those of the first object (id). Give it to the first object too, with null where it has no value.',
    );
    expect((await problem(() => table('{"id":{"x":1}}\n'))).message).toMatch(
      /^x\.jsonl:1: "id" holds an object/,
    );
  });
});

describe('a dataset in JSON Lines', () => {
  it('is read as a table is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'seqwright-jsonl-'));
    const path = join(folder, 'x.jsonl');
    writeFileSync(
      path,
      '{"id":"a","sequence":"ACGT","label":"x"}\n{"id":"b","sequence":"GGTA","label":"y"}\n',
    );
    const { records, target } = await readDataset({ sequences: path });
    rmSync(folder, { recursive: true });
    expect(records.map(({ id, sequence }) => [id, sequence])).toEqual([
      ['a', 'ACGT'],
      ['b', 'GGTA'],
    ]);
    expect(target).toMatchObject({ kind: 'classes', classes: ['x', 'y'] });
  });
});
