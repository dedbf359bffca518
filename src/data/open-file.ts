import { type FileHandle, open } from 'node:fs/promises';
import type { RandomAccess } from './random-access.ts';
import { readError } from './source.ts';

/**
 * Opens a file on disk for reading by position; close it in the end. Throws a data error that names the file when it is missing, a
 * folder, or not readable.
 */
export async function openFile(path: string): Promise<RandomAccess> {
  const named = (error: NodeJS.ErrnoException) => {
    throw readError(path, error);
  };
  const file = await open(path, 'r').catch(named);
  const about = await file.stat();
  if (about.isDirectory()) {
    await file.close();
    throw readError(path, Object.assign(new Error(), { code: 'EISDIR' }));
  }
  // A damaged file may ask for any length; no more is there than the file holds.
  const read = (length: number, position: number) =>
    readFully(file, Math.max(0, Math.min(length, about.size - position)), position).catch(named);
  const whole = async () => read(about.size, 0);
  return {
    read,
    // The two forms of generic-filehandle2: bytes, or text where an encoding is named.
    readFile: (async (options?: string | { encoding?: string }) => {
      const encoding = typeof options === 'string' ? options : options?.encoding;
      const bytes = await whole();
      return encoding === undefined ? bytes : Buffer.from(bytes).toString(encoding as BufferEncoding);
    }) as RandomAccess['readFile'],
    stat: async () => ({ size: about.size }),
    close: () => file.close(),
  };
}

async function readFully(
  file: FileHandle,
  length: number,
  position: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled === length ? bytes : bytes.slice(0, filled);
}
