import { SeqwrightError } from '../core/errors.ts';

/** Bytes cut into pieces of the given sizes, the rest in one piece. */
export function* piecesOf(text: string | Uint8Array, sizes: number[] = []): Generator<Uint8Array> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  let from = 0;
  for (const size of sizes) {
    if (from >= bytes.length) return;
    yield bytes.slice(from, from + size);
    from += size;
  }
  if (from < bytes.length) yield bytes.slice(from);
}

/** Everything an iterable yields. */
export async function collect<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Kind and message of the SeqwrightError that `run` throws; anything else fails the test. */
export async function thrown(run: () => unknown): Promise<{ kind: string; message: string }> {
  try {
    await run();
  } catch (error) {
    if (error instanceof SeqwrightError) return { kind: error.kind, message: error.message };
    throw error;
  }
  throw new Error('expected an error, but nothing was thrown');
}
