import { usageError } from '../core/errors.ts';
import type { Backend, TensorData } from './backend.ts';
import { compileProgram, openProgram, type Program, type ProgramSpec } from './program.ts';
import type { ProgramPool } from './program-pool.ts';

/** `auto` takes the native back end, and WebAssembly where there is no binary for the platform. */
export type Device = 'auto' | 'cpu' | 'wasm';

/** The device that is meant, and why it is not the native one where `auto` could not have that. */
export async function chosenDevice(device: Device): Promise<{ device: 'cpu' | 'wasm'; problem?: string }> {
  if (device !== 'auto') return { device };
  const { nativeProblem } = await import('./node.ts');
  const problem = await nativeProblem();
  return problem === undefined ? { device: 'cpu' } : { device: 'wasm', problem };
}

/** The back end of a device, loaded when first asked for. */
export async function backendOf(device: Device): Promise<Backend> {
  switch (device) {
    case 'auto':
      return backendOf((await chosenDevice(device)).device);
    case 'cpu':
      return (await import('./node.ts')).cpu;
    case 'wasm':
      return (await import('./wasm.ts')).wasm;
    default:
      throw usageError(`expected a device out of auto, cpu, wasm; received "${device}".`);
  }
}

export interface CompileOptions {
  readonly device?: Device;
  /** Threads within one operation. */
  readonly threads?: number;
  /** Run in a worker thread, so that this one stays free for progress and Ctrl-C (Node only). */
  readonly worker?: boolean;
  /** Where programs wait to be used again after their release, for many of one model; left out, release frees them. */
  readonly pool?: ProgramPool | undefined;
}

/**
 * Compiles a graph to a program that runs on ONNX Runtime.
 *
 * @example
 * const x = input('x', ['n', 3]);
 * const program = await compile({ inputs: { x }, outputs: { y: tanh(x) } });
 * const { y } = await program.run({ x: { dtype: 'float32', shape: [2, 3], data: new Float32Array(6) } });
 */
export async function compile(
  spec: ProgramSpec,
  { device = 'auto', threads = 1, worker = false, pool }: CompileOptions = {},
): Promise<Program> {
  const initial: Record<string, TensorData> = Object.fromEntries(
    Object.entries(spec.state ?? {}).map(([name, s]) => [name, s.initial]),
  );
  const compiled = compileProgram(spec);
  const open = async () => {
    // A worker needs a file of JavaScript to start from; run from TypeScript sources there is none, and this thread does the work.
    if (worker && import.meta.url.endsWith('.js')) {
      const { openInWorker } = await import('./worker-client.ts');
      return openInWorker(compiled, initial, { device, threads });
    }
    return openProgram(compiled, initial, await backendOf(device), { threads });
  };
  return pool ? pool.take(compiled, initial, open) : open();
}
