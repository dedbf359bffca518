import { availableParallelism } from 'node:os';
import { architectures } from '../../models/architectures/index.ts';

/** A recurrent step this wide is enough work to share. */
const wideState = 256;
const most = 4;

/**
 * Threads within an operation: as asked, else 1 for recurrent models of fewer than 256 units (their steps are too small to
 * share, and two threads take longer than one) and for the others as many as there are cores, up to 4.
 */
export function threadsFor(
  asked: number | undefined,
  architecture: string,
  config: Readonly<Record<string, unknown>> = {},
): number {
  if (asked !== undefined) return asked;
  const defaults: Readonly<Record<string, unknown>> = architectures[architecture]?.defaults ?? {};
  const hidden = config.hidden ?? defaults.hidden;
  if (typeof hidden === 'number' && hidden < wideState) return 1;
  return Math.min(most, availableParallelism());
}
