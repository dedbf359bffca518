import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { bgzipped } from '../bgzip.fixture.ts';

import { openGenome } from '../open-genome.ts';
import { collect, piecesOf, thrown } from '../pieces.fixture.ts';
import { openSource } from '../source.ts';
import { bamBytes } from './bam.fixture.ts';
import { type AlignedRead, openBam } from './bam.ts';

const references = [
  { name: 'chr1', length: 1000 },
  { name: 'chr2', length: 50 },
];
const read = async (bytes: Uint8Array, sizes: number[] = []) => {
  const bam = await openBam(piecesOf(bytes, sizes), { name: 'x.bam' });
  return { ...bam, reads: await collect(bam.reads) };
};

const aRead: fc.Arbitrary<AlignedRead> = fc
  .record({
    id: fc.stringMatching(/^[!-?A-~]{1,20}$/),
    bases: fc.array(fc.tuple(fc.constantFrom(...'ACGTN'), fc.integer({ min: 33, max: 126 })), {
      maxLength: 40,
    }),
    hasQuality: fc.boolean(),
    flag: fc.constantFrom(0, 16, 4, 0x100, 0x810),
    place: fc.option(fc.tuple(fc.constantFrom('chr1', 'chr2'), fc.nat(40)), { nil: undefined }),
    mappingQuality: fc.nat(254),
  })
  .map(({ id, bases, hasQuality, flag, place, mappingQuality }) => ({
    id,
    sequence: bases.map(([base]) => base).join(''),
    ...(hasQuality &&
      bases.length > 0 && { quality: bases.map(([, code]) => String.fromCharCode(code)).join('') }),
    flag,
    strand: flag & 16 ? '-' : '+',
    ...(place && { reference: place[0], start: place[1] }),
    mappingQuality,
    cigar: bases.length > 0 ? `${bases.length}M` : '*',
  }));

describe('BAM', () => {
  it('gives back what was written, however the bytes are cut', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(aRead, { maxLength: 6 }), sizes, async (reads, sizes) => {
        const found = await read(bamBytes(reads, references), sizes);
        expect(found).toEqual({ name: 'x.bam', header: '@HD\tVN:1.6\n', references, reads });
      }),
      { numRuns: 150 },
    );
  });

  const three = (): AlignedRead[] =>
    ['r1', 'r2', 'r3'].map((id, i) => ({
      id,
      sequence: 'ACGTA',
      quality: 'IIIII',
      flag: 0,
      strand: '+',
      reference: 'chr1',
      start: i,
      mappingQuality: 9,
      cigar: '5M',
    }));

  it('cut anywhere is refused, rather than losing its end', async () => {
    const whole = bamBytes(three(), references);
    const ends = new Set([0, 1, 2, 3].map((n) => bamBytes(three().slice(0, n), references).length));
    for (let cut = 1; cut < whole.length; cut++) {
      if (ends.has(cut)) continue;
      const { kind, message } = await thrown(() => read(whole.subarray(0, cut)));
      expect(kind).toBe('data');
      expect(message).toMatch(
        /^x\.bam(: expected BAM| is empty| is truncated: it ends within (its header|read \d)\.)/,
      );
    }
  });

  const folder = mkdtempSync(join(tmpdir(), 'seqwright-bam-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('in bgzip cut anywhere is refused, between blocks too', async () => {
    const { bytes } = bgzipped(bamBytes(three(), references), 60);
    const path = join(folder, 'x.bam');
    const all = async () => collect((await openBam(openSource(path).chunks, { name: path })).reads);
    writeFileSync(path, bytes);
    expect((await all()).length).toBe(3);
    for (let cut = 20; cut < bytes.length; cut += 7) {
      writeFileSync(path, bytes.subarray(0, cut));
      expect((await thrown(all)).message).toMatch(/x\.bam is truncated: .* Copy or download it again\.$/);
    }
  });

  it('with any byte changed ends in reads or in an error that names the file', async () => {
    const whole = bamBytes(three(), references);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, value) => {
        const bytes = whole.slice();
        bytes[at] = value;
        const found = await read(bytes).catch((error: Error) => `${error.name}: ${error.message}`);
        if (typeof found === 'string') expect(found).toMatch(/^SeqwrightError: x\.bam/);
      }),
      { numRuns: 300 },
    );
  });

  it('of another format is refused', async () => {
    expect((await thrown(() => read(Buffer.from('@HD\tVN:1\n')))).message).toMatch(
      /^x\.bam: expected BAM; this looks like/,
    );
  });

  const tiny = fileURLToPath(new URL('../../../../shared/data/bench/freebayes/test/tiny/', import.meta.url));
  it.skipIf(!existsSync(tiny))('of real reads agrees with the reference where reads match it', async () => {
    const genome = await openGenome(`${tiny}q.fa`);
    const { reads } = await openBam(openSource(`${tiny}NA12878.chr22.tiny.bam`).chunks);
    const all = await collect(reads);
    expect(all.length).toBeGreaterThan(500);
    let same = 0;
    let compared = 0;
    for (const { sequence, start, reference, cigar } of all) {
      if (cigar !== `${sequence.length}M` || !genome.chromosomes.has(reference!)) continue;
      const letters = await genome.letters(reference!, start!, start! + sequence.length);
      compared += sequence.length;
      for (let i = 0; i < sequence.length; i++) if (letters[i] === sequence[i]) same++;
    }
    expect(compared).toBeGreaterThan(10_000);
    expect(same / compared).toBeGreaterThan(0.97);
    await genome.close();
  });
});
