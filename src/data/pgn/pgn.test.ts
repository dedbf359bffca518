import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeqwrightError } from '../../core/errors.ts';
import { collect, piecesOf, thrown } from '../pieces.fixture.ts';
import type { PgnGame, PgnResult } from './game.ts';
import { pgnGames } from './pgn.ts';
import { pgnText } from './pgn-text.ts';

const read = (text: string | Uint8Array, sizes: number[] = []) =>
  collect(pgnGames(piecesOf(text, sizes), { name: 'x.pgn' }));
const problem = async (text: string) => (await thrown(() => read(text))).message;
const movesOf = async (text: string) => (await read(text)).map(({ moves }) => moves.join(' '));

const square = fc
  .tuple(fc.constantFrom(...'abcdefgh'), fc.constantFrom(...'12345678'))
  .map((s) => s.join(''));
const file = fc.constantFrom(...'abcdefgh');
const san = fc
  .tuple(
    fc.oneof(
      square,
      fc.tuple(file, square).map(([f, s]) => `${f}x${s}`),
      fc
        .tuple(file, fc.constantFrom('1', '8'), fc.constantFrom(...'QRBN'))
        .map(([f, r, p]) => `${f}${r}=${p}`),
      fc.constantFrom('O-O', 'O-O-O', '--'),
      fc
        .tuple(
          fc.constantFrom(...'KQRBN'),
          fc.constantFrom('', 'a', 'h', '1', '8', 'b5'),
          fc.constantFrom('', 'x'),
          square,
        )
        .map((parts) => parts.join('')),
    ),
    fc.constantFrom('', '', '+', '#'),
  )
  .map(([text, check]) => text + check);
const result = fc.constantFrom<PgnResult>('1-0', '0-1', '1/2-1/2', '*');
const value = fc.string({ unit: fc.constantFrom(...'ab"\\ []{};é%('), maxLength: 8 });
const game = fc.record({
  tags: fc.dictionary(fc.constantFrom('Event', 'White', 'ECO', 'Opening', 'toString'), value),
  moves: fc.array(san, { maxLength: 60 }),
  result,
});
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 });

