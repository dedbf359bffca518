import { failure } from '../core/errors.ts';
import { type OnnxRuntime, onnxRuntimeBackend } from './onnxruntime.ts';

const load = async () => (await import('onnxruntime-node')).default as unknown as OnnxRuntime;

const missing = (error: unknown) =>
  `onnxruntime-node has no native binary that works on ${process.platform}-${process.arch} (${(error as Error).message.split('\n')[0]!.replace(/\.$/, '')}).`;

/** Native kernels through `onnxruntime-node`. */
export const cpu = onnxRuntimeBackend('cpu', () =>
  load().catch((error) => {
    throw failure(`${missing(error)} Use --device wasm, which runs everywhere, more slowly.`, {
      cause: error,
    });
  }),
);

/** Why native kernels cannot be used here, in a sentence; undefined where they can. */
export const nativeProblem = (): Promise<string | undefined> => load().then(() => undefined, missing);
