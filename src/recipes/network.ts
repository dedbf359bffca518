import { input } from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { type Context, inferenceContext } from '../nn/context.ts';
import { bind, type Module } from '../nn/module.ts';
import type { TensorData } from '../runtime/backend.ts';

/**
 * Connects a module with known weights (by path, as `initialize` gives them): the function that builds its graph, and the weights as
 * `compile` and `exportOnnx` take them.
 * @example
 * const { model, constants } = withWeights(net, weights);
 * const program = await compile({ inputs: { x }, outputs: { y: model(x) }, constants });
 */
export function withWeights<A extends unknown[], R>(
  root: Module<A, R>,
  weights: ReadonlyMap<string, Float32Array>,
  context: Context = inferenceContext(),
): { model: (...inputs: A) => R; constants: Map<Value, TensorData> } {
  const constants = new Map<Value, TensorData>();
  const model = bind(
    root,
    (path, { shape }) => {
      const value = input(path, shape);
      constants.set(value, weights.get(path)!);
      return value;
    },
    context,
  );
  return { model, constants };
}
