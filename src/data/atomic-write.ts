import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { failure } from '../core/errors.ts';

/** What can be written: text or bytes, whole or in pieces. */
export type Content =
  | string
  | Uint8Array
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;

/**
 * Writes a file whole or not at all: beside the target first, then renamed over it, so that readers see the
 * old file or the new one and nothing between, whatever happens. A name that ends in `.gz` is written as gzip.
 * `-` streams to standard output, where a closed pipe ends writing quietly; devices and named pipes are
 * written directly. When the process exits early (`process.exit`), unfinished files are removed.
 *
 * Throws a failure that names the file when it cannot be written: missing folder, permission, full disk.
 * An error from `content` itself is passed on, the target untouched.
 */
export async function atomicWrite(path: string, content: Content): Promise<void> {
  if (path === '-') return writeStdout(pieces(content));
  const bytes = path.endsWith('.gz') ? gzipped(pieces(content)) : pieces(content);
  const target = await realpath(path).catch(() => path);
  const existing = await stat(target).catch(() => undefined);
  if (existing?.isDirectory()) throw failure(`${path} cannot be written: it is a folder. Name a file.`);
  if (existing && !existing.isFile()) return writeTo(path, target, bytes);
  const partial = `${target}.partial-${process.pid}-${count++}`;
  unfinished.add(partial);
  try {
    await writeTo(path, partial, bytes);
    await rename(partial, target).catch((error) => {
      throw writeError(path, error);
    });
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw error;
  } finally {
    unfinished.delete(partial);
  }
}

let count = 0;
const unfinished = new Set<string>();
process.on('exit', () => {
  for (const partial of unfinished) rmSync(partial, { force: true });
});

async function writeTo(path: string, target: string, bytes: AsyncIterable<Uint8Array>) {
  let file: FileHandle | undefined;
  try {
    file = await open(target, 'w').catch((error) => {
      throw writeError(path, error);
    });
    for await (const chunk of grouped(bytes)) await writeAll(file, chunk, path);
    // A device such as /dev/null cannot be synchronised, and need not be.
    await file.sync().catch((error) => {
      if (error.code !== 'EINVAL' && error.code !== 'ENOTSUP') throw writeError(path, error);
    });
  } finally {
    await file?.close();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array, path: string) {
  let written = 0;
  while (written < chunk.length) {
    const { bytesWritten } = await file.write(chunk, written).catch((error) => {
      throw writeError(path, error);
    });
    written += bytesWritten;
  }
}

function writeError(path: string, error: NodeJS.ErrnoException): Error {
  const why: Record<string, string> = {
    ENOENT: 'its folder does not exist. Create the folder first',
    ENOTDIR: 'a part of the path is not a folder. Check the path',
    EACCES: 'permission to write there is missing. Choose another place',
    EPERM: 'permission to write there is missing. Choose another place',
    EROFS: 'the file system is read-only. Choose another place',
    ENOSPC: 'the disk is full. Free some space or choose another place; nothing was kept',
    EDQUOT: 'your disk quota is used up. Free some space or choose another place; nothing was kept',
    EFBIG: 'the file would be larger than the system allows',
    ENAMETOOLONG: 'its name is too long',
  };
  return failure(`${path} cannot be written: ${why[error.code ?? ''] ?? error.message}.`, { cause: error });
}

async function writeStdout(content: AsyncIterable<Uint8Array>) {
  const out = process.stdout;
  let error: NodeJS.ErrnoException | undefined;
  const remember = (found: NodeJS.ErrnoException) => {
    error ??= found;
  };
  out.on('error', remember);
  try {
    for await (const chunk of grouped(content)) {
      if (error) break;
      await written(out, chunk);
    }
  } finally {
    out.off('error', remember);
    // Whatever still fails after a closed pipe was reported (or ended quietly) here.
    if (error) out.on('error', () => {});
  }
  if (error && error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') {
    throw writeError('Standard output', error);
  }
}

const written = (out: Writable, chunk: Uint8Array) =>
  new Promise<void>((resolve) => {
    out.write(chunk, () => resolve());
  });

const utf8 = new TextEncoder();

async function* pieces(content: Content): AsyncGenerator<Uint8Array> {
  const whole = typeof content === 'string' || content instanceof Uint8Array;
  for await (const piece of whole ? [content] : content) {
    yield typeof piece === 'string' ? utf8.encode(piece) : piece;
  }
}

/** Joins small pieces, so that a table written line by line costs few system calls. */
async function* grouped(bytes: AsyncIterable<Uint8Array>, size = 1 << 16) {
  let waiting: Uint8Array[] = [];
  let held = 0;
  for await (const piece of bytes) {
    waiting.push(piece);
    held += piece.length;
    if (held < size) continue;
    yield Buffer.concat(waiting, held);
    waiting = [];
    held = 0;
  }
  if (held > 0) yield Buffer.concat(waiting, held);
}

async function* gzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip();
  const fed = (async () => {
    try {
      for await (const chunk of bytes)
        if (!gzip.write(chunk)) await Promise.race([once(gzip, 'drain'), closed(gzip)]);
      gzip.end();
    } catch (error) {
      gzip.destroy(error as Error);
    }
  })();
  try {
    yield* gzip as AsyncIterable<Uint8Array>;
  } finally {
    gzip.destroy();
    await fed;
  }
}

const closed = (stream: Writable) => new Promise<void>((resolve) => stream.once('close', () => resolve()));
