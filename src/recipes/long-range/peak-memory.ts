import { readFileSync, writeFileSync } from 'node:fs';

/**
 * By how many bytes the process's resident memory rose above what it was, at its highest while `work` ran: on Linux, where the
 * system keeps a mark of the highest that can be set back (proc(5), `clear_refs` and `VmHWM`); undefined elsewhere.
 * Memory that earlier work left with the process is used again without being seen, so small rises are too small.
 */
export async function peakOf(work: () => Promise<unknown>): Promise<number | undefined> {
  const before = restart();
  await work();
  const after = before === undefined ? undefined : statusOf('VmHWM');
  return after === undefined ? undefined : Math.max(0, after - before!);
}

/** Sets the mark back to what is resident now; returns that. */
function restart(): number | undefined {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return statusOf('VmRSS');
  } catch {
    return undefined;
  }
}

function statusOf(field: string): number | undefined {
  try {
    const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
    return found ? Number(found[1]) * 1024 : undefined;
  } catch {
    return undefined;
  }
}
