import { dataError } from '../../core/errors.ts';
import { lineBatches } from '../lines.ts';
import type { ByteChunks } from '../opening.ts';
import { isResult, type PgnGame } from './game.ts';

/**
 * Reads the games of a PGN file one after the other, in constant memory (Portable Game Notation: Edwards 1994). What stands in comments
 * (`{…}`, clock times too, and `;` to the end of the line), in variations `(…)` of any depth, in lines that begin with `%`, and numeric
 * marks (`$1`) are passed over. Castling with zeros becomes `O-O`, a promotion without its sign `e8=Q`. A game may lack its result: then
 * the tag `Result` counts, or it is open (`*`).
 *
 * Throws a data error with `name` and line for what is no move, for a comment or variation that is not closed, for a tag that is
 * none, and for a file without games.
 * @example
 * for await (const { moves, tags } of pgnGames([bytes])) console.log(tags.Opening, moves.slice(0, 4)); // … ['e4', 'c5', 'Nf3', 'd6']
 */
export async function* pgnGames(
  chunks: ByteChunks,
  { name = 'input' }: { name?: string } = {},
): AsyncGenerator<PgnGame, void, undefined> {
  const reader = gameReader(name);
  let count = 0;
  for await (const { lines, first } of lineBatches(chunks, { name }))
    for (const [i, text] of lines.entries()) {
      reader.line(text, first + i);
      for (const game of reader.taken()) {
        count++;
        yield game;
      }
    }
  for (const game of reader.end()) {
    count++;
    yield game;
  }
  if (count === 0) throw dataError(`${name} holds no games; expected PGN, such as 1. e4 e5 2. Nf3 Nc6 *`);
}

/** A game on its way. */
interface Open {
  tags: Record<string, string>;
  moves: string[];
  line: number;
  /** Whether its moves have begun: then a tag begins the next game. */
  moving: boolean;
}

const tagPair = /\[\s*(\w+)\s*"((?:[^"\\]|\\.)*)"\s*\]/y;
/** Programs forget to escape quotes: what fills the line may hold them as they are. */
const tagLine = /\[\s*(\w+)\s*"(.*)"\s*\]\s*$/y;
const ending = /(?:1-0|0-1|1\/2-1\/2|\*)(?![\w/-])/y;
/** Piece, pawn, castling, or none (`--`, `Z0` in analyses); then check, and marks of annotators. */
const move =
  /([KQRBN][a-h]?[1-8]?x?[a-h][1-8]|[a-h](?:x[a-h])?[1-8](?:=?[QRBN])?|[O0]-[O0](?:-[O0])?|--|Z0)(\+\+|[+#])?(?:[!?]{1,2})?(?![\w=+#/-])/y;
/** What carries no move: blanks, move numbers, numeric marks, marks by themselves, and "e.p." */
const beside = /\s+|\d+\s*\.+|\d+(?=\s|$)|\.+|\$\d+|[!?]{1,2}(?=\s|$)|e\.p\./y;

/** What a sticky pattern finds at `at`. */
function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function gameReader(name: string) {
  let finished: PgnGame[] = [];
  let game: Open | undefined;
  /** Line where the open comment begins, and those of open variations. */
  let comment = 0;
  const variations: number[] = [];
  let line = 0;

  const wrong = (what: string, at = line) => dataError(`${name}:${at}: ${what}`);
  const opened = (): Open => {
    game ??= { tags: Object.create(null), moves: [], line, moving: false };
    return game;
  };
  const finish = (said?: string) => {
    if (!game) return;
    const result = said ?? game.tags.Result;
    finished.push({
      tags: { ...game.tags },
      moves: game.moves,
      result: isResult(result) ? result : '*',
      line: game.line,
    });
    game = undefined;
  };
  const checkClosed = () => {
    if (variations.length > 0)
      throw wrong(
        'a variation "(" that is not closed before its game ends; expected ")".',
        variations.at(-1)!,
      );
  };
  /** A tag pair at `at`; returns what follows it. */
  const tag = (text: string, at: number): number => {
    checkClosed();
    const found = matchAt(tagPair, text, at) ?? matchAt(tagLine, text, at);
    if (!found)
      throw wrong(
        `${JSON.stringify(text.slice(at, at + 40))} is no tag; expected [Name "value"] on one line.`,
      );
    if (game?.moving) finish();
    opened().tags[found[1]!] = found[2]!.replace(/\\(["\\])/g, '$1');
    return at + found[0].length;
  };
  /** A move, a result, or what stands beside them. */
  const word = (text: string, at: number): number => {
    const end = matchAt(ending, text, at);
    if (end) {
      checkClosed();
      opened();
      finish(end[0]);
      return at + end[0].length;
    }
    const found = matchAt(move, text, at);
    if (found) {
      const open = opened();
      open.moving = true;
      if (variations.length === 0) open.moves.push(standard(found[1]!, found[2] ?? ''));
      return at + found[0].length;
    }
    const passed = matchAt(beside, text, at);
    if (!passed) throw noMove(text.slice(at), wrong);
    if (passed[0].trim() !== '') opened().moving = true;
    return at + passed[0].length;
  };
  const structure = (text: string, at: number): number => {
    switch (text[at]) {
      case ';':
        return text.length;
      case '{':
        comment = line;
        return at + 1;
      case '[':
        return tag(text, at);
      case '(':
        opened().moving = true;
        variations.push(line);
        return at + 1;
      case ')':
        if (variations.pop() === undefined) throw wrong('")" without the "(" of a variation before it.');
        return at + 1;
      default:
        return word(text, at);
    }
  };
  return {
    line(text: string, number: number) {
      line = number;
      if (comment === 0 && text.startsWith('%')) return;
      let at = 0;
      while (at < text.length) {
        if (comment > 0) {
          const close = text.indexOf('}', at);
          if (close < 0) return;
          comment = 0;
          at = close + 1;
        } else at = structure(text, at);
      }
    },
    /** The games that are complete, each once. */
    taken(): PgnGame[] {
      const games = finished;
      if (games.length > 0) finished = [];
      return games;
    },
    end(): PgnGame[] {
      if (comment > 0) throw wrong('a comment "{" that is not closed; expected "}".', comment);
      checkClosed();
      finish();
      return this.taken();
    },
  };
}

/** Castling with letters, a promotion with its sign, one plus for a check. */
function standard(text: string, check: string): string {
  const castled = /^[O0]-/.test(text) ? text.replaceAll('0', 'O') : text;
  const promoted = castled.replace(/^([a-h].*[18])([QRBN])$/, '$1=$2');
  return promoted + (check === '++' ? '+' : check);
}

function noMove(rest: string, wrong: (what: string) => Error): Error {
  const text = /^\S{1,24}/.exec(rest)![0];
  return wrong(
    `${JSON.stringify(text)} is no move in standard algebraic notation; expected such as Nf3, exd5, O-O or e8=Q.`,
  );
}
