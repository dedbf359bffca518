/** Bytes that arrive in pieces: a file, standard input, a response body, or an array of arrays in tests. */
export type ByteChunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * The same bytes with the first piece at least `size` long (unless the input is shorter) and without a
 * UTF-8 byte order mark, so that whoever looks at the opening of a file sees enough of it.
 */
export async function* withOpening(chunks: ByteChunks, size = 4096): AsyncGenerator<Uint8Array> {
  const waiting: Uint8Array[] = [];
  let held = 0;
  let open = false;
  for await (const chunk of chunks) {
    if (open) {
      yield chunk;
      continue;
    }
    waiting.push(chunk);
    held += chunk.length;
    if (held < size) continue;
    open = true;
    yield withoutMark(joined(waiting, held));
  }
  if (!open && held > 0) yield withoutMark(joined(waiting, held));
}

/**
 * The first bytes, and all bytes (these included) to be read afterwards. Leave `chunks` unread only together
 * with its source.
 */
export async function peek(chunks: ByteChunks, size = 4096) {
  const iterator = withOpening(chunks, size);
  const first = await iterator.next();
  const opening = first.done ? new Uint8Array() : first.value;
  async function* all() {
    try {
      if (opening.length > 0) yield opening;
      yield* iterator;
    } finally {
      await iterator.return(undefined);
    }
  }
  return { opening, chunks: all() };
}

const withoutMark = (bytes: Uint8Array) =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;

/** Several arrays in one; a single one is returned as it is. */
export function joined(parts: Uint8Array[], length: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
