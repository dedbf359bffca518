import { constants, rmSync } from 'node:fs';
import { lstat, mkdir, open, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { dataError, failure, SeqwrightError, usageError } from '../core/errors.ts';

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? '';

const withoutSlash = (path: string) => path.replace(/(?<=.)[\\/]+$/, '');

/** Where a folder waits while another takes its place. */
const previousOf = (directory: string) => `${withoutSlash(directory)}.being-replaced`;

/**
 * Throws a data error unless `directory` is a folder that can be entered. Where only the leftover of an interrupted replacement is
 * there, the message says so.
 */
export async function requireFolder(directory: string): Promise<void> {
  const found = await stat(directory).catch((error) => error as NodeJS.ErrnoException);
  if (!(found instanceof Error)) {
    if (found.isDirectory()) return;
    throw dataError(
      `${directory} is not a model folder: it is a file. Name the folder that training wrote, not a file in it. (HMMs and n-gram models, which are files, go with generate, evaluate and hmm.)`,
    );
  }
  const code = codeOf(found);
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw readError(directory, found);
  const previous = previousOf(directory);
  if (await stat(previous).catch(() => undefined))
    throw dataError(
      `${directory}: no such model folder, but saving it was interrupted and the model before is in ${previous}. Rename that back.`,
    );
  throw dataError(`${directory}: no such model folder. Check the path.`);
}

/** A file of a model folder, checked and open; `read` gives its bytes, `size` of them. */
export interface FolderFile {
  readonly path: string;
  readonly size: number;
  read(): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens one of the files that make up a model. Only plain files: a link could lead out of the folder, and a pipe would never end.
 * Throws a data error that names the file.
 */
export async function openFolderFile(directory: string, name: string): Promise<FolderFile> {
  const path = join(directory, name);
  const found = await lstat(path).catch((error) => {
    if (codeOf(error) === 'ENOENT')
      throw dataError(
        `${path} is missing; a model folder holds model.json and weights.safetensors. Copy the whole folder again.`,
      );
    throw readError(path, error);
  });
  if (found.isSymbolicLink())
    throw dataError(
      `${path} is a symbolic link; links in a model folder are not followed. Put the file itself there.`,
    );
  if (!found.isFile())
    throw dataError(`${path} is not a plain file. Copy the model again, or name another folder.`);
  // Should a link have taken the file's place meanwhile, opening fails.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(path, flags).catch((error) => {
    throw readError(path, error);
  });
  const { size } = await handle.stat();
  return { path, size, read: () => readExactly(handle, path, size), close: () => handle.close() };
}

type Handle = Awaited<ReturnType<typeof open>>;

async function readExactly(handle: Handle, path: string, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let at = 0;
  while (at < size) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(size - at, 2 ** 30), at).catch((error) => {
      throw readError(path, error);
    });
    if (bytesRead === 0) throw dataError(`${path} became shorter while it was read. Try again.`);
    at += bytesRead;
  }
  return bytes;
}

function readError(path: string, error: unknown): SeqwrightError {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM') return dataError(`${path}: permission to read it is missing.`);
  return failure(`${path} could not be read: ${(error as Error).message}`, { cause: error });
}

let count = 0;
const unfinished = new Set<string>();
process.on('exit', () => {
  for (const partial of unfinished) rmSync(partial, { recursive: true, force: true });
});

/**
 * Writes a folder whole or not at all: `write` fills one beside it, which then takes its place. A folder cannot be renamed over one that
 * is not empty, so an existing one first steps aside to `<directory>.being-replaced` and is deleted last: a reader finds the old or
 * the new one, save for the moment between two renames; were the process killed in it, `requireFolder` tells where the old one is.
 *
 * An existing folder is replaced only where `isOurs` says so; otherwise a usage error is thrown and nothing touched.
 * Throws a failure that names `directory` when it cannot be written.
 */
export async function replaceFolder(
  directory: string,
  write: (partial: string) => Promise<void>,
  isOurs: (existing: string, names: string[]) => Promise<string | undefined>,
): Promise<void> {
  const target = withoutSlash(await realpath(directory).catch(() => directory));
  await refuseForeign(directory, target, isOurs);
  const partial = `${target}.partial-${process.pid}-${count++}`;
  unfinished.add(partial);
  try {
    await mkdir(partial);
    await write(partial);
    await swap(partial, target);
  } catch (error) {
    throw writeError(directory, partial, error);
  } finally {
    await rm(partial, { recursive: true, force: true }).catch(() => {});
    unfinished.delete(partial);
  }
}

async function refuseForeign(
  directory: string,
  target: string,
  isOurs: (existing: string, names: string[]) => Promise<string | undefined>,
): Promise<void> {
  for (const place of [target, previousOf(target)]) {
    const found = await lstat(place).catch(() => undefined);
    if (!found) continue;
    const why = found.isDirectory()
      ? await readdir(place).then((names) => (names.length === 0 ? undefined : isOurs(place, names)))
      : 'is not a folder';
    const shownPlace = place === target ? directory : place;
    if (why)
      throw usageError(
        `${directory} cannot be saved: ${shownPlace} ${why}. Choose another name, or move it away.`,
      );
  }
}

async function swap(partial: string, target: string): Promise<void> {
  const previous = previousOf(target);
  // An empty folder gives way to a rename; one that holds a model does not.
  await rmdir(target).catch(() => {});
  const exists = await lstat(target).then(
    () => true,
    () => false,
  );
  if (exists) {
    await rm(previous, { recursive: true, force: true });
    await rename(target, previous);
  }
  try {
    await rename(partial, target);
  } catch (error) {
    if (exists) await rename(previous, target);
    throw error;
  }
  await rm(previous, { recursive: true, force: true });
}

function writeError(directory: string, partial: string, error: unknown): unknown {
  if (error instanceof SeqwrightError)
    return new SeqwrightError(error.kind, error.message.replaceAll(partial, directory), { cause: error });
  const why: Record<string, string> = {
    ENOENT: 'the folder it should stand in does not exist. Create that first',
    ENOTDIR: 'a part of the path is not a folder. Check the path',
    EACCES: 'permission to write there is missing. Choose another place',
    EPERM: 'permission to write there is missing. Choose another place',
    EROFS: 'the file system is read-only. Choose another place',
    ENOSPC: 'the disk is full. Free some space or choose another place; nothing was kept',
    ENAMETOOLONG: `"${basename(directory)}" is too long a name. Choose a shorter one`,
  };
  const code = codeOf(error);
  if (!code) return error;
  const reason = why[code] ?? (error as Error).message;
  return failure(`${directory} cannot be written: ${reason}.`, { cause: error });
}
