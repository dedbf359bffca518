import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, piecesOf, thrown } from '../pieces.fixture.ts';
import { linkFeatures, splicedFeatures } from './gene-models.ts';
import { gffFeatures, gffSequences } from './gff.ts';
import { gff3Header, gff3Line } from './gff-text.ts';

const read = (text: string, name = 'x.gff3', sizes: number[] = []) =>
  collect(gffFeatures(piecesOf(text, sizes), { name }));
const problem = async (text: string, name?: string) => (await thrown(() => read(text, name))).message;
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 });

/** Words with everything that must be escaped. */
const word = fc.string({ unit: fc.constantFrom(...'aZ9 _.:;=,%&\té>#"'), minLength: 1, maxLength: 8 });
const trimmed = word.filter((text) => text.trim() === text && text !== '.');

describe('GFF3', () => {
  it('gives back what was written, whatever characters it has', async () => {
    const feature = fc
      .record(
        {
          chrom: trimmed,
          source: trimmed,
          type: trimmed,
          start: fc.nat(1000),
          length: fc.integer({ min: 1, max: 1000 }),
          score: fc.integer({ min: -50, max: 50 }),
          strand: fc.constantFrom('+' as const, '-' as const, '.' as const),
          phase: fc.constantFrom(0 as const, 1 as const, 2 as const),
          id: trimmed,
          name: trimmed,
          parents: fc.array(trimmed, { maxLength: 3 }),
          note: fc.array(trimmed, { maxLength: 2 }),
        },
        { requiredKeys: ['chrom', 'type', 'start', 'length', 'strand', 'parents'] },
      )
      .map(({ length, note, ...other }) => ({
        ...other,
        end: other.start + length,
        attributes: (note ? { note } : {}) as Record<string, string[]>,
      }));
    await fc.assert(
      fc.asyncProperty(fc.array(feature, { maxLength: 6 }), sizes, async (written, sizes) => {
        const found = await read(gff3Header + written.map(gff3Line).join(''), 'x.gff3', sizes);
        const bare = found.map(
          ({ line: _, attributes: { ID: __, Parent: ___, Name: ____, ...attributes }, ...rest }) => ({
            ...rest,
            attributes,
          }),
        );
        expect(bare).toEqual(written);
      }),
      { numRuns: 300 },
    );
  });

  it('counts positions from 1 in the file and from 0 here: the first base is 0 to 1', async () => {
    const [first] = await read('c\t.\tgene\t1\t1\t.\t-\t.\tID=g\n');
    expect(first).toMatchObject({ start: 0, end: 1, strand: '-', id: 'g' });
    expect(gff3Line(first!)).toBe('c\t.\tgene\t1\t1\t.\t-\t.\tID=g\n');
  });

  it('keeps a bare %, values with "=", and tags without value', async () => {
    const [one] = await read('c\t.\tgene\t1\t9\t.\t+\t.\tNote=100% a=b;pseudo;x=%C3%A9%2C,y\n');
    expect({ ...one!.attributes }).toEqual({ Note: ['100% a=b'], pseudo: [], x: ['é,', 'y'] });
  });

  it('ends where its sequences begin, which are read apart', async () => {
    const text = '##gff-version 3\nc\t.\tgene\t1\t4\t.\t+\t.\tID=g\n##FASTA\n>c x\nAC\nGT\n';
    expect((await read(text)).length).toBe(1);
    await fc.assert(
      fc.asyncProperty(sizes, async (sizes) => {
        expect(await collect(gffSequences(piecesOf(text, sizes)))).toEqual([
          { id: 'c', description: 'x', sequence: 'ACGT', line: 4 },
        ]);
      }),
    );
    expect(await collect(gffSequences(piecesOf('##gff-version 3\n')))).toEqual([]);
  });

  it('ends in features or in an error with file and line, for any cells', async () => {
    const cell = fc.oneof(
      fc.constantFrom('c', '.', '1', '0', '5', '+', 'CDS', 'ID=a', 'x "y";', '#', '>'),
      fc.string({ maxLength: 4 }),
    );
    const line = fc.array(cell, { minLength: 1, maxLength: 10 }).map((cells) => cells.join('\t'));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), async (lines) => {
        const found = await read(lines.join('\n'), 'x').catch(
          (error: Error) => `${error.name}: ${error.message}`,
        );
        if (typeof found === 'string') expect(found).toMatch(/^SeqwrightError: x:\d+: /);
        else for (const { start, end } of found) expect(end).toBeGreaterThan(start);
      }),
      { numRuns: 300 },
    );
  });

  const line = (from: string, to: string, { type = 'gene', strand = '+', phase = '.', more = '' } = {}) =>
    `#\nc\t.\t${type}\t${from}\t${to}\t.\t${strand}\t${phase}\tID=a${more}\n`;
  const wrong: [string, string, string][] = [
    ['blanks for tabs', 'c . gene 1 9\n', 'x.gff3:1: 1 columns; expected 9 of GFF3 or GTF, divided by tabs.'],
    [
      'another format',
      'ACGTACGT\n',
      'x.gff3:1: expected GFF3 or GTF; this looks like bare sequence without a header line.',
    ],
    ['position 0', line('0', '5'), 'x.gff3:2: start is 0; positions count from 1.'],
    ['an end before the start', line('9', '5'), 'x.gff3:2: end 5 lies before start 9. Exchange them.'],
    ['a position that is none', line('9', 'x'), 'x.gff3:2: end is "x"; expected a whole number from 0.'],
    [
      'a strand that is none',
      line('1', '5', { strand: 'f' }),
      'x.gff3:2: strand is "f"; expected "+", "-", "." or "?".',
    ],
    [
      'a phase that is none',
      line('1', '5', { phase: '3' }),
      'x.gff3:2: phase is "3"; expected 0, 1, 2 or ".".',
    ],
    [
      'a CDS without phase',
      line('1', '5', { type: 'CDS' }),
      'x.gff3:2: a CDS has the phase 0, 1 or 2 in column 8; this one has ".".',
    ],
    [
      'a tag twice',
      line('1', '5', { more: ';ID=b' }),
      'x.gff3:2: attribute "ID" occurs twice; several values go behind one "=", with commas.',
    ],
  ];
  it.each(wrong)('is refused with file, line and column: %s', async (_, text, message) => {
    expect(await problem(text)).toBe(message);
  });

  it('is not written where it could not be read back', async () => {
    const write = async (change: object) =>
      (
        await thrown(() =>
          gff3Line({ chrom: 'c', start: 0, end: 3, strand: '+', type: 'gene', parents: [], ...change }),
        )
      ).message;
    expect(await write({ end: 0 })).toMatch(/at least one base/);
    expect(await write({ type: 'CDS' })).toMatch(/a CDS has a phase\.$/);
  });
});

