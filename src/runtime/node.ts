import { failure } from '../core/errors.ts';
import { type OnnxRuntime, onnxRuntimeBackend } from './onnxruntime.ts';

/** Native kernels through `onnxruntime-node`. */
export const cpu = onnxRuntimeBackend('cpu', async () => {
  try {
    const { default: runtime } = await import('onnxruntime-node');
    return runtime as unknown as OnnxRuntime;
  } catch (error) {
    throw failure(
      `onnxruntime-node has no native binary for ${process.platform}-${process.arch} (${(error as Error).message}). Use --device wasm, which runs everywhere, more slowly.`,
      { cause: error },
    );
  }
});
