import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, piecesOf, thrown } from '../pieces.fixture.ts';
import { a2mAlignment, a2mText } from './a2m.ts';
import { alignedFasta, alignedFastaText } from './aligned-fasta.ts';
import { type Alignment, isGap, matchColumns } from './alignment.ts';
import { alignments } from './alignments.ts';
import { stockholmAlignments } from './stockholm.ts';
import { stockholmText } from './stockholm-text.ts';

const read = (text: string, name: string, sizes: number[] = []) =>
  collect(alignments(piecesOf(text, sizes), { name }));
const problem = async (text: string, name: string) => {
  const { kind, message } = await thrown(() => read(text, name));
  expect(kind).toBe('data');
  return message;
};
const sto = (body: string) => `# STOCKHOLM 1.0\n${body}//\n`;

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 });
const id = fc.stringMatching(/^[A-Za-z0-9_|.=-][A-Za-z0-9_/|.=-]{0,9}$/);
const tag = fc.stringMatching(/^[A-Z][A-Za-z_]{0,6}$/).filter((tag) => tag !== 'ID' && tag !== 'DE');
const words = fc.stringMatching(/^[!-~]{1,8}( [!-~]{1,8})?$/);
const notes = fc.array(fc.tuple(tag, words), { minLength: 1, maxLength: 3 });

/** Any alignment: `letters` is the alphabet of its rows. */
const anAlignment = (letters: string): fc.Arbitrary<Alignment> =>
  fc.integer({ min: 1, max: 24 }).chain((width) => {
    const text = fc.string({ unit: fc.constantFrom(...letters), minLength: width, maxLength: width });
    const marks = fc.dictionary(tag, text, { minKeys: 1, maxKeys: 2 }).map((all) => ({ ...all }));
    const row = fc.record(
      { id, text, description: words, letters: marks, notes },
      { requiredKeys: ['id', 'text'] },
    );
    return fc.record(
      {
        name: words,
        rows: fc.uniqueArray(row, { minLength: 1, maxLength: 5, selector: (row) => row.id }),
        columns: fc.dictionary(tag, text, { maxKeys: 2 }).map((all) => ({ ...all })),
        notes,
      },
      { requiredKeys: ['rows', 'columns'] },
    );
  });

