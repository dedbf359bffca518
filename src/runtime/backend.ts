import type { DType } from '../graph/value.ts';

export type TensorData = Float32Array | Int32Array | Uint8Array;

/** A tensor as it crosses the border of the runtime: row-major, booleans as bytes. */
export interface HostTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** One loaded ONNX model. */
export interface BackendSession {
  /**
   * Runs it once. `into`: buffers that may be written for some outputs; use the tensors returned. A buffer must never be both read and written in one run, because ONNX
   * Runtime does not execute nodes in list order.
   */
  run(
    feeds: Readonly<Record<string, HostTensor>>,
    outputs: readonly string[],
    into: Readonly<Record<string, HostTensor>>,
  ): Promise<Record<string, HostTensor>>;
  release(): Promise<void>;
}

/** A way to execute ONNX models. */
export interface Backend {
  readonly name: string;
  /** `optimize`: take longer to open in order to run faster; of use where weights are constants. */
  open(model: Uint8Array, options: { threads: number; optimize?: boolean }): Promise<BackendSession>;
}
