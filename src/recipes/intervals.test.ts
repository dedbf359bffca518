import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readIntervals } from './intervals.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-intervals-'));
});
afterAll(() => rm(folder, { recursive: true }));
const file = async (text: string) => {
  const path = join(folder, 'x.bed');
  await writeFile(path, text);
  return path;
};

describe('readIntervals', () => {
  it('reads BED with and without a header, comments and values', async () => {
    const path = await file('#made by hand\ntrack name=x\nchrom\tstart\tend\nc1\t0\t10\na b\t5\t6\r\n');
    expect((await readIntervals(path)).intervals).toEqual([
      { chrom: 'c1', start: 0, end: 10 },
      { chrom: 'a b', start: 5, end: 6 },
    ]);
    const { intervals, source } = await readIntervals(await file('c1 0 10 n 2.5\n'), { value: true });
    expect(intervals).toEqual([{ chrom: 'c1', start: 0, end: 10, value: 2.5 }]);
    expect(source.bytes).toBe(14);
  });

  it.each([
    ['c\t5\t5\n', false, /x\.bed:1: expected sequence, start and end with start < end.*"c 5 5"/],
    ['c\t1\t2\nd\t-1\t2\n', false, /x\.bed:2: expected/],
    ['c\t1\t2\tn\n', true, /x\.bed:1: expected a number in the fifth column/],
    ['\n# none\n', false, /holds no intervals/],
  ])('refuses %j', async (text, value, message) => {
    await expect(readIntervals(await file(text), { value })).rejects.toThrow(message);
  });
});
