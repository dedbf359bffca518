/** How a game ended; `*` where it did not, or where nobody knows. */
export type PgnResult = '1-0' | '0-1' | '1/2-1/2' | '*';

/** One game of chess as a PGN file holds it. The rules of chess are not applied: a move that the position forbids is kept. */
export interface PgnGame {
  /** Tag pairs by name, such as `White`, `ECO` and `Opening`; of equal names the last. */
  readonly tags: Readonly<Record<string, string>>;
  /** The moves of the main line in standard algebraic notation, without marks such as `!?`. */
  readonly moves: readonly string[];
  readonly result: PgnResult;
  /** Where its first tag or move stands, counted from 1. */
  readonly line: number;
}

export const isResult = (text: string | undefined): text is PgnResult =>
  text === '1-0' || text === '0-1' || text === '1/2-1/2' || text === '*';