describe('Stockholm', () => {
  it('gives back what was written, annotations included, however the bytes are cut', async () => {
    const several = fc.array(anAlignment('ACGTacgt-.'), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(several, sizes, async (written, sizes) => {
        const text = written.map((alignment) => [...stockholmText(alignment)].join('')).join('\n');
        expect(await read(text, 'x.sto', sizes)).toEqual(written);
      }),
      { numRuns: 200 },
    );
  });

  it('joins the blocks of a row, its annotations and those of columns', async () => {
    const [only] = await read(
      sto(
        '#=GS b DE second\n\na AC\n#=GR a SS HH\nb A-\n#=GC RF xx\n\na GT\n#=GR a SS EE\nb GG\n#=GC RF .x\n',
      ),
      'x.sto',
    );
    expect(only).toEqual({
      rows: [
        { id: 'a', text: 'ACGT', letters: { SS: 'HHEE' } },
        { id: 'b', text: 'A-GG', description: 'second' },
      ],
      columns: { RF: 'xx.x' },
    });
  });

  it('ends in alignments or in an error that names the file, for any lines whatever', async () => {
    const line = fc.oneof(
      fc.constantFrom(
        '# STOCKHOLM 1.0',
        '//',
        '',
        'a AC',
        'b AG',
        '#=GC RF xx',
        '#=GR a SS HH',
        '#=GS a WT 1',
        '#=GF',
        '# no',
      ),
      fc.string({ maxLength: 8 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 10 }), async (lines) => {
        const text = `# STOCKHOLM 1.0\n${lines.join('\n')}`;
        const found = await read(text, 'x.sto').catch((error: Error) => `${error.name}: ${error.message}`);
        if (typeof found === 'string') expect(found).toMatch(/^SeqwrightError: x\.sto/);
        else for (const { rows } of found) expect(new Set(rows.map(({ text }) => text.length)).size).toBe(1);
      }),
      { numRuns: 300 },
    );
  });

  const wrong: [string, string, string][] = [
    [
      'rows of unequal width',
      sto('a ACGT\nb ACG\n'),
      'x.sto:3: row "b" has 3 columns; expected 4, as row "a" has. Align the rows, or pad the short ones with gaps.',
    ],
    [
      'a column annotation that is too short',
      sto('a ACGT\n#=GC RF xx\n'),
      'x.sto: column annotation RF has 2 columns; expected 4, as row "a" has. Align the rows, or pad the short ones with gaps.',
    ],
    [
      'an annotation of letters that is too long',
      sto('a ACGT\n#=GR a SS HHHHH\n'),
      'x.sto:2: annotation SS of row "a" has 5 columns; expected 4, as row "a" has. Align the rows, or pad the short ones with gaps.',
    ],
    [
      'a row that comes twice',
      sto('a ACGT\na ACGT\n'),
      'x.sto:3: row "a" occurs twice in one block; ids must be unique, and blocks are separated by blank lines.',
    ],
    [
      'annotations of a row that is not there',
      sto('#=GS b WT 1\na ACGT\n'),
      'x.sto:2: annotations of row "b", which the alignment does not have.',
    ],
    ['a row without letters', sto('a\n'), 'x.sto:2: "a" is no row; expected an id and letters.'],
    ['no rows', sto('#=GF ID x\n'), 'x.sto:1: an alignment without rows.'],
    [
      'no end',
      '# STOCKHOLM 1.0\na ACGT\n',
      'x.sto is truncated: its last alignment does not end in "//". Copy or download it again, or add the line.',
    ],
    [
      'something behind the end',
      `${sto('a ACGT\n')}>b\nACGT\n`,
      'x.sto:4: after "//" expected a further alignment, "# STOCKHOLM 1.0"; this looks like FASTA.',
    ],
    ['nothing', '', 'x.sto is empty; expected an alignment.'],
    [
      'another format',
      'LOCUS x\n',
      'x.sto: expected an alignment in Stockholm, A2M or aligned FASTA; this looks like GenBank ("LOCUS" starts its first line).',
    ],
  ];
  it.each(wrong)('is refused with file, line and row: %s', async (_, text, message) => {
    expect(await problem(text, 'x.sto')).toBe(message);
  });

  it('is not written where it could not be read back', async () => {
    const write = (alignment: Alignment) => thrown(() => [...stockholmText(alignment)]);
    const good = { rows: [{ id: 'a', text: 'AC' }], columns: {} };
    expect((await write({ ...good, rows: [{ id: '#a', text: 'AC' }] })).message).toMatch(
      /row "#a": an id has no/,
    );
    expect((await write({ ...good, rows: [{ id: 'a', text: 'A C' }] })).message).toMatch(
      /its text has a blank/,
    );
    expect((await write({ ...good, notes: [['CC', 'x\ny']] })).message).toMatch(
      /the text of CC: it has a line/,
    );
    expect((await write({ ...good, columns: { RF: 'x' } })).message).toMatch(/RF has 1 columns; expected 2/);
  });
});

describe('aligned FASTA', () => {
  it('gives back rows, ids and descriptions', async () => {
    await fc.assert(
      fc.asyncProperty(anAlignment('ACGTacgt-.~'), fc.nat(30), sizes, async ({ rows }, width, sizes) => {
        const bare = rows.map(({ id, text, description }) => ({
          id,
          text,
          ...(description && { description }),
        }));
        const text = [...alignedFastaText({ rows, columns: {} }, { width })].join('');
        expect(await alignedFasta(piecesOf(text, sizes))).toEqual({ rows: bare, columns: {} });
      }),
      { numRuns: 100 },
    );
  });

  it('refuses rows of unequal width with their id', async () => {
    expect(await problem('>a\nAC-T\n>b\nACT\n', 'x.afa')).toBe(
      'x.afa:3: row "b" has 3 columns; expected 4, as row "a" has. Align the rows, or pad the short ones with gaps.',
    );
  });

  it('refuses a row that comes twice', async () => {
    expect(await problem('>a\nAC-T\n>a\nACTT\n', 'x.afa')).toBe(
      'x.afa:3: row "a" occurs twice; ids must be unique.',
    );
  });
});

