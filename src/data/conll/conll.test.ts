import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, piecesOf, thrown } from '../pieces.fixture.ts';
import { type ConllOptions, conllSentences, conllText } from './conll.ts';

const read = (text: string, options: ConllOptions = {}, sizes: number[] = []) =>
  collect(conllSentences(piecesOf(text, sizes), { name: 'x.conll', ...options }));

const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 12 });
const cell = fc.string({ unit: fc.constantFrom(...'aZ9#-_|.é'), minLength: 1, maxLength: 4 });

describe('CoNLL columns', () => {
  it('give back what was written, "#" as a word included, however the bytes are cut', async () => {
    const words = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 6 });
    const sentence = words.map((rows) => ({
      // A "#" at the start of a sentence would be a comment.
      columns: [0, 1, 2].map((c) => rows.map((row, r) => (c === 0 && r === 0 ? `x${row[c]}` : row[c]!))),
    }));
    await fc.assert(
      fc.asyncProperty(fc.array(sentence, { minLength: 1, maxLength: 6 }), sizes, async (bare, sizes) => {
        const written = bare.map((one, i) => ({ id: `s${i}`, ...one }));
        const text = written.map(conllText).join('');
        const found = await read(text, {}, sizes);
        expect(found.map(({ id, columns }) => ({ id, columns }))).toEqual(written);
      }),
      { numRuns: 100 },
    );
  });

  it('end in sentences that hold every word, or in an error with file and line, for any lines', async () => {
    const line = fc.oneof(
      fc.constantFrom('a B', 'a\tB', '', ' ', '# id = 7', '#', '-DOCSTART- O', 'a B C', '\t', 'a\t'),
      fc.string({ maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 10 }), async (lines) => {
        const found = await read(lines.join('\n'), { comments: false }).catch(
          (error: Error) => `${error.name}: ${error.message}`,
        );
        if (typeof found === 'string') expect(found).toMatch(/^SeqwrightError: x\.conll/);
        else {
          const words = lines
            .join('\n')
            .split(/\r\n|\r|\n/)
            .filter((line) => line.trim() !== '' && !line.startsWith('-DOCSTART-'));
          const kept = found.reduce((n, { columns }) => n + columns[0]!.length, 0);
          expect(kept).toBeGreaterThanOrEqual(words.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('take blanks or tabs, several blank lines, comments with ids, and documents', async () => {
    const text =
      '-DOCSTART- -X- O\n\n# id = s7\n# from a book\nthe  DT O\n# # B\n\n\n-DOCSTART- -X- O\n\ncat NN B\n';
    expect(await read(text)).toEqual([
      {
        id: 's7',
        columns: [
          ['the', '#'],
          ['DT', '#'],
          ['O', 'B'],
        ],
        line: 5,
        document: 1,
        comments: ['id = s7', 'from a book'],
      },
      { id: '2', columns: [['cat'], ['NN'], ['B']], line: 11, document: 2, comments: [] },
    ]);
  });

  it('keep empty cells between tabs', async () => {
    expect((await read('a\t\tB\n'))[0]!.columns).toEqual([['a'], [''], ['B']]);
  });

  it('of CoNLL-U are the words: ranges and empty nodes are left out', async () => {
    const line = (id: string, form: string) => [id, form, ...Array(8).fill('_')].join('\t');
    const text = [
      '# sent_id = x',
      line('1-2', 'im'),
      line('1', 'in'),
      line('2', 'dem'),
      line('2.1', '_'),
    ].join('\n');
    const [only] = await read(text);
    expect(only!.columns[1]).toEqual(['in', 'dem']);
  });

  const wrong: [string, string, ConllOptions, string][] = [
    [
      'a line with fewer columns',
      'a B\nc\n',
      {},
      'x.conll:2: 1 columns ("c"); expected 2, as the first word has. Columns are divided by tabs, or else by blanks; sentences by blank lines.',
    ],
    [
      'other columns than were named',
      'a\tB\tC\n',
      { columns: ['letter', 'tag'] },
      'x.conll:1: 3 columns ("a B C"); expected 2 (letter, tag). Columns are divided by tabs, or else by blanks; sentences by blank lines.',
    ],
    ['no words', '# x\n\n', {}, 'x.conll holds no words; expected CoNLL columns, one word a line.'],
  ];
  it.each(wrong)('are refused with file and line: %s', async (_, text, options, message) => {
    expect(await thrown(() => read(text, options))).toEqual({ kind: 'data', message });
  });

  it('are not written where they could not be read back', async () => {
    const write = async (columns: string[][]) =>
      (await thrown(() => conllText({ id: 's', columns }))).message;
    expect(await write([])).toBe('Sentence "s" cannot be written as CoNLL: it has no words.');
    expect(await write([['a', 'b'], ['O']])).toMatch(/column 2 has 1 words; expected 2\.$/);
    expect(await write([['a'], ['x\ty']])).toMatch(/"x\\ty" is no cell/);
  });
});
