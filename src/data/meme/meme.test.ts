import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOf, thrown } from '../pieces.fixture.ts';
import { memeMotifs, memeText } from './meme.ts';

const read = (text: string, sizes: number[] = []) => memeMotifs(piecesOf(text, sizes), { name: 'x.meme' });
const problem = async (text: string) => (await thrown(() => read(text))).message;
const start = 'MEME version 4\n\nALPHABET= ACGT\n\n';
const word = fc.stringMatching(/^[!-~]{1,8}$/).filter((word) => !word.startsWith('MEME'));

describe('MEME motifs', () => {
  it('are given back as they were written, to six decimals, however the bytes are cut', async () => {
    const distribution = (letters: number) =>
      fc
        .array(fc.integer({ min: 1, max: 1000 }), { minLength: letters, maxLength: letters })
        .map((counts) => {
          const sum = counts.reduce((a, b) => a + b, 0);
          return counts.map((count) => count / sum);
        });
    const file = fc.constantFrom('ACGT', 'ACDEFGHIKLMNPQRSTVWY').chain((alphabet) =>
      fc.record(
        {
          alphabet: fc.constant(alphabet),
          background: distribution(alphabet.length),
          strands: fc.constantFrom('+' as const, '+ -' as const),
          motifs: fc.uniqueArray(
            fc.record(
              {
                id: word,
                name: word,
                matrix: fc.array(distribution(alphabet.length), { minLength: 1, maxLength: 6 }),
                sites: fc.nat(1000),
                eValue: fc.constantFrom(0, 1.5, 2e-30),
                url: word,
              },
              { requiredKeys: ['id', 'matrix'] },
            ),
            { minLength: 1, maxLength: 4, selector: ({ id }) => id },
          ),
        },
        { requiredKeys: ['alphabet', 'motifs'] },
      ),
    );
    const rounded = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value), (_, x) =>
        typeof x === 'number' && x > 1e-6 ? Number(x.toFixed(6)) : x,
      );
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(file, sizes, async (written, sizes) => {
        expect(rounded(await read(memeText(written), sizes))).toEqual(rounded(written));
      }),
      { numRuns: 100 },
    );
  });

  it('are read from the output of MEME itself, past its other parts', async () => {
    const text = `***\nMEME - Motif discovery tool\n***\nMEME version 5.5.1 (Release)\n\nALPHABET= ACGT\nstrands: + -\n
Background letter frequencies (from file):\nA 0.3 C 0.2 G 0.2 T 0.3 \n
MOTIF TATAAT MEME-1	width =   2  sites =  9\n\tMotif TATAAT MEME-1 position-specific scoring matrix\nlog-odds matrix: alength= 4 w= 2 n= 9\n  -10 20 3 4\n
letter-probability matrix: alength= 4 w= 2 nsites= 9 E= 1.2e-005 \n 0.1 0.2 0.3 0.4\n 1 0 0 0\n-----\nTime 1.0 secs.\n`;
    // Release files put decoration above the version line.
    const trimmed = text.slice(text.indexOf('MEME version'));
    expect(await read(trimmed)).toEqual({
      alphabet: 'ACGT',
      strands: '+ -',
      background: [0.3, 0.2, 0.2, 0.3],
      motifs: [
        {
          id: 'TATAAT',
          matrix: [
            [0.1, 0.2, 0.3, 0.4],
            [1, 0, 0, 0],
          ],
          sites: 9,
          eValue: 1.2e-5,
        },
      ],
    });
    expect((await read(text)).motifs.length).toBe(1);
  });

  const matrix = 'MOTIF a\nletter-probability matrix: alength= 4 w= 2\n';
  const wrong: [string, string, string][] = [
    ['nothing', '', 'x.meme is empty; expected motifs in MEME format.'],
    [
      'another format',
      '>a\n',
      'x.meme:1: expected MEME format, which begins with "MEME version 4"; this is ">a".',
    ],
    ['another version', 'MEME version 3.0\n', 'x.meme:1: MEME version 3.0; expected version 4 or 5.'],
    ['no motifs', start, 'x.meme holds no letter-probability matrix.'],
    ['too few rows', `${start}${matrix}1 0 0 0\n`, 'x.meme:6: the matrix of "a" has 1 rows; expected 2.'],
    [
      'a short row',
      `${start}${matrix}1 0 0\n`,
      'x.meme:7: row 1 of the matrix of "a" has 3 numbers; expected 4.',
    ],
    [
      'counts',
      `${start}${matrix}8 1 1 0\n`,
      'x.meme:7: row 1 of the matrix of "a" is no distribution; its numbers sum to 10.',
    ],
    [
      'another alphabet',
      `${start}MOTIF a\nletter-probability matrix: alength= 20 w= 1\n`,
      'x.meme:6: the matrix of "a" is for 20 letters; the alphabet ACGT has 4.',
    ],
    [
      'a motif twice',
      `${start}MOTIF a\nMOTIF a\n`,
      'x.meme:6: motif "a" is already there, on line 5; ids must be unique.',
    ],
  ];
  it.each(wrong)('are refused with file and line: %s', async (_, text, message) => {
    expect(await problem(text)).toBe(message);
  });

  it('end in motifs or in an error that names the file, for any lines', async () => {
    const line = fc.oneof(
      fc.constantFrom(
        'MOTIF a b',
        'letter-probability matrix: w= 1',
        '1 0 0 0',
        'URL x',
        '',
        'strands: +',
        'Background letter frequencies',
        'A 1 C 0',
      ),
      fc.string({ maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 10 }), async (lines) => {
        const found = await read(start + lines.join('\n')).catch(
          (error: Error) => `${error.name}: ${error.message}`,
        );
        if (typeof found === 'string') expect(found).toMatch(/^SeqwrightError: x\.meme/);
        else
          for (const { matrix } of found.motifs) expect(matrix.every((row) => row.length === 4)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('are not written where they are no distributions', async () => {
    const write = (matrix: number[][]) =>
      thrown(() => memeText({ alphabet: 'ACGT', motifs: [{ id: 'a', matrix }] }));
    expect((await write([[1, 1, 0, 0]])).message).toMatch(/4 probabilities that sum to 1, not 1 1 0 0\.$/);
  });
});
