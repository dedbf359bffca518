import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { genomeOf } from '../../../data/genome/genome.ts';
import { openLayer } from './layer.ts';

const folder = mkdtempSync(join(tmpdir(), 'layer-'));
afterAll(() => rmSync(folder, { recursive: true }));

const genome = genomeOf(
  [
    { id: 'chr1', sequence: 'A'.repeat(900) },
    { id: 'chr2', sequence: 'C'.repeat(300) },
    { id: 'chr3', sequence: 'G'.repeat(50) },
  ],
  { name: 'g.fa' },
);
const open = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return openLayer({ name: 'x', path }, genome);
};
const problem = (name: string, text: string) =>
  open(name, text).then(
    () => 'none',
    (error) => error.message.replaceAll(`${folder}/`, ''),
  );

const places = fc.array(fc.tuple(fc.nat(290), fc.integer({ min: 1, max: 60 })), {
  minLength: 1,
  maxLength: 8,
});
const asked = fc.tuple(fc.nat(250), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 13 }));

describe('intervals', () => {
  it('cover the share of each bin that counting bases finds', async () => {
    await fc.assert(
      fc.asyncProperty(places, asked, async (all, [start, length, bin]) => {
        const inside = all.map(([from, size]) => [from, Math.min(300, from + size)] as const);
        const layer = await open('a.bed', inside.map(([a, b]) => `chr2\t${a}\t${b}\n`).join(''));
        const found = await layer.bins('chr2', start, length, bin);
        const covered = Array.from({ length }, (_, i) =>
          Number(inside.some(([a, b]) => a <= start + i && start + i < b)),
        );
        expect(found).toHaveLength(Math.ceil(length / bin));
        found.forEach((share, b) => {
          const own = covered.slice(b * bin, (b + 1) * bin);
          expect(share).toBeCloseTo(own.reduce((x, y) => x + y) / own.length, 6);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('are nowhere on a chromosome that has none, which is known', async () => {
    const layer = await open('a.bed', 'chr2\t0\t10\n');
    expect(layer.knows('chr1')).toBe(true);
    expect(Array.from(await layer.bins('chr1', 0, 4, 2))).toEqual([0, 0]);
  });

  it('on sequences that the genome has not are left out, and counted aloud', async () => {
    const { notes } = await open('a.bed', 'chr2\t0\t10\nchrUn\t5\t7\n');
    expect(notes.join()).toMatch(
      /^1 lines of .*a\.bed name sequences that g\.fa has not, such as "chrUn"\.$/,
    );
  });
});

describe('values', () => {
  it('of bedGraph have the mean of each bin, bases without one being 0', async () => {
    const layer = await open('v.bedgraph', 'chr2\t4\t6\t3\nchr2\t6\t9\t-1\n');
    expect(Array.from(await layer.bins('chr2', 2, 9, 4))).toEqual([1.5, -0.75, 0]);
    expect(Array.from(await layer.bins('chr1', 0, 4, 2))).toEqual([Number.NaN, Number.NaN]);
  });

  it('of bigWig are those that the file holds for each base', async () => {
    const path = fileURLToPath(new URL('../../../../test/golden/formats/signal.bw', import.meta.url));
    const layer = await openLayer({ name: 'x', path }, genome);
    const bases = await layer.bins('chr1', 0, 900, 1);
    const bins = await layer.bins('chr1', 100, 800, 40);
    bins.forEach((mean, b) => {
      const own = bases.subarray(100 + b * 40, 140 + b * 40);
      expect(mean).toBeCloseTo(own.reduce((x, y) => x + y, 0) / 40, 4);
    });
    expect(Math.max(...bases)).toBeGreaterThan(0);
    expect(layer.knows('chr3')).toBe(false);
    await layer.close();
    const other = genomeOf([{ id: 'chr1', sequence: 'A' }], { name: 'g.fa' });
    await expect(openLayer({ name: 'x', path }, other)).rejects.toThrow(
      /"chr1" has 900 bases; that of g\.fa has 1\. Check that both are of one assembly/,
    );
  });
});

describe('files that do not fit', () => {
  it.each([
    [
      'names of another source',
      'a.bed',
      '1\t0\t10\n',
      'a.bed names none of the sequences of g.fa: it has "1", the genome has chr1, chr2, chr3. Use the names of one source in both files.',
    ],
    [
      'an interval off the end',
      'a.bed',
      'chr1\t0\t10\nchr2\t295\t301\n',
      'a.bed:2: chr2:295-301 ends at 301; "chr2" of g.fa has 300 bases. Check that both are of one assembly.',
    ],
    ['no line', 'a.bed', '# nothing\n', 'a.bed is empty; expected at least one line.'],
    ['no value', 'a.bedgraph', 'chr1\t0\t10\n', 'a.bedgraph:1: value is ""; expected a number.'],
    [
      'two values of a base',
      'a.bg',
      'chr1\t0\t10\t1\nchr1\t9\t12\t2\n',
      'a.bg:2: chr1:9-12 overlaps chr1:0-10 on line 1; a base has one value.',
    ],
    [
      'another format',
      'a.vcf',
      '',
      'a.vcf: expected intervals (.bed, .narrowPeak, .broadPeak) or values along the genome (.bedGraph, .bigWig, .bw), told by the name.',
    ],
  ])('%s', async (_, name, text, message) => {
    expect(await problem(name, text)).toBe(message);
  });

  it('a bigWig that is none', async () => {
    expect(await problem('a.bw', 'no bytes')).toMatch(/^a\.bw is no whole bigWig file/);
  });
});
