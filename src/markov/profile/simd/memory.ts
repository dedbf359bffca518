import { type Code, wasmLoop } from '../../hmm/wasm.ts';

/** A loop over bytes of memory, which whoever uses it fills. */
export interface Kernel {
  readonly memory: ArrayBuffer;
  run(argument: number): void;
  /** Whose tables are in memory. */
  owner: object | null;
}

/**
 * One kernel for all profiles, made anew where a larger profile or sequence comes: each memory reserves address space,
 * of which there is not enough for one a profile. Null where there is no SIMD.
 */
export function growingKernel(
  code: Code,
  locals: { integers: number; pairs: number },
): (bytes: number) => Kernel | null {
  let kernel: (Kernel & { bytes: number }) | null | undefined;
  return (bytes) => {
    if (kernel === null || (kernel && kernel.bytes >= bytes)) return kernel;
    const size = Math.max(1 << 18, 2 ** Math.ceil(Math.log2(bytes)));
    const made = wasmLoop(code, { numbers: size / 8, ...locals });
    kernel = made && { memory: made.memory.buffer as ArrayBuffer, run: made.run, owner: null, bytes: size };
    return kernel;
  };
}

/** Rounds up to whole vectors of 16 bytes. */
export const vectors = (bytes: number) => 16 * Math.ceil(bytes / 16);

/**
 * The striped order of Farrar (2007): node z·Q + q + 1 is in lane z of vector q, so that a node's neighbour below is in the
 * same lane of the vector before. Calls `put(index, node)` for all places; nodes past the last one are 0.
 */
export function striped(nodes: number, lanes: number, put: (index: number, node: number) => void): number {
  const length = Math.max(2, Math.ceil(nodes / lanes));
  for (let q = 0; q < length; q++)
    for (let z = 0; z < lanes; z++) {
      const node = z * length + q + 1;
      put(q * lanes + z, node <= nodes ? node : 0);
    }
  return length;
}
