import { dataError } from '../../core/errors.ts';
import { type ByteChunks, withOpening } from '../opening.ts';
import { describeOpening } from './not-fasta.ts';

/** Consecutive letters of a FASTA record, as bytes; no piece is larger than a piece of the input. */
export interface FastaPiece {
  id: string;
  /** The line of the record's header, counted from 1. */
  line: number;
  /** Which letter of the record is the first of these, counted from 0. */
  at: number;
  letters: Uint8Array;
  /** Whether the record ends here. The last piece may be empty. */
  last: boolean;
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const SEMICOLON = 59;
const GREATER = 62;

type Where = 'line start' | 'sequence' | 'header' | 'comment';

/**
 * Reads FASTA as `fastaRecords` does, but a record in pieces, so that a chromosome of any length takes constant memory. Each record ends
 * with a piece that is `last`. Lower case is kept, letters are not checked.
 *
 * Throws a data error with `name` and line for: an empty file, text before the first `>`, a header without a name, a header without
 * sequence.
 * @example
 * for await (const { id, at, letters } of fastaPieces(openSource('chr1.fa.gz').chunks)) console.log(id, at, letters.length);
 */
export async function* fastaPieces(
  chunks: ByteChunks,
  { name = 'input' }: { name?: string } = {},
): AsyncGenerator<FastaPiece, void, undefined> {
  const reader = pieceReader(name);
  for await (const chunk of withOpening(chunks)) {
    reader.read(chunk);
    yield* reader.take();
  }
  reader.end();
  yield* reader.take();
}

function pieceReader(name: string) {
  const utf8 = new TextDecoder();
  let where: Where = 'line start';
  let line = 1;
  let afterCr = false;
  let empty = true;
  let header: number[] = [];
  let open: { id: string; line: number; at: number } | undefined;
  let found: FastaPiece[] = [];

  const emit = (letters: Uint8Array, last: boolean) => {
    if (!open || (letters.length === 0 && !last)) return;
    found.push({ id: open.id, line: open.line, at: open.at, letters, last });
    open.at += letters.length;
    if (last && open.at === 0)
      throw dataError(
        `${name}:${open.line}: record "${open.id}" has a header but no sequence. Add its sequence or remove the header.`,
      );
    if (last) open = undefined;
  };
  const endLine = (byte: number) => {
    if (where === 'header') {
      const id = utf8.decode(Uint8Array.from(header)).trim().split(/\s/, 1)[0]!;
      if (id === '') throw dataError(`${name}:${line}: a header without a name; write an id after ">".`);
      open = { id, line, at: 0 };
      header = [];
    }
    if (byte === CR || !afterCr) line++;
    where = 'line start';
  };

  return {
    read(chunk: Uint8Array): void {
      empty &&= chunk.length === 0;
      const letters = new Uint8Array(chunk.length);
      let [filled, taken] = [0, 0];
      const flush = (last: boolean) => {
        emit(letters.subarray(taken, filled), last);
        taken = filled;
      };
      let i = 0;
      while (i < chunk.length) {
        const byte = chunk[i]!;
        if (byte === LF || byte === CR) {
          endLine(byte);
          i++;
        } else if (where === 'sequence') {
          // The hot loop: everything but blanks up to the end of the line.
          for (; i < chunk.length; i++) {
            const letter = chunk[i]!;
            if (letter > SPACE) letters[filled++] = letter;
            else if (letter === LF || letter === CR) break;
            else if (!isBlank(letter)) letters[filled++] = letter;
          }
        } else if (where === 'header') {
          header.push(byte);
          i++;
        } else if (where === 'comment' || isBlank(byte)) i++;
        else if (byte === GREATER) {
          flush(true);
          where = 'header';
          i++;
        } else {
          where = byte === SEMICOLON ? 'comment' : 'sequence';
          if (where === 'sequence' && !open) throw notFasta(name, line, chunk.subarray(i));
        }
        afterCr = byte === CR;
      }
      flush(false);
    },
    take(): FastaPiece[] {
      const pieces = found;
      found = [];
      return pieces;
    },
    end(): void {
      if (where === 'header') endLine(LF);
      if (!open) throw dataError(`${name} ${empty ? 'is empty' : 'holds no records'}; expected FASTA.`);
      emit(new Uint8Array(), true);
    },
  };
}

/** Space, tab, vertical tab, form feed. Other control bytes stay, so that the check of letters meets them. */
const isBlank = (byte: number) => byte === SPACE || byte === 9 || byte === 11 || byte === 12;

const notFasta = (name: string, line: number, rest: Uint8Array) =>
  dataError(
    `${name}:${line}: expected FASTA, a line that starts with ">"; this looks like ${describeOpening(rest)}.`,
  );
