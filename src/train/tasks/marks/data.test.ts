import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dna } from '../../../data/alphabet.ts';
import { type MarksFiles, readMarks } from './data.ts';

const folder = mkdtempSync(join(tmpdir(), 'marks-data-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const genome = file('g.fa', '>a\nACGTNNNNAC\n>b\nGGCC\n>c\nTTTT\n');
const peaks = { name: 'K4', path: file('k4.bed', 'a\t1\t4\nb\t0\t2\n') };
const values = { name: 'K27', path: file('k27.bedgraph', 'a\t0\t10\t3\nb\t2\t4\t8\n') };
const track = { name: 'atac', path: file('atac.bedgraph', 'a\t0\t10\t1\nb\t0\t4\t2\n') };
const read = (files: Partial<MarksFiles> = {}) =>
  readMarks(genome, { marks: [peaks, values], bin: 4, regions: 'a,b', ...files });
const problem = (files: Partial<MarksFiles>) =>
  read(files).then(
    () => 'none',
    (error) => error.message.replaceAll(`${folder}/`, ''),
  );

describe('a genome with marks along it', () => {
  it('is read in bins: there where half of a bin is covered, values by their mean, unknown where letters are', async () => {
    const { stretches, marks, tracks, sources } = await read({ tracks: [track] });
    expect(marks).toEqual([
      { name: 'K4', kind: 'binary' },
      { name: 'K27', kind: 'signal' },
    ]);
    expect(tracks).toEqual(['atac']);
    const [a, b] = stretches;
    expect(Array.from(a!.truth)).toEqual([1, 3, Number.NaN, Number.NaN, 0, 3]);
    expect(Array.from(b!.truth)).toEqual([1, 4]);
    expect(Array.from(a!.tokens)).toEqual([...dna.encode('ACGTNNNNAC'), ...[dna.padding, dna.padding]]);
    expect([a!.bins, a!.length, Array.from(b!.tracks)]).toEqual([3, 10, [2]]);
    expect(sources.map(({ path }) => path.split('/').at(-1))).toEqual([
      ...['g.fa', 'k4.bed', 'k27.bedgraph', 'atac.bedgraph'],
    ]);
  });

  it('takes values as there from a cut on', async () => {
    const { marks, stretches } = await read({ marks: [{ ...values, cut: 3.5 }] });
    expect(marks).toEqual([{ name: 'K27', kind: 'binary' }]);
    expect(stretches.map(({ truth }) => Array.from(truth))).toEqual([[0, Number.NaN, 0], [1]]);
  });

  it('is known nowhere on a chromosome that a file of values leaves out', async () => {
    const { stretches } = await read({ regions: 'c' });
    expect(Array.from(stretches[0]!.truth)).toEqual([0, Number.NaN]);
  });

  it('is read in regions of a BED file alone, those that touch joined', async () => {
    const regions = file('r.bed', 'a\t2\t4\na\t4\t6\nb\t1\t3\n');
    const { stretches } = await read({ regions, bin: 2 });
    expect(stretches.map(({ chrom, start, length }) => `${chrom}:${start}+${length}`)).toEqual([
      'a:2+4',
      'b:1+2',
    ]);
    expect(Array.from(stretches[1]!.truth)).toEqual([1, 4]);
  });

  it.each<[string, Partial<MarksFiles>, string | RegExp]>([
    [
      'a track that does not cover what is read',
      { tracks: [track], regions: 'a,c' },
      'atac.bedgraph says nothing of "c", which is to be read beside it. Leave that out with --regions, or give a track that covers it.',
    ],
    ['a sequence that is not there', { regions: 'chr8' }, /has no sequence "chr8"\. It has: a, b, c\./],
    [
      'two marks of one name',
      { marks: [peaks, peaks] },
      /two marks are called K4; give each a name of its own/,
    ],
    [
      'a cut of intervals',
      { marks: [{ ...peaks, cut: 1 }] },
      /k4\.bed holds intervals: there is no value to cut at/,
    ],
    ['a bin of 0', { bin: 0 }, /expected a bin of 1 to 65536 letters, received 0/],
    ['letters that are refused', { ambiguous: 'error' }, /"a" has "?N"? .*at position 5; expected A C G T/],
  ])('is refused with %s', async (_, files, message) => {
    const found = await problem(files);
    if (typeof message === 'string') expect(found).toBe(message);
    else expect(found).toMatch(message);
  });

  it('is refused with values below 0, by file and place, and with letters that are none', async () => {
    const path = file('low.bedgraph', 'a\t0\t10\t-1\n');
    expect(await problem({ marks: [{ name: 'x', path }], regions: 'a' })).toBe(
      'low.bedgraph: -1 at a:0; values of a mark are 0 or more. Choose with --cut x=<value> from where on it is there.',
    );
    const strange = file('strange.fa', '>a\nACG1ACGTAA\n');
    const marks = [{ name: 'x', path: file('x.bed', 'a\t0\t4\n') }];
    await expect(readMarks(strange, { marks, bin: 4 })).rejects.toThrow(
      /strange\.fa: "a" has .*1.* at position 4/,
    );
  });
});
