import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fetchSpliced } from '../genome/fetch.ts';
import { genomeOf } from '../genome/genome.ts';
import { linkFeatures, splicedFeatures } from '../gff/gene-models.ts';
import { gffFeatures } from '../gff/gff.ts';
import { gff3Line } from '../gff/gff-text.ts';
import { collect, piecesOf, thrown } from '../pieces.fixture.ts';
import { recordFeatures, recordSpliced } from './annotations.ts';
import { annotatedRecords } from './genbank.ts';
import { parseLocation } from './location.ts';

const read = (text: string | Uint8Array, sizes: number[] = []) =>
  collect(annotatedRecords(piecesOf(text, sizes), { name: 'x.gb' }));
const at = (text: string, more: { length?: number; circular?: boolean } = {}) =>
  parseLocation(text, { chrom: 'x', place: 'x.gb:9', ...more }).segments.map(
    ({ start, end, strand }) => `${start}-${end}${strand}`,
  );

const genBank = `LOCUS       TINY                      12 bp    DNA     circular SYN 01-JAN-2000
DEFINITION  A tiny plasmid,
            made up.
ACCESSION   TINY
VERSION     TINY.1
SOURCE      nobody
  ORGANISM  Nullius minimus
            Nothing; Nobody.
FEATURES             Location/Qualifiers
     source          1..12
                     /organism="Nullius minimus"
     gene            complement(join(10..12,
                     1..3))
                     /locus_tag="T_1"
     CDS             complement(join(10..12,1..3))
                     /locus_tag="T_1"
                     /codon_start=1
                     /note="says ""hello"" and
                     /goes on"
                     /pseudo
                     /translation="MA
                     L"
ORIGIN
        1 aaccggttac gt
//
`;
const embl = `ID   TINY; SV 2; circular; genomic DNA; STD; SYN; 12 BP.
XX
AC   TINY;
DE   A tiny plasmid, made up.
OS   Nullius minimus
FH   Key             Location/Qualifiers
FT   CDS             5..>10
FT                   /gene="x"
FT                   /codon_start=2
SQ   Sequence 12 BP; 3 A; 3 C; 3 G; 3 T; 0 other;
     aaccggttac gt                                                            12
//
`;

describe('GenBank and EMBL', () => {
  it('give sequence, topology and features, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 8 }), async (sizes) => {
        const [one, two, ...more] = await read(genBank + embl, sizes);
        expect(more).toEqual([]);
        expect(one).toMatchObject({
          id: 'TINY.1',
          description: 'A tiny plasmid, made up',
          organism: 'Nullius minimus',
          circular: true,
          molecule: 'DNA',
          sequence: 'AACCGGTTACGT',
          line: 1,
        });
        expect(one!.features.map(({ type }) => type)).toEqual(['source', 'gene', 'CDS']);
        expect({ ...one!.features[2]!.qualifiers }).toEqual({
          locus_tag: ['T_1'],
          codon_start: ['1'],
          note: ['says "hello" and /goes on'],
          pseudo: [''],
          translation: ['MAL'],
        });
        expect(two).toMatchObject({
          id: 'TINY.2',
          circular: true,
          molecule: 'genomic DNA',
          sequence: 'AACCGGTTACGT',
        });
        expect(two!.features[0]).toMatchObject({ type: 'CDS', partial: true });
        expect(recordSpliced(two!)[0]).toMatchObject({ id: 'x', phase: 1 });
      }),
      { numRuns: 30 },
    );
  });

  it('become GFF3 whose coding sequences are the same, over the origin too', async () => {
    const [record] = await read(genBank);
    const genome = genomeOf([record!]);
    const features = recordFeatures(record!);
    expect(
      features.map(({ type, start, end, strand, parents }) => [type, start, end, strand, parents]),
    ).toEqual([
      ['region', 0, 12, '+', []],
      ['gene', 9, 15, '-', []],
      ['CDS', 9, 15, '-', ['gene-T_1']],
    ]);
    const again = await collect(gffFeatures(piecesOf(features.map(gff3Line).join('')), { name: 'x.gff3' }));
    const [fromGff] = splicedFeatures(linkFeatures(again));
    const [direct] = recordSpliced(record!);
    expect(await fetchSpliced(genome, fromGff!)).toBe(await fetchSpliced(genome, direct!));
    // Bases 10 to 12 and 1 to 3 are CGT AAC, read from the other strand.
    expect(await fetchSpliced(genome, direct!)).toBe('GTTACG');
  });

  const wrong: [string, string, string][] = [
    ['nothing', '\n', 'x.gb is empty; expected GenBank or EMBL.'],
    ['FASTA', '>a\nACGT\n', 'x.gb:1: expected GenBank ("LOCUS") or EMBL ("ID"); this looks like FASTA.'],
    [
      'an end within a record',
      genBank.slice(0, -4),
      'x.gb is truncated: its last record "TINY.1", from line 1, does not end in "//". Copy or download it again.',
    ],
    [
      'letters that are missing',
      genBank.replace(' gt\n', '\n'),
      'x.gb:1: record "TINY.1" has 10 letters; its first line says 12. Copy or download it again.',
    ],
    [
      'a location outside',
      genBank.replace('1..12', '1..13'),
      'x.gb:10: source of record "TINY.1": "1..13" lies outside the record of 12 letters.',
    ],
    [
      'a location that is none',
      genBank.replace('1..12', 'all'),
      'x.gb:10: source of record "TINY.1": "all" is no location, such as 5..9 or join(1..2,5..9).',
    ],
    [
      'a quote that never ends',
      genBank.replace('goes on"', 'goes on').replace('/translation="MA', '').replace('L"', ''),
      'x.gb:15: qualifier "note" of CDS of record "TINY.1" opens with a quote that is never closed.',
    ],
  ];
  it.each(wrong)('are refused with file, line and record: %s', async (_, text, message) => {
    expect(await thrown(() => read(text))).toEqual({ kind: 'data', message });
  });

  it('end in records or in an error that names the file, whatever lines are lost or doubled', async () => {
    const lines = genBank.split('\n');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(lines.length - 1), { maxLength: 30 }), async (picks) => {
        const found = await read(picks.map((i) => lines[i]).join('\n')).catch(
          (error: Error) => `${error.name}: ${error.message}`,
        );
        if (typeof found === 'string') expect(found).toMatch(/^SeqwrightError: x\.gb/);
      }),
      { numRuns: 200 },
    );
  });
});

