import { availableParallelism } from 'node:os';
import { architectures } from '../../models/architectures/index.ts';

/** From these widths on, one operation is enough work to share. */
const wideState = 256;
const wideConvolution = 128;
const most = 4;

/**
 * Threads within an operation: as asked, else 1 for small models (recurrent ones below 256 units, convolutions below 128
 * filters: what two threads gain there is lost again in handing it out) and for others as many as there are cores, up to 4.
 */
export function threadsFor(
  asked: number | undefined,
  architecture: string,
  config: Readonly<Record<string, unknown>> = {},
): number {
  if (asked !== undefined) return asked;
  const complete: Readonly<Record<string, unknown>> = { ...architectures[architecture]?.defaults, ...config };
  const { hidden, filters } = complete as { hidden?: number; filters?: readonly number[] };
  const wide =
    hidden === undefined ? Math.max(0, ...(filters ?? [])) >= wideConvolution : hidden >= wideState;
  return wide ? Math.min(most, availableParallelism()) : 1;
}