describe('GTF', () => {
  it('has transcripts as parents of exons and CDS, genes as parents of transcripts', async () => {
    const ninth = 'gene_id "g1"; transcript_id "t1"; gene_name "a; b"; level 2; tag "x"; tag "y";';
    const text = ['gene', 'transcript', 'exon']
      .map((type) => `1\tsrc\t${type}\t5\t9\t.\t+\t.\t${ninth}\n`)
      .join('');
    const found = await read(text, 'x.txt');
    expect(found.map(({ id, parents }) => [id, parents])).toEqual([
      ['g1', []],
      ['t1', ['g1']],
      [undefined, ['t1']],
    ]);
    expect({ ...found[0]!.attributes }).toEqual({
      gene_id: ['g1'],
      transcript_id: ['t1'],
      gene_name: ['a; b'],
      level: ['2'],
      tag: ['x', 'y'],
    });
  });

  it('is refused where its attributes are none', async () => {
    expect(await problem('1\t.\texon\t5\t9\t.\t+\t.\tgene_id "g1\n', 'x.gtf')).toBe(
      'x.gtf:1: "gene_id \\"g1" is no attribute, such as gene_id "x";.',
    );
  });
});

describe('gene models', () => {
  const cds = (start: number, end: number, strand: string, phase: number, ninth: string) =>
    `c\t.\tCDS\t${start}\t${end}\t.\t${strand}\t${phase}\t${ninth}\n`;

  it('join the parts of a transcript in the direction of the strand, with the phase of the first', async () => {
    const text = `c\t.\tmRNA\t1\t99\t.\t-\t.\tID=t\n${cds(1, 9, '-', 1, 'ID=a;Parent=t')}${cds(50, 60, '-', 2, 'ID=b;Parent=t')}`;
    const [only, ...more] = splicedFeatures(linkFeatures(await read(text)));
    expect(more).toEqual([]);
    expect(only).toEqual({
      id: 't',
      type: 'CDS',
      phase: 2,
      line: 2,
      segments: [
        { chrom: 'c', start: 49, end: 60, strand: '-' },
        { chrom: 'c', start: 0, end: 9, strand: '-' },
      ],
    });
  });

  it('keep two coding sequences of one bacterial gene apart by their ids', async () => {
    const text = `c\t.\tgene\t1\t99\t.\t+\t.\tID=g\n${cds(1, 9, '+', 0, 'ID=a;Parent=g')}${cds(5, 12, '+', 0, 'ID=b;Parent=g')}`;
    expect(splicedFeatures(linkFeatures(await read(text))).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('list features whose parent is not there, and keep them', async () => {
    const linked = linkFeatures(await read(cds(1, 9, '+', 0, 'ID=a;Parent=t9')));
    expect(linked.orphans.map(({ feature, parent }) => [feature.id, parent])).toEqual([['a', 't9']]);
    expect(splicedFeatures(linked).map(({ id }) => id)).toEqual(['t9']);
  });

  it('count a part of two transcripts in both', async () => {
    const linked = linkFeatures(
      await read(cds(1, 9, '+', 0, 'Parent=t1,t2') + cds(20, 28, '+', 0, 'Parent=t2')),
    );
    expect(splicedFeatures(linked).map(({ id, segments }) => [id, segments.length])).toEqual([
      ['t1', 1],
      ['t2', 2],
    ]);
  });
});
