import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { dna, reverseComplement } from './alphabet.ts';
import { namedGroups } from './dataset-groups.ts';
import { readDataset } from './read-dataset.ts';

const folder = mkdtempSync(join(tmpdir(), 'seqwright-regions-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const genome = file('g.fa', '>c1\nAACCGGTTACGTACGTTTAA\n>c2\nTTTTTGGGGGCCCCCAAAAA\n');

describe('a dataset of regions', () => {
  it('takes regions of a second file as negatives, and names whose kinds repeat for labels, not for ids', async () => {
    const peaks = file('p.bed', 'c1\t0\t4\tpeak\nc1\t4\t8\tpeak\n');
    const others = file('n.bed', 'c2\t0\t4\tnone\t3\t-\nc2\t4\t8\n');
    const dataset = await readDataset({ sequences: peaks, negatives: others, regions: { genome } });
    expect(dataset.records.map(({ id, sequence, labels }) => [id, sequence, labels])).toEqual([
      ['c1:0-4', 'AACC', ['positive']],
      ['c1:4-8', 'GGTT', ['positive']],
      ['c2:0-4(-)', 'AAAA', ['negative']],
      ['c2:4-8', 'TGGG', ['negative']],
    ]);
    expect(dataset.target).toMatchObject({
      classes: ['negative', 'positive'],
      truth: Int32Array.of(1, 1, 0, 0),
    });
    expect(dataset.sources.map(({ path }) => path)).toEqual([peaks, others]);
  });

  it('leaves a region that comes again out and counts it, among negatives too', async () => {
    const peaks = file('twice.bed', 'c1\t0\t4\ta\nc1\t0\t4\tb\nc1\t8\t12\tc\n');
    const others = file('same.bed', 'c1\t8\t12\td\nc2\t0\t4\te\n');
    const { records, skipped } = await readDataset({
      sequences: peaks,
      negatives: others,
      regions: { genome },
    });
    expect(records.map(({ id }) => id)).toEqual(['a', 'c', 'e']);
    expect(skipped).toEqual([{ reason: 'the same region again', count: 2, examples: ['b', 'd'] }]);
  });

  it('reads features of GFF3, some types or all, on their strand, and their columns as labels', async () => {
    const line = (type: string, from: number, to: number, strand: string, tags: string) =>
      `c1\tme\t${type}\t${from}\t${to}\t.\t${strand}\t.\t${tags}\n`;
    const gff = file(
      'f.gff3',
      `##gff-version 3\n${line('gene', 1, 4, '-', 'ID=g1;Name=abc')}${line('tRNA', 5, 8, '+', 'ID=t1')}${line('exon', 9, 12, '+', 'ID=e1')}`,
    );
    const regions = { genome, featureTypes: ['gene', 'tRNA'] };
    const { records, target, skipped } = await readDataset({ sequences: gff, regions, label: 'type' });
    expect(records.map(({ id, sequence }) => [id, sequence])).toEqual([
      ['abc', 'GGTT'],
      ['t1', 'GGTT'],
    ]);
    expect(target).toMatchObject({ classes: ['gene', 'tRNA'] });
    expect(skipped).toEqual([{ reason: 'features of other types', count: 1, examples: ['e1'] }]);
  });

  it('has the further columns of narrowPeak and of BED as columns', async () => {
    const peaks = file('x.narrowPeak', 'c1\t0\t9\ta\t5\t.\t7.5\t2\t1\t4\nc2\t0\t9\tb\t5\t.\t0.5\t2\t1\t0\n');
    const around = { genome, width: 3, around: 'summit' as const };
    const strong = await readDataset({
      sequences: peaks,
      regions: { ...around, offTheEnd: 'pad' },
      label: 'signal',
    });
    expect(strong.target).toMatchObject({ kind: 'values', truth: Float64Array.of(7.5, 0.5) });
    expect(strong.records.map(({ sequence }) => sequence)).toEqual(['CGG', 'NTT']);
    const bed = file('y.bed', 'c1\t0\t9\ta\t5\t.\tred\nc2\t0\t9\tb\t5\t.\tblue\nc2\t9\t12\tc\t5\t.\tblue\n');
    const coloured = await readDataset({ sequences: bed, regions: { genome }, label: 'column7' });
    expect(coloured.target).toMatchObject({ classes: ['blue', 'red'] });
  });

  it('holds the bases of its interval on its strand, whatever the width and flanks', async () => {
    const letters: Record<string, string> = { c1: 'AACCGGTTACGTACGTTTAA', c2: 'TTTTTGGGGGCCCCCAAAAA' };
    const region = fc
      .tuple(fc.constantFrom('c1', 'c2'), fc.nat(19), fc.nat(19), fc.constantFrom('+', '-'))
      .map(([chrom, a, b, strand]) => ({ chrom, start: Math.min(a, b), end: Math.max(a, b) + 1, strand }));
    const many = fc.uniqueArray(region, { minLength: 1, maxLength: 6, selector: (r) => JSON.stringify(r) });
    await fc.assert(
      fc.asyncProperty(many, fc.nat(3), async (all, flank) => {
        const bed = file(
          'any.bed',
          all.map((r) => `${r.chrom}\t${r.start}\t${r.end}\t.\t0\t${r.strand}\n`).join(''),
        );
        const regions = { genome, flank, offTheEnd: 'pad' as const };
        const { records } = await readDataset({ sequences: bed, regions, minRecords: 1 });
        const expected = all.map(({ chrom, start, end, strand }) => {
          const wide = `NNN${letters[chrom]}NNN`.slice(start + 3 - flank, end + 3 + flank);
          return strand === '-' ? reverseComplement(wide, dna) : wide;
        });
        expect(records.map(({ sequence }) => sequence)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it('refuses what contradicts: negatives without a genome or beside labels, types of features in BED', async () => {
    const bed = file('z.bed', 'c1\t0\t4\n');
    await expect(readDataset({ sequences: bed, negatives: bed })).rejects.toThrow('name it with --genome');
    await expect(
      readDataset({ sequences: bed, negatives: bed, regions: { genome }, label: 'name' }),
    ).rejects.toThrow('leave --labels, --label and --label-from out');
    await expect(
      readDataset({ sequences: bed, regions: { genome, featureTypes: ['gene'] } }),
    ).rejects.toThrow('which only GFF3 and GTF have');
  });
});

describe('namedGroups', () => {
  const data = (groups: (string | undefined)[]) => ({
    records: groups.map((group, i) => ({
      id: `r${i}`,
      sequence: 'A',
      ...(group !== undefined && { group }),
    })),
    alphabet: dna,
    tracks: [],
    sources: [],
    skipped: [],
    notes: [],
  });

  it('puts every record on one side, by its group alone', () => {
    const { inside, outside } = namedGroups(data(['chr1', 'chr2', 'chr1', 'chr3']), ['chr1', 'chr3']);
    expect([Array.from(inside), Array.from(outside)]).toEqual([[0, 2, 3], [1]]);
  });

  it('names the groups that there are, and the other spelling', () => {
    expect(() => namedGroups(data(['1', '2']), ['chr2'], 'chromosome')).toThrow(
      'no record is of the chromosome "chr2". There is "2".',
    );
    expect(() => namedGroups(data(['1', '2']), ['7'])).toThrow('There are: 1, 2.');
    expect(() => namedGroups(data(['1', '1']), ['1'])).toThrow('nothing is left beside them');
    expect(() => namedGroups(data(['1', undefined]), ['1'])).toThrow('record "r1" has no group');
  });
});
