import { dataError } from '../core/errors.ts';
import { type ByteChunks, joined, withOpening } from './opening.ts';

/** Whole lines of text without their ends; the first of them is line `first` of the file, counted from 1. */
export interface LineBatch {
  lines: string[];
  first: number;
}

const LF = 10;
const CR = 13;

/** V8 strings hold at most 2²⁹ − 24 characters. */
const LONGEST = 2 ** 29 - 24;

/**
 * The lines of a text, as many at a time as a piece of the input holds, so that reading costs no promise a line.
 * Lines end in LF, CRLF or CR; the text is UTF-8, with or without a byte order mark. Memory is that of one piece and
 * of the longest line. A last line without an end counts; an empty one after the last end does not.
 *
 * Throws a data error with `name` and line for a line too long to be held.
 * @example
 * for await (const { lines, first } of lineBatches([bytes])) lines.forEach((line, i) => console.log(first + i, line));
 */
export async function* lineBatches(
  chunks: ByteChunks,
  { name = 'input' }: { name?: string } = {},
): AsyncGenerator<LineBatch, void, undefined> {
  const utf8 = new TextDecoder();
  let waiting: Uint8Array[] = [];
  let held = 0;
  let line = 1;
  const taken = (): string[] => {
    if (held > LONGEST) throw dataError(`${name}:${line}: a line longer than ${LONGEST} bytes.`);
    const lines = splitLines(utf8.decode(joined(waiting, held)));
    waiting = [];
    held = 0;
    return lines;
  };
  const keep = (part: Uint8Array) => {
    if (part.length > 0) waiting.push(part);
    held += part.length;
  };
  for await (const chunk of withOpening(chunks)) {
    const cut = lastLineEnd(chunk) + 1;
    keep(chunk.subarray(0, cut));
    if (cut > 0) {
      const lines = taken();
      // What comes after the last line end is nothing here: the cut is behind that end.
      lines.pop();
      yield { lines, first: line };
      line += lines.length;
    }
    keep(chunk.slice(cut));
  }
  if (held === 0) return;
  const lines = taken();
  if (lines.at(-1) === '') lines.pop();
  yield { lines, first: line };
}

/** Where the last complete line ends; a CR that ends the chunk may be half a CRLF and is left for the next. */
function lastLineEnd(chunk: Uint8Array): number {
  const feed = chunk.lastIndexOf(LF);
  if (feed >= 0 || chunk.length < 2) return feed;
  return chunk.lastIndexOf(CR, chunk.length - 2);
}

const splitLines = (text: string): string[] =>
  text.includes('\r') ? text.split(/\r\n|\r|\n/) : text.split('\n');
