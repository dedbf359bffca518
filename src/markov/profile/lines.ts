/** A line of a text file, counted from 1. */
export interface Line {
  text: string;
  number: number;
}

export type NextLine = () => Promise<Line | undefined>;

/** Lines from bytes in pieces of any size; lines end in LF or CRLF. */
export function lineReader(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): NextLine {
  const lines = linesOf(chunks);
  return async () => {
    const { value, done } = await lines.next();
    return done ? undefined : value;
  };
}

async function* linesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Line, undefined, undefined> {
  const utf8 = new TextDecoder();
  let open = '';
  let number = 0;
  for await (const chunk of chunks) {
    const pieces = utf8.decode(chunk, { stream: true }).split('\n');
    pieces[0] = open + pieces[0]!;
    open = pieces.pop()!;
    for (const text of pieces) yield { text: text.replace(/\r$/, ''), number: ++number };
  }
  open += utf8.decode();
  if (open !== '') yield { text: open.replace(/\r$/, ''), number: ++number };
  return undefined;
}
