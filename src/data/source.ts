import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { dataError, failure, type SeqwrightError } from '../core/errors.ts';
import { peek } from './opening.ts';

/** Which file was read, for manifests. Hash and size are of the bytes as stored, compressed or not. */
export interface SourceDigest {
  path: string;
  sha256: string;
  bytes: number;
}

/** An opened input: read `chunks` once, to the end; then `digest()` tells what was read. */
export interface Source {
  /** The name for messages: the path, or `stdin`. */
  name: string;
  /** Decompressed bytes. */
  chunks: AsyncIterable<Uint8Array>;
  digest(): SourceDigest;
}

/**
 * Opens a file, or standard input for `-`. Gzip and bgzip (any number of members) are recognised by their
 * first bytes and decompressed on the way; memory stays constant. Nothing is opened before `chunks` is read.
 *
 * Reading throws a data error that names the file when it is missing, a folder, not readable, truncated or
 * damaged gzip, bgzip without its end marker, or compressed in another way.
 */
export function openSource(path: string): Source {
  const name = path === '-' ? 'stdin' : path;
  const hash = createHash('sha256');
  let bytes = 0;
  async function* stored() {
    const stream: AsyncIterable<Uint8Array> =
      path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1 << 18 });
    try {
      for await (const chunk of stream) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw readError(name, error as NodeJS.ErrnoException);
    }
  }
  async function* chunks() {
    const { opening, chunks } = await peek(stored(), 64);
    if (isGzip(opening)) yield* gunzip(chunks, name, isBgzip(opening));
    else {
      refuseOtherCompression(opening, name);
      yield* chunks;
    }
  }
  return { name, chunks: chunks(), digest: () => ({ path: name, sha256: hash.copy().digest('hex'), bytes }) };
}

/** What is wrong with a path, as an error to act on. */
export function readError(name: string, error: NodeJS.ErrnoException): Error {
  if (error.name === 'SeqwrightError') return error;
  const why: Record<string, SeqwrightError> = {
    ENOENT: dataError(`${name}: no such file. Check the path.`),
    ENOTDIR: dataError(`${name}: no such file; a part of the path is not a folder. Check the path.`),
    EISDIR: dataError(`${name} is a folder; expected a file.`),
    EACCES: dataError(`${name}: permission to read it is missing.`),
    EPERM: dataError(`${name}: permission to read it is missing.`),
  };
  return why[error.code ?? ''] ?? failure(`${name} could not be read: ${error.message}`, { cause: error });
}

const isGzip = (head: Uint8Array) => head[0] === 0x1f && head[1] === 0x8b;

/** BGZF (SAM specification, section 4.1): an extra field with the subfield "BC" in every member. */
const isBgzip = (head: Uint8Array) =>
  ((head[3] ?? 0) & 4) !== 0 && head[12] === 0x42 && head[13] === 0x43 && head[14] === 2 && head[15] === 0;

/** The empty block that ends every complete BGZF file (SAM specification, section 4.1.2). */
const BGZF_END = '1f8b08040000000000ff0600424302001b0003000000000000000000';

async function* gunzip(chunks: AsyncIterable<Uint8Array>, name: string, bgzip: boolean) {
  let tail = Buffer.alloc(0);
  async function* watched() {
    for await (const chunk of chunks) {
      tail = Buffer.concat([tail, chunk.subarray(-28)]).subarray(-28);
      yield chunk;
    }
  }
  const input = Readable.from(watched(), { objectMode: false });
  const output = createGunzip({ chunkSize: 1 << 18 });
  input.on('error', (error) => output.destroy(error));
  input.pipe(output);
  try {
    yield* output as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw gzipError(name, error as NodeJS.ErrnoException);
  } finally {
    input.destroy();
  }
  if (bgzip && tail.toString('hex') !== BGZF_END) {
    throw dataError(`${name} is truncated: its bgzip end marker is missing. Copy or download it again.`);
  }
}

function gzipError(name: string, error: NodeJS.ErrnoException): Error {
  if (error.code === 'Z_BUF_ERROR') {
    return dataError(`${name} is truncated: its gzip data ends too early. Copy or download it again.`);
  }
  if (error.code?.startsWith('Z_')) {
    return dataError(
      `${name} is damaged: its gzip data is wrong (${error.message}). Copy or download it again.`,
    );
  }
  return readError(name, error);
}

const others: [string, string, string][] = [
  ['504b0304', 'a zip archive', 'unzip -p'],
  ['425a68', 'bzip2', 'bzcat'],
  ['fd377a585a', 'xz', 'xzcat'],
  ['28b52ffd', 'Zstandard', 'zstdcat'],
];

function refuseOtherCompression(opening: Uint8Array, name: string) {
  const head = Buffer.from(opening.subarray(0, 8)).toString('hex');
  const found = others.find(([magic]) => head.startsWith(magic));
  if (!found) return;
  const [, what, command] = found;
  throw dataError(
    `${name} is compressed as ${what}; expected plain text, gzip or bgzip. Unpack it first: ${command} ${name} | …`,
  );
}
