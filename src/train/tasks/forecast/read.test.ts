import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTimeSeries, type SeriesColumns } from './read.ts';

const folder = mkdtempSync(join(tmpdir(), 'series-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const read = (text: string, columns: SeriesColumns) => {
  const path = join(folder, `${count++}.csv`);
  writeFileSync(path, text);
  return readTimeSeries(path, columns);
};

describe('time series of a table', () => {
  it('are rows in order, several series mixed, missing values as NaN', async () => {
    const { series, targets } = await read('shop,a,b\nx,1,10\ny,2,20\nx,NA,30\nx,3,\n', {
      targets: ['b', 'a'],
      group: 'shop',
    });
    expect(targets).toEqual(['b', 'a']);
    expect(series.map(({ id, length }) => [id, length])).toEqual([
      ['x', 3],
      ['y', 1],
    ]);
    expect(Array.from(series[0]!.values)).toEqual([10, 1, 30, Number.NaN, Number.NaN, 3]);
  });

  it('steps that times leave out are put in as missing, and that is said', async () => {
    const { series, notes, clock } = await read(
      'day,y\n2024-01-01,1\n2024-01-02,2\n2024-01-05,5\n2024-01-06,6\n',
      { targets: ['y'], time: 'day' },
    );
    expect(Array.from(series[0]!.values)).toEqual([1, 2, Number.NaN, Number.NaN, 5, 6]);
    expect(notes).toEqual(['2 steps that times leave out were added as missing values.']);
    expect(clock).toMatchObject({ unit: 'milliseconds', step: 86_400_000 });
    expect(series[0]!.times![2]).toBe(Date.UTC(2024, 0, 3));
  });

  it('uneven times are taken as steps, and that is said', async () => {
    const { series, notes } = await read('t,y\n1,1\n2,2\n4.5,3\n', { targets: ['y'], time: 't' });
    expect(series[0]!.length).toBe(3);
    expect(notes).toEqual(['Times are not evenly spaced; rows are taken as steps of equal length.']);
  });

  it('columns may be meant by a pattern, which never means times or series', async () => {
    const { targets } = await read('n0,n1,m,name\n1,2,3,a\n', { targets: ['n*'], group: 'name' });
    expect(targets).toEqual(['n0', 'n1']);
  });

  it.each<[string, string, Partial<SeriesColumns>, RegExp, string]>([
    [
      'a word',
      'y\n1\nhigh\n',
      {},
      /\.csv:3: "y" is "high"; expected a number, or an empty cell or NA/,
      'data',
    ],
    [
      'a decimal comma',
      'x;y\n1;2\n1;3,5\n',
      {},
      /:3: "y" is "3,5"; .* Write decimals with a point\./,
      'data',
    ],
    ['infinity', 'y\n1e999\n', {}, /:2: "y" is "1e999"/, 'data'],
    ['no column', 'x\n1\n', {}, /has no column "y"; it has: x/, 'data'],
    ['no pattern', 'x\n1\n', { targets: ['q*'] }, /has no column like "q\*"; it has: x/, 'data'],
    ['no rows', 'y\n', {}, /has a header and no rows/, 'data'],
    ['a time twice', 't,y\n1,1\n1,2\n', { time: 't' }, /:3: "t" is 1 for the second time; .*--group/, 'data'],
    [
      'times that fall back',
      't,g,y\n2024-01-02,a,1\n2024-01-01,b,1\n2024-01-01,a,2\n',
      { time: 't', group: 'g' },
      /:4: "t" is 2024-01-01, which is before 2024-01-02 in the row above it of series "a"; expected times that rise\. Sort the rows by time\./,
      'data',
    ],
    ['a strange time', 't,y\n1,1\nnoon,2\n', { time: 't' }, /:3: "t" is "noon"; expected a number/, 'data'],
    ['a 2 in a binary target', 'y\n0\n2\n', { binary: true }, /:3: "y" is "2"; expected 0 or 1/, 'data'],
    ['the target as time', 'y\n1\n', { time: 'y' }, /"y" cannot be forecast and tell times/, 'usage'],
    [
      'times that are mostly gaps',
      't,y\n0,1\n1,2\n2,3\n1000000,4\n',
      { time: 't' },
      /leave out 999997 steps between 4 rows/,
      'data',
    ],
  ])('%s is refused with its place', async (_, text, columns, message, kind) => {
    const found = read(text, { targets: ['y'], ...columns });
    await expect(found).rejects.toMatchObject({ kind, message: expect.stringMatching(message) });
  });
});