describe('A2M', () => {
  it('gives back any alignment, letters and columns, with case told by the match columns', async () => {
    await fc.assert(
      fc.asyncProperty(anAlignment('ACGT-'), async (written) => {
        const match = matchColumns(written);
        const again = await a2mAlignment(piecesOf([...a2mText(written)].join('')));
        expect(again.columns.RF).toBe(match.map((is) => (is ? 'x' : '.')).join(''));
        for (const [r, { text }] of written.rows.entries())
          for (const [i, letter] of [...text].entries()) {
            const found = again.rows[r]!.text[i]!;
            expect(isGap(found) ? '-' : found.toUpperCase()).toBe(letter);
            if (!isGap(found)) expect(found === found.toUpperCase()).toBe(match[i]);
          }
      }),
      { numRuns: 100 },
    );
  });

  it('fills up what A3M leaves out: the same columns with and without dots', async () => {
    await fc.assert(
      fc.asyncProperty(anAlignment('ACGT-'), async (alignment) => {
        const dotted = await a2mAlignment(piecesOf([...a2mText(alignment)].join('')));
        const bare = dotted.rows.map(({ id, text }) => `>${id}\n${text.replaceAll('.', '') || '-'}\n`);
        fc.pre(dotted.rows.every(({ text }) => /[^.]/.test(text)));
        const filled = await a2mAlignment(piecesOf(bare.join('')));
        const withoutGaps = ({ rows }: Alignment) => rows.map(({ text }) => text.replaceAll('.', ''));
        expect(withoutGaps(filled)).toEqual(withoutGaps(dotted));
        expect(filled.columns.RF!.replaceAll('.', '')).toBe(dotted.columns.RF!.replaceAll('.', ''));
      }),
      { numRuns: 100 },
    );
  });

  it('puts insertions of different length beside the match column before them', async () => {
    const { rows, columns } = await a2mAlignment(
      piecesOf('>a\nacACgT\n>b\nA-T\n>c\ncA-TT\n>d\nACTtt\n'.replace('A-TT', 'A-T')),
    );
    expect(rows.map(({ text }) => text)).toEqual(['acACgT..', '..A-.T..', 'c.A-.T..', '..AC.Ttt']);
    expect(columns.RF).toBe('..xx.x..');
  });

  it('refuses rows with unequal numbers of match columns', async () => {
    expect(await problem('>a\nACgT\n>b\nACG-T\n', 'x.a3m')).toBe(
      'x.a3m:3: row "b" has 5 match columns (upper case or "-"); expected 3, as row "a" has. Read it as aligned FASTA if lower case means something else.',
    );
  });
});

describe('match columns', () => {
  it('follow the reference annotation, else half of the rows', () => {
    const rows = [
      { id: 'a', text: 'AC-T' },
      { id: 'b', text: 'A--T' },
      { id: 'c', text: '---T' },
    ];
    expect(matchColumns({ rows, columns: {} })).toEqual([true, false, false, true]);
    expect(matchColumns({ rows, columns: { RF: '.x-A' } })).toEqual([false, true, false, true]);
  });
});

const tutorial = fileURLToPath(
  new URL('../../../../shared/data/bench/hmmer_tutorial/tutorial/', import.meta.url),
);

describe.skipIf(!existsSync(tutorial))("HMMER's tutorial alignments", () => {
  // Rows and columns as `grep` and `wc` count them in the files.
  it.each([
    ['globins4.sto', 4, 171],
    ['fn3.sto', 98, 117],
    ['Pkinase.sto', 38, 419],
    ['MADE1.sto', 100, 304],
  ])('%s has %i rows of %i columns', async (file, rows, columns) => {
    const bytes = readFileSync(`${tutorial}${file}`);
    const [only, ...more] = await collect(stockholmAlignments([bytes], { name: file }));
    expect(more).toEqual([]);
    expect([only!.rows.length, only!.rows[0]!.text.length]).toEqual([rows, columns]);
  });
});
