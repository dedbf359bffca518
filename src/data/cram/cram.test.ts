import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type AlignedRead, openBam } from '../bam/bam.ts';
import { genomeOf } from '../genome/genome.ts';
import { openFile } from '../open-file.ts';
import { openGenome } from '../open-genome.ts';
import { collect, thrown } from '../pieces.fixture.ts';
import { inMemory } from '../random-access.ts';
import { openSource } from '../source.ts';
import { openCram } from './cram.ts';

const golden = fileURLToPath(new URL('../../../test/golden/formats/', import.meta.url));
type Written = Pick<AlignedRead, 'id' | 'sequence' | 'flag' | 'mappingQuality' | 'cigar'> & {
  quality: string | null;
  reference: string | null;
  start: number | null;
};
const { reads: written } = JSON.parse(readFileSync(`${golden}formats.json`, 'utf8')) as { reads: Written[] };
const described = ({ quality, reference, start, strand: _, ...read }: AlignedRead) => ({
  ...read,
  quality: quality ?? null,
  reference: reference ?? null,
  start: start ?? null,
});

describe('reads that pysam wrote', () => {
  it('are the same in BAM', async () => {
    const { reads, references } = await openBam(openSource(`${golden}reads.bam`).chunks);
    expect(references).toEqual([
      { name: 'chr1', length: 900 },
      { name: 'chr2', length: 300 },
    ]);
    expect((await collect(reads)).map(described)).toEqual(written);
  });

  it('are the same in CRAM, but for the CIGAR, which it does not keep', async () => {
    const genome = await openGenome(`${golden}reference.fa`);
    const { reads } = await openCram(await openFile(`${golden}reads.cram`), { genome });
    expect((await collect(reads)).map(described)).toEqual(written.map(({ cigar: _, ...read }) => read));
    await genome.close();
  });
});

describe('CRAM', () => {
  const bytes = readFileSync(`${golden}reads.cram`);
  const letters = readFileSync(`${golden}reference.fa`, 'utf8')
    .split(/>\w+/)
    .map((text) => text.replace(/\s/g, ''));
  const genome = genomeOf(
    [
      { id: 'chr1', sequence: letters[1]! },
      { id: 'chr2', sequence: letters[2]! },
    ],
    { name: 'g.fa' },
  );
  const all = async (part: Uint8Array, of = genome) =>
    collect((await openCram(inMemory(part), { name: 'x.cram', genome: of })).reads);

  it('cut anywhere is refused, rather than losing its end', async () => {
    for (let cut = 0; cut < bytes.length; cut += 97) {
      const { kind, message } = await thrown(() => all(bytes.subarray(0, cut)));
      expect(kind).toBe('data');
      expect(message).toMatch(/^x\.cram(: expected CRAM| is no whole CRAM file| is truncated)/);
    }
  });

  it('without its genome, or with another, is refused', async () => {
    const none = await thrown(async () =>
      collect((await openCram(inMemory(bytes), { name: 'x.cram' })).reads),
    );
    expect(none).toEqual({
      kind: 'usage',
      message: 'x.cram keeps only how its reads differ from their genome. Say where that is with --genome.',
    });
    const shorter = genomeOf(
      ['chr1', 'chr2'].map((id) => ({ id, sequence: 'ACGT' })),
      { name: 'g.fa' },
    );
    expect((await thrown(() => all(bytes, shorter))).message).toMatch(
      /^x\.cram was made with a "chr\d" of \d+ bases; g\.fa has 4\. Use the genome that the reads were aligned to\.$/,
    );
    const turned = [letters[1]!, letters[2]!].map((text) => [...text].reverse().join(''));
    const other = genomeOf(turned.map((sequence, i) => ({ id: `chr${i + 1}`, sequence })));
    expect((await thrown(() => all(bytes, other))).message).toMatch(
      /^x\.cram is no whole CRAM file: .*check the genome\.$/,
    );
  });
});
