import type { Value } from '../graph/value.ts';
import type { Context } from '../nn/context.ts';
import { type AnyModule, bind, initialize, type Module } from '../nn/module.ts';
import type { HostTensor } from '../runtime/backend.ts';
import { type FitResult, fitJob } from '../train/fit-loop.ts';
import { type FitOptions, fitOptions, type RunOptions } from '../train/options.ts';
import type { Weights } from '../train/start.ts';
import { stepProgram } from '../train/step-program.ts';

/** Inputs of a step, by name. */
export type Feeds = Record<string, HostTensor>;

/** Something to be learned whose shape no task of `train` has: any module, any inputs, any loss. */
export interface Lesson<A extends unknown[], R> {
  readonly root: Module<A, R>;
  readonly inputs: Readonly<Record<string, Value>>;
  /** The loss, given the module bound to the weights that are trained. */
  loss(model: (...inputs: A) => R, context: Context): Value;
  /** The batches of an epoch, counted from 1. */
  batches(epoch: number): readonly Feeds[];
  /** First weights; those that the seed decides by default. */
  readonly initial?: Weights;
  readonly validate?: (weights: Weights) => Promise<number>;
}

/**
 * Fits a lesson; the same options and seed give the same weights.
 * @example await learn({ root, inputs: { x, y }, loss: (model) => meanSquaredError(model(x), y), batches }, { epochs: 20, rate: 1e-2 })
 */
export async function learn<A extends unknown[], R>(
  { root, inputs, loss, batches, initial, validate }: Lesson<A, R>,
  given: Partial<FitOptions>,
  run: RunOptions = {},
): Promise<FitResult> {
  const options = fitOptions(given);
  const step = stepProgram(
    { inputs, loss: (values, context) => loss(bind(root, values, context), context) },
    initial ?? initialize(root as unknown as AnyModule, options.seed),
    options,
  );
  return fitJob(
    {
      step,
      options,
      plan: batches,
      feed: (feeds) => feeds,
      count: () => 1,
      ...(validate && { validate }),
      // Recipes run to their end or not at all.
      fingerprint: '',
    },
    run,
  );
}

export const floats = (shape: readonly number[], data: ArrayLike<number>): HostTensor => ({
  dtype: 'float32',
  shape,
  data: data instanceof Float32Array ? data : Float32Array.from(data),
});

export const whole = (shape: readonly number[], data: ArrayLike<number>): HostTensor => ({
  dtype: 'int32',
  shape,
  data: data instanceof Int32Array ? data : Int32Array.from(data),
});
