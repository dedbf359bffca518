import type { Value } from '../../graph/value.ts';
import type { HostTensor } from '../../runtime/backend.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import type { StateSpec } from '../../runtime/program.ts';
import { frameGraph, windowGraph } from './graph.ts';
import { type ForecasterSpec, outputWidth } from './spec.ts';

type Weights = ReadonlyMap<string, Float32Array>;

/** A window of `context` steps in units of the training data, row-major [context, targets]; 0 in `seen` where nothing was observed. */
export interface Window {
  readonly values: Float32Array;
  readonly seen: Float32Array;
  /** Row-major [context + horizon, covariates], scaled. */
  readonly covariates?: Float32Array;
}

/** Forecasts of windows, many at once. */
export interface WindowRunner {
  /**
   * In units of the training data, for each window row-major [horizon, targets, width]: the quantiles, or mean and deviation
   * (see `outputWidth`). Which windows share a batch changes nothing beyond float32's last digits.
   */
  run(windows: readonly Window[]): Promise<Float32Array[]>;
  /** Other weights from now on. */
  load(weights: Weights): Promise<void>;
  close(): Promise<void>;
}

const windowsAtOnce = 256;

const stateOf = (values: ReadonlyMap<string, Value>, weights: Weights): Record<string, StateSpec> =>
  Object.fromEntries([...values].map(([path, value]) => [path, { value, initial: weights.get(path)! }]));

/** Compiles the forecasts of windows; `close` frees the memory of the runtime. */
export async function openWindowRunner(
  spec: ForecasterSpec,
  weights: Weights,
  where: CompileOptions = {},
): Promise<WindowRunner> {
  const { inputs, outputs, weights: values } = windowGraph(spec);
  const program = await compile({ inputs, outputs, state: stateOf(values, weights) }, where);
  const { context, horizon, targets } = spec;
  const size = context * targets.length;
  const width = outputWidth(spec.output);
  const answer = horizon * targets.length * width;
  const runBatch = async (batch: readonly Window[]): Promise<Float32Array[]> => {
    const [data, seen] = [new Float32Array(batch.length * size), new Float32Array(batch.length * size)];
    batch.forEach((window, b) => {
      data.set(window.values, b * size);
      seen.set(window.seen, b * size);
    });
    const shape = [batch.length, context, targets.length];
    const found = await program.run({
      values: { dtype: 'float32', shape, data },
      seen: { dtype: 'float32', shape, data: seen },
      ...(spec.covariates && { covariates: covariatesOf(batch, spec) }),
    });
    return batch.map((_, b) => {
      if (found.quantiles) return (found.quantiles.data as Float32Array).slice(b * answer, (b + 1) * answer);
      const own = new Float32Array(answer);
      for (let i = 0; i < answer / 2; i++) {
        own[2 * i] = found.mean!.data[(b * answer) / 2 + i]!;
        own[2 * i + 1] = found.deviation!.data[(b * answer) / 2 + i]!;
      }
      return own;
    });
  };
  return {
    async run(windows) {
      const found: Float32Array[] = [];
      for (let at = 0; at < windows.length; at += windowsAtOnce)
        found.push(...(await runBatch(windows.slice(at, at + windowsAtOnce))));
      return found;
    },
    load: (next) => program.load(Object.fromEntries(next)),
    close: () => program.release(),
  };
}

function covariatesOf(
  batch: readonly Window[],
  { context, horizon, covariates }: ForecasterSpec,
): HostTensor {
  const shape = [batch.length, context + horizon, covariates!.names.length];
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  batch.forEach((window, b) => {
    data.set(window.covariates!, (b * data.length) / batch.length);
  });
  return { dtype: 'float32', shape, data };
}

/** Forecasts of binary targets, one step ahead, at every step. */
export interface FrameRunner {
  /**
   * Logits of the frame that follows each place: rows of 0 and 1, row-major [time, targets], of one length or of several, each beginning
   * with the frame that was before (zeros at the beginning of a series).
   */
  run(rows: readonly Float32Array[]): Promise<Float32Array[]>;
  load(weights: Weights): Promise<void>;
  close(): Promise<void>;
}

const framesAtOnce = 2 ** 14;

/** Compiles the forecasts of binary targets; `close` frees the memory of the runtime. */
export async function openFrameRunner(
  spec: ForecasterSpec,
  weights: Weights,
  where: CompileOptions = {},
): Promise<FrameRunner> {
  const { inputs, outputs, weights: values } = frameGraph(spec);
  const program = await compile({ inputs, outputs, state: stateOf(values, weights) }, where);
  const width = spec.targets.length;
  return {
    async run(rows) {
      const found: Float32Array[] = new Array(rows.length);
      const order = rows.map((_, i) => i).sort((a, b) => rows[a]!.length - rows[b]!.length);
      for (let at = 0; at < order.length; ) {
        let to = at + 1;
        const padded = (n: number) => ((n - at) * rows[order[n - 1]!]!.length) / width;
        while (to < order.length && padded(to + 1) <= framesAtOnce) to++;
        const batch = order.slice(at, to);
        const time = rows[batch[batch.length - 1]!]!.length / width;
        const data = new Float32Array(batch.length * time * width);
        batch.forEach((i, b) => {
          data.set(rows[i]!, b * time * width);
        });
        const { logits } = await program.run({
          frames: { dtype: 'float32', shape: [batch.length, time, width], data },
        });
        batch.forEach((i, b) => {
          const from = b * time * width;
          found[i] = (logits!.data as Float32Array).slice(from, from + rows[i]!.length);
        });
        at = to;
      }
      return found;
    },
    load: (next) => program.load(Object.fromEntries(next)),
    close: () => program.release(),
  };
}
