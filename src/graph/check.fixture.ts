import { randomStream } from '../core/random.ts';
import { evaluate } from './evaluate.ts';
import { grad } from './grad.ts';
import * as g from './library.ts';
import type { ExampleInput } from './op.ts';
import { type Tensor, tensor } from './tensor.ts';
import type { Value } from './value.ts';

/** A tensor for an example input, drawn from a seeded stream. */
export function exampleTensor(
  example: ExampleInput,
  seed: number,
): { value: Tensor; dtype: 'float32' | 'int32' | 'bool' } {
  const random = randomStream(seed, 'example');
  const spec = Array.isArray(example)
    ? { shape: example as readonly number[] }
    : (example as { shape: readonly number[] });
  const size = spec.shape.reduce((a, b) => a * b, 1);
  const draw = (f: () => number) => tensor(spec.shape, Float64Array.from({ length: size }, f));
  if ('below' in spec) return { dtype: 'int32', value: draw(() => random.below(spec.below as number)) };
  if ('bool' in spec) return { dtype: 'bool', value: draw(() => random.below(2)) };
  if ('positive' in spec) return { dtype: 'float32', value: draw(() => 0.5 + random.uniform()) };
  return { dtype: 'float32', value: draw(() => random.normal()) };
}

/** Σ of the outputs, each weighted by fixed random numbers, so that every element's gradient differs. */
export function weightedSum(
  outputs: readonly Value[],
  sizes: (shape: readonly (number | string)[]) => number[],
): Value {
  const terms = outputs
    .filter((v) => v.dtype === 'float32')
    .map((v, i) => {
      const shape = sizes(v.shape);
      const weights = exampleTensor(shape, 1000 + i).value;
      return g.sum(g.mul(v, g.constant(weights.data, shape)));
    });
  return g.sumOf(terms);
}

/** The largest relative difference between `grad` and central differences, both in double precision. */
export function gradientError(
  loss: Value,
  targets: readonly Value[],
  given: ReadonlyMap<Value, Tensor>,
  step = 1e-5,
): number {
  const gradients = evaluate(grad(loss, targets), given);
  let worst = 0;
  targets.forEach((target, i) => {
    const { shape, data } = given.get(target)!;
    for (let at = 0; at < data.length; at++) {
      const shifted = (by: number) => {
        const copy = Float64Array.from(data);
        copy[at]! += by;
        return evaluate([loss], new Map([...given, [target, tensor(shape, copy)]]))[0]!.data[0]!;
      };
      const numeric = (shifted(step) - shifted(-step)) / (2 * step);
      const ours = gradients[i]!.data[at]!;
      worst = Math.max(worst, Math.abs(numeric - ours) / Math.max(1, Math.abs(numeric)));
    }
  });
  return worst;
}
