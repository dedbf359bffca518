import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { thrown } from './pieces.fixture.ts';
import { readDataset } from './read-dataset.ts';
import { twoBitBytes } from './twobit/twobit.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'seqwright-formats-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, bytes: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const sequences = async (...args: Parameters<typeof readDataset>) =>
  (await readDataset(...args)).records.map(({ id, sequence }) => [id, sequence]);
const two = [
  ['a', 'ACGTacgtNN'],
  ['b', 'TTTT'],
] as [string, string][];

describe('a dataset', () => {
  it('is read from FASTQ, GenBank, EMBL and 2bit, told by the first bytes', async () => {
    const fastq = two.map(([id, text]) => `@${id}\n${text}\n+\n${'I'.repeat(text.length)}\n`).join('');
    expect(await sequences({ sequences: file('x', fastq) })).toEqual(two);
    const genBank = (id: string) => `LOCUS       ${id} 4 bp DNA linear\nORIGIN\n        1 acgt\n//\n`;
    expect(await sequences({ sequences: file('x.txt', genBank('p') + genBank('q')) })).toEqual([
      ['p', 'ACGT'],
      ['q', 'ACGT'],
    ]);
    const embl = (id: string) =>
      `ID   ${id}; SV 1; linear; DNA; STD; SYN; 4 BP.\nSQ   Sequence\n     acgt  4\n//\n`;
    expect((await sequences({ sequences: file('e', embl('p') + embl('q')) })).map(([id]) => id)).toEqual([
      'p',
      'q',
    ]);
    const bytes = twoBitBytes(two);
    const dataset = await readDataset({ sequences: file('x.fa', bytes) });
    expect(dataset.records.map(({ id, sequence }) => [id, sequence])).toEqual(two);
    expect(dataset.sources[0]!.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('takes labels for such files from a table', async () => {
    const fastq = file('l.fq', '@a\nACGT\n+\nIIII\n@b\nGGGG\n+\nIIII\n');
    const { target } = await readDataset({ sequences: fastq, labels: file('l.tsv', 'id\ty\na\tu\nb\tv\n') });
    expect(target).toMatchObject({ kind: 'classes', classes: ['u', 'v'] });
  });

  it('is cut out of a genome by BED, with columns for labels and groups, and what is left out counted', async () => {
    const genome = file('g.fa', '>c1\nAACCGGTTAC\n>c2\nTTTTT\n');
    const bed = file('r.bed', 'c1\t0\t4\tx\t1\t+\nc2\t1\t3\ty\t0\t-\nc1\t8\t10\tz\t1\t+\n');
    const dataset = await readDataset({
      sequences: bed,
      regions: { genome, width: 4, offTheEnd: 'skip' },
      label: 'score',
      group: 'chrom',
    });
    expect(dataset.records.map(({ id, sequence, group }) => [id, sequence, group])).toEqual([
      ['x', 'AACC', 'c1'],
      ['y', 'AAAA', 'c2'],
    ]);
    expect(dataset.skipped).toEqual([{ reason: 'off the end of their sequence', count: 1, examples: ['z'] }]);
    expect(dataset.notes.at(-1)).toBe('Left out 1 record (off the end of their sequence): z.');
  });

  it('says where a read has no letters, and why regions give nothing', async () => {
    const empty = file('e.fq', '@a\n\n+\n\n@b\nA\n+\nI\n');
    expect((await thrown(() => readDataset({ sequences: empty }))).message).toBe(
      `${empty}:1: record "a" has an empty sequence.`,
    );
    const genome = file('s.fa', '>c1\nAAC\n');
    const bed = file('s.bed', 'c1\t0\t9\n');
    const regions = { genome, offTheEnd: 'skip' as const };
    expect((await thrown(() => readDataset({ sequences: bed, regions }))).message).toBe(
      `${bed} gives no sequences. Left out 1 record (off the end of their sequence): c1:0-9.`,
    );
  });
});