describe('PGN', () => {
  it('gives back what was written, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(game, { minLength: 1, maxLength: 3 }), sizes, async (games, sizes) => {
        const found = await read(games.map(pgnText).join(''), sizes);
        expect(found.map(({ tags, moves, result }) => ({ tags, moves, result }))).toEqual(
          games.map((g) => ({ ...g, tags: { ...g.tags } })),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('sees the same main line through comments, clocks, variations, marks, numbers and line breaks', async () => {
    const noise = fc.constantFrom(
      ' ',
      '\n',
      '\r\n',
      ' {[%clk 0:03:00] (1. d4 *) e4; 1-0} ',
      ' {over\ntwo ) lines} ',
      ' ; to the end: { ( 1-0\n',
      ' $14 ',
      ' ( 3. Nf3! {well (} ( 3. d4 exd4 $2 ) 3... a6 ) ',
      '\n% a line of a program {\n',
      ' 12. ',
      ' 7... ',
      ' !? ',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(san, noise), { minLength: 1, maxLength: 20 }),
        sizes,
        async (words, sizes) => {
          const text = words.map(([word, after]) => word + after).join(' ');
          const [one, ...more] = await read(`${text} 0-1\n`, sizes);
          expect(more).toEqual([]);
          expect(one!.moves).toEqual(words.map(([word]) => word));
          expect(one!.result).toBe('0-1');
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reads games as servers and programs write them', async () => {
    const text = [
      '[Event "Rated game"]',
      '[Site "https://example.org/1"] [Result "1/2-1/2"]',
      '[White "O\\"Neil \\\\ Co"]',
      '',
      '1.e4 { [%eval 0.2] [%clk 0:10:00] } 1...c5 2.Nf3! d6?! 3. 0-0 exd6 e.p. 4.e8Q+ Kd7 5.Nbd2++ --',
      '',
      '[Event "Second, without a result before it"]',
      '1. d4 1-0',
      '1. c4 e5',
    ].join('\r\n');
    expect(await read(text)).toEqual<PgnGame[]>([
      {
        tags: {
          Event: 'Rated game',
          Site: 'https://example.org/1',
          Result: '1/2-1/2',
          White: 'O"Neil \\ Co',
        },
        moves: ['e4', 'c5', 'Nf3', 'd6', 'O-O', 'exd6', 'e8=Q+', 'Kd7', 'Nbd2+', '--'],
        result: '1/2-1/2',
        line: 1,
      },
      { tags: { Event: 'Second, without a result before it' }, moves: ['d4'], result: '1-0', line: 7 },
      { tags: {}, moves: ['c4', 'e5'], result: '*', line: 9 },
    ]);
  });

  it('takes quotes in tags as programs write them that forget to escape', async () => {
    const [one] = await read('[White "A "quick" one"]\n[Black "B"] [Round "1"]\n1. e4 *');
    expect(one!.tags).toEqual({ White: 'A "quick" one', Black: 'B', Round: '1' });
  });

  it('tells results, castling and move numbers apart', async () => {
    expect(await movesOf('1. O-O 0-0-0 2. 0-0 1-0\n1. e4 1/2-1/2\n*')).toEqual(['O-O O-O-O O-O', 'e4', '']);
    expect(await movesOf('1 e4 e5 2 Nf3 Nc6 *')).toEqual(['e4 e5 Nf3 Nc6']);
  });

  it('numbers the moves of a game that Black begins', () => {
    const FEN = '4k3/8/8/8/8/8/4p3/K7 b - - 0 31';
    expect(pgnText({ tags: { FEN }, moves: ['e1=Q+', 'Ka2', 'Qe2+'], result: '0-1' })).toBe(
      `[FEN "${FEN}"]\n\n31... e1=Q+ 32. Ka2 Qe2+ 0-1\n\n`,
    );
    const long = pgnText({ moves: new Array<string>(200).fill('Nf3'), result: '*' });
    expect(Math.max(...long.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(79);
  });

  it.each([
    ['1. e4 e5\n2. Ng9 *', 'x.pgn:2: "Ng9" is no move in standard algebraic notation'],
    ['1. e2-e4 *', 'x.pgn:1: "e2-e4" is no move'],
    ['1. e4 e5xd6 *', 'x.pgn:1: "e5xd6" is no move'],
    ['1. e4 {said\nand said', 'x.pgn:1: a comment "{" that is not closed'],
    ['1. e4 (1. d4\n(1. c4) *', 'x.pgn:1: a variation "(" that is not closed'],
    ['1. e4\n) *', 'x.pgn:2: ")" without the "("'],
    ['[Event "no end]\n\n1. e4 *', 'x.pgn:1: "[Event \\"no end]" is no tag; expected [Name "value"]'],
    ['[Event]', 'x.pgn:1: "[Event]" is no tag'],
    ['', 'x.pgn holds no games'],
    ['\n; nothing\n', 'x.pgn holds no games'],
  ])('says where it fails: %j', async (text, message) => {
    expect(await problem(text)).toContain(message);
  });

  it('never fails otherwise, whatever the bytes', async () => {
    const words = fc.constantFrom(
      'e4',
      'O-O',
      '0-1',
      '{',
      '}',
      '(',
      ')',
      '[Event "a"]',
      ';',
      '%',
      '\n',
      '1.',
      '$',
      'x',
      ' ',
    );
    const anything = fc.oneof(
      fc.array(words, { maxLength: 30 }).map((parts) => new TextEncoder().encode(parts.join(''))),
      fc.uint8Array({ maxLength: 60 }),
    );
    await fc.assert(
      fc.asyncProperty(anything, sizes, async (bytes, sizes) => {
        try {
          const games = await read(bytes, sizes);
          expect(games.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(SeqwrightError);
          expect((error as SeqwrightError).kind).toBe('data');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('yields a game before the rest has arrived', async () => {
    let asked = 0;
    async function* endless() {
      for (;;) {
        asked++;
        yield new TextEncoder().encode(`${'1. e4 e5 *\n'.repeat(500)}`);
      }
    }
    for await (const { moves } of pgnGames(endless())) {
      expect(moves).toEqual(['e4', 'e5']);
      break;
    }
    expect(asked).toBeLessThan(3);
  });
});
