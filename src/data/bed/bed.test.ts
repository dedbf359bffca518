import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, piecesOf, thrown } from '../pieces.fixture.ts';
import { bedBlocks, bedGraphLine, bedIntervals, bedLine } from './bed.ts';

const read = (text: string, name = 'x.bed', sizes: number[] = []) =>
  collect(bedIntervals(piecesOf(text, sizes), { name }));
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 });
const position = fc.nat(2 ** 31);
const ends = fc.tuple(position, position).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }));
const word = fc
  .stringMatching(/^[A-Za-z0-9_.-]{1,9}$/)
  .filter((word) => word !== '.' && !/^(track|browser)\b/.test(word));

describe('BED', () => {
  it('gives back what was written, however many columns there are', async () => {
    const interval = fc
      .record(
        {
          chrom: word,
          ends,
          strand: fc.constantFrom('+' as const, '-' as const),
          name: word,
          score: fc.integer({ min: 0, max: 1000 }),
          rest: fc.array(word, { minLength: 1, maxLength: 3 }),
        },
        { requiredKeys: ['chrom', 'ends'] },
      )
      .map(({ ends, strand = '.' as const, ...other }) => ({ ...other, ...ends, strand }));
    await fc.assert(
      fc.asyncProperty(fc.array(interval, { maxLength: 8 }), sizes, async (written, sizes) => {
        const found = await read(written.map(bedLine).join(''), 'x.bed', sizes);
        // A strand needs a score before it: BED's is 0 where there is none.
        const expected = written.map((one, i) => ({
          ...one,
          ...(one.strand !== '.' && one.score === undefined && { score: 0 }),
          line: i + 1,
        }));
        expect(found).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('takes the first base, an insertion site and adjacent intervals as they stand', async () => {
    const found = await read('chr1\t0\t1\nchr1\t1\t1\nchr1\t1\t3\n');
    expect(found.map(({ start, end }) => [start, end])).toEqual([
      [0, 1],
      [1, 1],
      [1, 3],
    ]);
  });

  it('passes over comments, track and browser lines, and takes blanks for tabs', async () => {
    const found = await read(
      'browser position chr1\ntrack name=x\n#a\n\nchr1 5  7 tracks\ntrackless\t1\t2\n',
    );
    expect(found).toEqual([
      { chrom: 'chr1', start: 5, end: 7, strand: '.', name: 'tracks', line: 5 },
      { chrom: 'trackless', start: 1, end: 2, strand: '.', line: 6 },
    ]);
  });

  it('reads narrowPeak with its summit, and writes it back', async () => {
    const text = 'chr1\t100\t200\tp1\t57\t.\t8.5\t4.25\t-1\t30\nchr1\t300\t310\t.\t0\t.\t1\t-1\t-1\t-1\n';
    const found = await read(text, 'x.narrowPeak');
    expect(found[0]).toMatchObject({
      start: 100,
      name: 'p1',
      signal: 8.5,
      pValue: 4.25,
      qValue: -1,
      summit: 30,
    });
    expect('summit' in found[1]!).toBe(false);
    expect(found.map(bedLine).join('')).toBe(text);
  });

  it('knows the blocks of BED12', async () => {
    const [line] = await read('chr1\t10\t50\tt1\t0\t-\t10\t50\t0\t2\t10,5,\t0,35,\n');
    expect(bedBlocks(line!)).toEqual([
      { chrom: 'chr1', start: 10, end: 20, strand: '-' },
      { chrom: 'chr1', start: 45, end: 50, strand: '-' },
    ]);
    const [bad] = await read('chr1\t10\t50\tt1\t0\t-\t10\t50\t0\t2\t10,9,\t0,35,\n');
    expect((await thrown(() => bedBlocks(bad!))).message).toBe(
      'line 1: block 2 of "t1" ends at 54, after its interval (50).',
    );
  });

  const wrong: [string, string, string][] = [
    ['two columns', 'chr1\t5\n', 'x.bed:1: 2 columns; expected at least 3 (chromosome, start, end).'],
    [
      'a start that is none',
      '#\nchr1\tfive\t9\n',
      'x.bed:2: start is "five"; expected a whole number from 0.',
    ],
    ['a negative start', 'chr1\t-1\t9\n', 'x.bed:1: start is "-1"; expected a whole number from 0.'],
    [
      'a header',
      'chrom\tstart\tend\n',
      'x.bed:1: start is "start"; expected a whole number. If this line is a header, begin it with "#".',
    ],
    ['an end before the start', 'chr1\t9\t5\n', 'x.bed:1: end 5 lies before start 9. Exchange them.'],
    [
      'a strand that is none',
      'chr1\t5\t9\tx\t0\tplus\n',
      'x.bed:1: strand is "plus"; expected "+", "-" or ".".',
    ],
    ['a score that is none', 'chr1\t5\t9\tx\thigh\n', 'x.bed:1: score is "high"; expected a number.'],
  ];
  it.each(wrong)('is refused with file, line and column: %s', async (_, text, message) => {
    expect(await thrown(() => read(text))).toEqual({ kind: 'data', message });
  });

  it('refuses a summit outside its peak', async () => {
    expect((await thrown(() => read('chr1\t0\t10\tp\t0\t.\t1\t1\t1\t10\n', 'x.narrowPeak'))).message).toBe(
      'x.narrowPeak:1: peak is 10; expected an offset from 0 to 9, or -1.',
    );
  });

  it('is not written where it could not be read back', async () => {
    expect((await thrown(() => bedLine({ chrom: 'chr 1', start: 0, end: 1, strand: '.' }))).message).toBe(
      'chr 1:0-1 cannot be written as BED: a chromosome has no blanks and does not begin with "#".',
    );
    expect((await thrown(() => bedLine({ chrom: 'x', start: 2, end: 1, strand: '.' }))).message).toMatch(
      /start first/,
    );
  });
});

describe('bedGraph', () => {
  it('is four columns', async () => {
    expect(bedGraphLine({ chrom: 'chr1', start: 0, end: 5, value: 0.25 })).toBe('chr1\t0\t5\t0.25\n');
    expect(
      (await thrown(() => bedGraphLine({ chrom: 'c', start: 0, end: 5, value: Number.NaN }))).message,
    ).toBe('c:0-5: NaN is no value for bedGraph.');
  });
});
