import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-common';
import { failure, type SeqwrightError } from '../core/errors.ts';
import type { Backend, BackendSession, HostTensor, TensorData } from './backend.ts';

/** What the packages `onnxruntime-node` and `onnxruntime-web` have in common. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: typeof Tensor;
}

/** Runs ONNX models through an ONNX Runtime package. */
export function onnxRuntimeBackend(name: string, load: () => Promise<OnnxRuntime>): Backend {
  let loaded: Promise<OnnxRuntime> | undefined;
  return {
    name,
    async open(model, { threads, optimize = false }) {
      loaded ??= load();
      const runtime = await loaded;
      try {
        const session = await runtime.InferenceSession.create(model, {
          executionProviders: [name === 'wasm' ? 'wasm' : 'cpu'],
          intraOpNumThreads: threads,
          interOpNumThreads: 1,
          executionMode: 'sequential',
          // Our lowering already emits the fused forms; for training the higher levels gain nothing and slow the start.
          graphOptimizationLevel: optimize ? 'all' : 'basic',
          logSeverityLevel: 3,
          extra: {
            // Threads that wait busily for the next piece of work gained 10 to 50 % with 2 threads: the pieces are short.
            session: { intra_op: { allow_spinning: threads > 1 ? '1' : '0' } },
            // It moves our transpositions to places where broadcasting along a short last axis costs several times as much.
            optimization: { disable_specified_optimizers: 'TransposeOptimizer' },
          },
        });
        // onnxruntime-web copies results out of WebAssembly memory and leaves preallocated buffers untouched.
        return wrap(runtime, session, name !== 'wasm');
      } catch (error) {
        throw explained(error, 'could not load the compiled model');
      }
    },
  };
}

function wrap(runtime: OnnxRuntime, session: InferenceSession, fillsBuffers: boolean): BackendSession {
  const toTensor = ({ dtype, shape, data }: HostTensor): Tensor =>
    new runtime.Tensor(dtype as 'float32', data as Float32Array, shape) as unknown as Tensor;
  return {
    async run(feeds, outputs, buffers) {
      const into = fillsBuffers ? buffers : {};
      const given = Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, toTensor(t)]));
      const fetches = Object.fromEntries(
        outputs.map((name) => [name, into[name] ? toTensor(into[name]) : null]),
      );
      try {
        const results = await session.run(given, fetches);
        return Object.fromEntries(outputs.map((name) => [name, into[name] ?? fromTensor(results[name]!)]));
      } catch (error) {
        throw explained(error, 'could not run the compiled model');
      }
    },
    release: () => session.release(),
  };
}

function fromTensor(t: TypedTensor<'float32'> | Tensor): HostTensor {
  return { dtype: t.type as HostTensor['dtype'], shape: t.dims, data: t.data as TensorData };
}

/** ONNX Runtime names nodes; our node names carry the layer, so that is what is passed on. */
function explained(error: unknown, what: string): SeqwrightError {
  const message = error instanceof Error ? error.message : String(error);
  const layer = /Name:'([^'#]+)/.exec(message)?.[1];
  if (/bad_alloc|out of memory|Failed to allocate/i.test(message))
    return failure(
      `${what}: memory ran out${layer ? ` in ${layer}` : ''}. Use a smaller batch, shorter sequences or a narrower model.`,
    );
  return failure(`${what}${layer ? ` (in ${layer})` : ''}: ${message}`, { cause: error });
}