describe('locations', () => {
  it('are read 5′ to 3′, each segment with its strand', () => {
    expect(at('7')).toEqual(['6-7+']);
    expect(at('1..9')).toEqual(['0-9+']);
    expect(at('complement(join(1..2,<5..>9))')).toEqual(['4-9-', '0-2-']);
    expect(at('join(complement(5..9),20..30)')).toEqual(['4-9-', '19-30+']);
    expect(at('order(1..2,4..5)')).toEqual(['0-2+', '3-5+']);
    expect(at('5^6')).toEqual(['5-5+']);
    expect(at('(3.5)..(8.9)')).toEqual(['2-9+']);
    expect(at('one-of(3,5)..9')).toEqual(['2-9+']);
    expect(parseLocation('J00194.1:100..202', { chrom: 'x', place: '', length: 5 }).segments[0]!.chrom).toBe(
      'J00194.1',
    );
  });

  it('run over the origin of a circular record, and of no other', async () => {
    expect(at('10..3', { length: 12, circular: true })).toEqual(['9-12+', '0-3+']);
    expect((await thrown(() => at('10..3', { length: 12 }))).message).toBe(
      'x.gb:9: "10..3" ends before it starts, and the record is not circular.',
    );
  });

  it('complemented twice are as they were', () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: 50 }), fc.nat(20))
      .map(([from, more]) => `${from}..${from + more}`);
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 4 }), (ranges) => {
        const join = `join(${ranges.join(',')})`;
        expect(at(`complement(complement(${join}))`)).toEqual(at(join));
      }),
    );
  });
});

/** The standard genetic code, codons in the order T C A G. */
const code = 'FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG';
const translated = (sequence: string) =>
  (sequence.match(/.../g) ?? [])
    .map((codon) => code[[...codon].reduce((n, base) => 4 * n + 'TCAG'.indexOf(base), 0)])
    .join('');

const genomes = fileURLToPath(new URL('../../../../shared/data/bench/small_genomes/Tests/', import.meta.url));

describe.skipIf(!existsSync(genomes))('coding sequences of real genomes', () => {
  it.each([
    ['GFF/NC_001422.gbk', 11],
    ['GenBank/NC_005816.gb', 10],
    ['GenBank/NC_000932.gb', 85],
  ])('translate to what %s says, over the origin and trans-spliced too', async (file, expected) => {
    const [record] = await read(readFileSync(genomes + file));
    const genome = genomeOf([record!]);
    const spliced = recordSpliced(record!);
    expect(spliced.length).toBe(expected);
    const codings = record!.features.filter(({ type }) => type === 'CDS');
    let compared = 0;
    for (const [i, { qualifiers }] of codings.entries()) {
      if (qualifiers.exception || !qualifiers.translation) continue;
      const protein = translated((await fetchSpliced(genome, spliced[i]!)).slice(spliced[i]!.phase));
      // Other start codons are read as methionine; the stop is not written.
      expect(protein.slice(1).replace(/\*$/, '')).toBe(qualifiers.translation[0]!.slice(1));
      compared++;
    }
    expect(compared).toBeGreaterThan(0.9 * expected);
    const gff = splicedFeatures(linkFeatures(recordFeatures(record!)));
    const sequences = (all: typeof spliced) => Promise.all(all.map((one) => fetchSpliced(genome, one)));
    const [found, wanted] = [await sequences(gff), await sequences(spliced)].map((all) => all.sort());
    expect(found!.every((sequence, i) => sequence === wanted![i])).toBe(true);
    expect(found!.length).toBe(wanted!.length);
  });
});
