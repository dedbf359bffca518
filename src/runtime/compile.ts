import { usageError } from '../core/errors.ts';
import type { TensorData } from './backend.ts';
import { compileProgram, openProgram, type Program, type ProgramSpec } from './program.ts';

/** `auto` takes the native back end. */
export type Device = 'auto' | 'cpu' | 'wasm';

/** The back end of a device, loaded when first asked for. */
export async function backendOf(device: Device) {
  switch (device) {
    case 'auto':
    case 'cpu':
      return (await import('./node.ts')).cpu;
    case 'wasm':
      return (await import('./wasm.ts')).wasm;
    default:
      throw usageError(`expected a device out of auto, cpu, wasm; received "${device}".`);
  }
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
  { device = 'auto', threads = 1 }: { device?: Device; threads?: number } = {},
): Promise<Program> {
  const initial: Record<string, TensorData> = Object.fromEntries(
    Object.entries(spec.state ?? {}).map(([name, s]) => [name, s.initial]),
  );
  return openProgram(compileProgram(spec), initial, await backendOf(device), { threads });
}
