/**
 * How one side may develop: its moves, and for each what must have been played before it. All moves keep to the side's own half of the
 * board and none of them opens a line to the other king, so that any set-up of White and any of Black may be played against each other
 * in any order that keeps these conditions, and the game is legal.
 */
export type Setup = Readonly<Record<string, readonly string[]>>;

/** Well-known ways to develop as White. */
export const whiteSetups: Readonly<Record<string, Setup>> = {
  london: {
    d4: [],
    Nf3: [],
    Bf4: ['d4'],
    e3: ['Bf4'],
    Bd3: ['e3'],
    c3: [],
    Nbd2: ['Nf3', 'Bf4'],
    'O-O': ['Nf3', 'Bd3'],
  },
  'king’s Indian attack': {
    Nf3: [],
    g3: [],
    Bg2: ['g3'],
    'O-O': ['Nf3', 'Bg2'],
    d3: [],
    Nbd2: ['Nf3', 'd3'],
    e4: [],
    Re1: ['O-O'],
    c3: [],
  },
  english: {
    c4: [],
    Nc3: ['c4'],
    g3: [],
    Bg2: ['g3'],
    Nf3: [],
    'O-O': ['Nf3', 'Bg2'],
    d3: [],
    Rb1: ['Nc3'],
  },
  stonewall: {
    d4: [],
    e3: [],
    f4: [],
    Bd3: ['e3', 'd4'],
    Nf3: ['f4'],
    c3: [],
    'O-O': ['Nf3', 'Bd3'],
    Nbd2: ['Nf3', 'd4'],
    Qe2: ['Bd3'],
  },
  larsen: {
    b3: [],
    Bb2: ['b3'],
    e3: [],
    Nf3: [],
    Be2: ['e3'],
    'O-O': ['Nf3', 'Be2'],
    d3: [],
    Nbd2: ['Nf3', 'd3'],
    c4: [],
  },
  catalan: {
    d4: [],
    c4: [],
    g3: [],
    Bg2: ['g3'],
    Nf3: [],
    'O-O': ['Nf3', 'Bg2'],
    Qc2: ['c4'],
    Rd1: ['O-O', 'Qc2'],
    b3: [],
  },
};

/** The queen's gambit declined in six ways, which differ in where the bishop goes and in one more move. */
export const blackSetups: Readonly<Record<string, Setup>> = Object.fromEntries(
  ['Be7', 'Bd6'].flatMap((bishop) =>
    Object.entries({ Re8: ['O-O'], b6: [], Qc7: ['c6'] }).map(([last, before]): [string, Setup] => [
      `${bishop}, ${last}`,
      {
        d5: [],
        e6: [],
        Nf6: [],
        Nbd7: ['Nf6', 'd5'],
        c6: [],
        [bishop]: ['e6', 'd5'],
        'O-O': ['Nf6', bishop],
        [last]: before,
      },
    ]),
  ),
);

/** Small moves that fit everywhere; of a pair that is one pawn's, one excludes the other. */
export const whiteAsides: Setup = { a3: [], a4: [], h3: [], h4: [], Kh1: ['O-O'] };
export const blackAsides: Setup = { a6: [], a5: [], h6: [], h5: [], Kh8: ['O-O'] };

/** Whether two moves are those of one pawn. */
const samePawn = (a: string, b: string) =>
  a !== b && a.length === 2 && b.length === 2 && a[0] === b[0] && /^[a-h]/.test(a);

/** Moves of a set-up that may be played now. */
export const available = (setup: Setup, played: readonly string[]): string[] =>
  Object.keys(setup).filter(
    (move) => !played.includes(move) && setup[move]!.every((before) => played.includes(before)),
  );

/** Small moves that may be played now beside a set-up. */
export const asidesNow = (asides: Setup, setup: Setup, played: readonly string[]): string[] =>
  available(asides, played).filter(
    (move) => !(move in setup) && ![...Object.keys(setup), ...played].some((other) => samePawn(move, other)),
  );
