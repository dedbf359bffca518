import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { genomeOf } from '../genome/genome.ts';
import { openGenome } from '../open-genome.ts';
import { collect, piecesOf, thrown } from '../pieces.fixture.ts';
import { openSource } from '../source.ts';
import { matchingVariants } from './reference.ts';
import { openVcf } from './vcf.ts';
import { vcfHeader, vcfLine } from './vcf-text.ts';

const read = async (text: string, sizes: number[] = []) => {
  const vcf = await openVcf(piecesOf(text, sizes), { name: 'x.vcf' });
  return { ...vcf, records: await collect(vcf.records) };
};
const problem = async (text: string) => (await thrown(() => read(text))).message;
const head = '##fileformat=VCFv4.2\n##INFO=<ID=AF,Number=A,Type=Float,Description="x">\n';
const columns = '#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO';

describe('VCF', () => {
  it('gives back what was written, however the bytes are cut', async () => {
    const allele = fc.stringMatching(/^[ACGT]{1,5}$/);
    const text = fc.stringMatching(/^[ -~]{1,6}$/).filter((one) => one !== '.');
    const variant = fc.record({
      chrom: fc.stringMatching(/^[A-Za-z0-9_.]{1,6}$/),
      start: fc.nat(1e9),
      ids: fc.array(fc.stringMatching(/^[a-z0-9]{1,5}$/), { maxLength: 2 }),
      ref: allele,
      alts: fc.array(allele, { maxLength: 3 }),
      quality: fc.integer({ min: 0, max: 500 }),
      filters: fc.constantFrom([], ['PASS'], ['q10', 's50']),
      info: fc.record(
        {
          SCORE: fc.array(fc.integer(), { minLength: 1, maxLength: 2 }),
          DB: fc.constant(true as const),
          NOTE: fc.array(text, { minLength: 1, maxLength: 2 }),
        },
        { requiredKeys: [] },
      ),
    });
    const info = [
      { id: 'SCORE', number: '.' as const, type: 'Float' as const, description: 'say "what"' },
      { id: 'DB', number: 0, type: 'Flag' as const, description: '' },
      { id: 'NOTE', number: '.' as const, type: 'String' as const, description: 'x' },
    ];
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(variant, { maxLength: 5 }), sizes, async (written, sizes) => {
        const { records } = await read(
          vcfHeader({ info, source: 'test' }) + written.map(vcfLine).join(''),
          sizes,
        );
        const bare = records.map(({ genotypes: _, line: __, ...record }) => ({
          ...record,
          info: { ...record.info },
        }));
        expect(bare).toEqual(written);
      }),
      { numRuns: 200 },
    );
  });

  it('has samples with genotypes, and INFO by the types of the header', async () => {
    const { samples, records } = await read(
      `${head}${columns}\tFORMAT\ts1\ts2\nc\t5\t.\tA\tT,G\t.\tPASS\tAF=0.5,.;H2\tGT:DP\t0/1:9\t1|2:3\n`,
    );
    expect(samples).toEqual(['s1', 's2']);
    expect(records[0]).toMatchObject({
      start: 4,
      filters: ['PASS'],
      info: { AF: [0.5, undefined], H2: true },
    });
    expect(records[0]!.genotypes()).toEqual({ s1: '0/1', s2: '1|2' });
    expect('quality' in records[0]!).toBe(false);
  });

  const wrong: [string, string, string][] = [
    [
      'another format',
      '>a\nACGT\n',
      'x.vcf:1: expected VCF, which begins with "##fileformat=VCFv4"; this looks like FASTA.',
    ],
    [
      'no columns',
      head,
      'x.vcf: its header has no line "#CHROM …"; expected one, also where there are no variants.',
    ],
    [
      'a variant too early',
      `${head}c\t5\n`,
      'x.vcf:3: expected the line "#CHROM …" before the first variant.',
    ],
    [
      'too few columns',
      `${head}${columns}\nc\t5\t.\tA\tT\n`,
      'x.vcf:4: 5 columns; expected 8, as the header has.',
    ],
    [
      'a missing sample',
      `${head}${columns}\tFORMAT\ts1\nc\t5\t.\tA\tT\t.\t.\t.\tGT\n`,
      'x.vcf:4: 9 columns; expected 10, as the header has.',
    ],
    [
      'a position that is none',
      `${head}${columns}\nc\tx\t.\tA\tT\t.\t.\t.\n`,
      'x.vcf:4: POS is "x"; expected a whole number from 0.',
    ],
    [
      'a REF that is none',
      `${head}${columns}\nc\t5\t.\t-\tT\t.\t.\t.\n`,
      'x.vcf:4: REF is "-"; expected bases A C G T N.',
    ],
    [
      'a quality that is none',
      `${head}${columns}\nc\t5\t.\tA\tT\thigh\t.\t.\n`,
      'x.vcf:4: QUAL is "high"; expected a number.',
    ],
  ];
  it.each(wrong)('is refused with file, line and column: %s', async (_, text, message) => {
    expect(await problem(text)).toBe(message);
  });

  it('refuses INFO of another type than declared', async () => {
    const line = (af: string) => `${head}${columns}\nc\t5\t.\tA\tT\t.\t.\tAF=${af}\n`;
    expect(await problem(line('much'))).toBe('x.vcf:4: INFO AF is "much"; the header says Float.');
    const { records } = await read(line('nan,-inf'));
    expect(records[0]!.info.AF).toEqual([Number.NaN, Number.NEGATIVE_INFINITY]);
  });

  it('ends in variants or in an error that names the file, for any lines', async () => {
    const cell = fc.oneof(
      fc.constantFrom('c', '.', '5', 'A', 'T', 'AF=1', '<DEL>', '#', '##x=<ID'),
      fc.string({ maxLength: 4 }),
    );
    const line = fc.array(cell, { minLength: 1, maxLength: 9 }).map((cells) => cells.join('\t'));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), fc.boolean(), async (lines, whole) => {
        const text = `${head}${whole ? `${columns}\n` : ''}${lines.join('\n')}`;
        const found = await read(text).catch((error: Error) => `${error.name}: ${error.message}`);
        if (typeof found === 'string') expect(found).toMatch(/^SeqwrightError: x\.vcf/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('variants beside a genome', () => {
  const genome = genomeOf([{ id: 'c', sequence: 'AACCggttAC' }], { name: 'g.fa' });
  const variants = [
    { chrom: 'c', start: 4, ref: 'GG', line: 5 },
    { chrom: 'c', start: 0, ref: 'C', line: 6 },
    { chrom: 'c', start: 9, ref: 'CA', line: 7 },
    { chrom: 'c', start: 9, ref: 'N', line: 8 },
  ];
  it('whose REF differs are refused, or left out and counted', async () => {
    const { variants: found, skipped } = matchingVariants(genome, variants, { mismatch: 'skip' });
    expect((await collect(found)).map(({ line }) => line)).toEqual([5, 8]);
    expect(skipped).toMatchObject({ count: 2, examples: ['c:1', 'c:10'] });
    const strict = matchingVariants(genome, variants, { name: 'x.vcf' });
    expect(await thrown(() => collect(strict.variants))).toEqual({
      kind: 'data',
      message:
        'x.vcf:6: REF at c:1 is "C"; g.fa has "A" there. Use the genome that the variants were called on, or leave such variants out with --ref-mismatch skip.',
    });
  });

  const tiny = fileURLToPath(new URL('../../../../shared/data/bench/freebayes/test/tiny/', import.meta.url));
  it.skipIf(!existsSync(tiny))('all fit the reference they were called on', async () => {
    for (const name of ['q', 'hla']) {
      const genome = await openGenome(`${tiny}${name}.fa`);
      const { records } = await openVcf(openSource(`${tiny}${name}.vcf.gz`).chunks, { name });
      const { variants } = matchingVariants(genome, records, { name });
      expect((await collect(variants)).length).toBeGreaterThan(2);
      await genome.close();
    }
  });
});
