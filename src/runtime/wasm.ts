import { type OnnxRuntime, onnxRuntimeBackend } from './onnxruntime.ts';

/** WebAssembly through `onnxruntime-web`: runs wherever JavaScript does. */
export const wasm = onnxRuntimeBackend('wasm', async () => {
  const runtime = await import('onnxruntime-web');
  runtime.env.logLevel = 'error';
  return runtime as unknown as OnnxRuntime;
});
