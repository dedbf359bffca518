import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failure } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import type { CheckpointStore } from '../../train/options.ts';

/** A checkpoint in a file, and how to be rid of it. */
export interface CheckpointFile extends CheckpointStore {
  exists(): Promise<boolean>;
  remove(): Promise<void>;
}

const withoutSlash = (path: string) => path.replace(/(?<=.)[\\/]+$/, '');

/** The checkpoint of a run whose model goes to `output`: the file `<output>.checkpoint`. */
export function checkpointFile(output: string): CheckpointFile {
  const name = `${withoutSlash(output)}.checkpoint`;
  const read = async () => {
    try {
      return new Uint8Array(await readFile(name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw failure(`${name} could not be read: ${(error as Error).message}.`, { cause: error });
    }
  };
  return {
    name,
    read,
    exists: async () => (await read()) !== undefined,
    write: (bytes) => atomicWrite(name, bytes),
    async remove() {
      await rm(name, { force: true });
      await removeLeftovers(name);
    },
  };
}

/** A process that was killed while it wrote left an unfinished file; those of processes that still run are left alone. */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.partial-`;
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = /^(\d+)-\d+$/.exec(name.startsWith(prefix) ? name.slice(prefix.length) : '')?.[1];
    if (pid !== undefined && !isRunning(Number(pid)))
      await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
