import { exampleTensor, weightedSum } from '../graph/check.fixture.ts';
import { evaluate } from '../graph/evaluate.ts';
import { grad } from '../graph/grad.ts';
import { input } from '../graph/library.ts';
import { arrayOf, type Tensor, tensor } from '../graph/tensor.ts';
import type { DType, Value } from '../graph/value.ts';
import { compile } from '../runtime/compile.ts';
import { type Context, inferenceContext } from './context.ts';
import { type AnyModule, bind, initialize, type Module } from './module.ts';

/** A traced computation's inputs and the numbers that they have in a test. */
export type Given = Map<Value, Tensor>;

/** A float input of normal numbers, known to `given`. */
export function drawn(given: Given, shape: readonly number[], seed: number, name = `x${seed}`): Value {
  const value = input(name, shape);
  given.set(value, exampleTensor(shape, seed).value);
  return value;
}

/** An input of given numbers; `dims` may name its dimensions. */
export function known(
  given: Given,
  shape: readonly number[],
  data: readonly number[],
  { name = `k${given.size}`, dtype = 'int32' as DType, dims = shape as readonly (number | string)[] } = {},
): Value {
  const value = input(name, dims, dtype);
  given.set(value, tensor(shape, Float64Array.from(data)));
  return value;
}

/** A module bound to its first values, each parameter an input of `given`; biases are moved off zero so that they are tested too. */
export function bound<A extends unknown[], R>(
  layer: Module<A, R>,
  given: Given,
  { seed = 1, context = inferenceContext() as Context, jitter = 0.1 } = {},
): { model: (...inputs: A) => R; parameters: Map<string, Value> } {
  const parameters = new Map<string, Value>();
  const weights = initialize(layer as unknown as AnyModule, seed);
  let count = 0;
  const model = bind(
    layer,
    (path, { shape }) => {
      const value = input(path, shape);
      const noise = exampleTensor(shape, 7000 + 31 * seed + count++).value.data;
      given.set(
        value,
        tensor(
          shape,
          Float64Array.from(weights.get(path)!, (w, i) => w + jitter * noise[i]!),
        ),
      );
      parameters.set(path, value);
      return value;
    },
    context,
  );
  return { model, parameters };
}

const whole = (shape: readonly (number | string)[]) => shape as number[];
/** Σ outputs times fixed random numbers: a loss to differentiate. Shapes must be numbers. */
export const lossOf = (...outputs: Value[]): Value => weightedSum(outputs, whole);

/** The largest difference between two lists of tensors, relative to numbers above 1; infinite where a number is missing. */
export function largestDifference(a: readonly Tensor[], b: readonly Tensor[]): number {
  let worst = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  a.forEach((t, i) => {
    const other = b[i]!;
    if (t.shape.join() !== other.shape.join()) worst = Number.POSITIVE_INFINITY;
    t.data.forEach((x, k) => {
      const off = Math.abs(x - other.data[k]!) / Math.max(1, Math.abs(x));
      if (!(off <= worst)) worst = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
    });
  });
  return worst;
}

/** How far two ways of computing a value differ, in value and in gradient with respect to `targets`. */
export function disagreement(a: Value, b: Value, targets: readonly Value[], given: Given): number {
  const all = (v: Value) => [v, ...grad(lossOf(v), targets)];
  return largestDifference(evaluate(all(a), given), evaluate(all(b), given));
}

/** The largest difference between ONNX Runtime (float32) and the reference evaluator, relative to the largest number of each output (or 0.1). */
export async function runtimeError(outputs: readonly Value[], given: Given): Promise<number> {
  const named = (values: Iterable<Value>, prefix: string) =>
    Object.fromEntries([...values].map((v, i) => [`${prefix}${i}`, v]));
  const inputs = named(given.keys(), 'in');
  const program = await compile({ inputs, outputs: named(outputs, 'out') }, { device: 'cpu' });
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, v]) => {
      const t = given.get(v)!;
      return [name, { dtype: v.dtype, shape: t.shape, data: arrayOf[v.dtype].from(t.data) }];
    }),
  );
  const results = await program.run(feeds);
  await program.release();
  let worst = 0;
  evaluate(outputs, given).forEach((t, i) => {
    const result = results[`out${i}`]!;
    if (result.shape.join() !== t.shape.join()) worst = Number.POSITIVE_INFINITY;
    const scale = t.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0.1);
    t.data.forEach((x, k) => {
      const off = Math.abs(x - Number(result.data[k])) / scale;
      if (!(off <= worst)) worst = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
    });
  });
  return worst;
}

/**
 * As `gradientError`, along a few random directions through all targets at once instead of number by number: for networks of
 * many parameters. A wrong number anywhere shows, since every direction moves every number.
 */
export function directionError(loss: Value, targets: readonly Value[], given: Given, step = 1e-5): number {
  const gradients = evaluate(grad(loss, targets), given);
  let worst = 0;
  for (let direction = 0; direction < 3; direction++) {
    const ways = targets.map(
      (v, i) => exampleTensor(given.get(v)!.shape, 900 + 100 * direction + i).value.data,
    );
    const moved = (by: number) => {
      const now: Given = new Map(given);
      targets.forEach((v, i) => {
        const { shape, data } = given.get(v)!;
        now.set(
          v,
          tensor(
            shape,
            data.map((x, k) => x + by * ways[i]![k]!),
          ),
        );
      });
      return evaluate([loss], now)[0]!.data[0]!;
    };
    const numeric = (moved(step) - moved(-step)) / (2 * step);
    const ours = gradients.reduce(
      (sum, { data }, i) => sum + data.reduce((s, d, k) => s + d * ways[i]![k]!, 0),
      0,
    );
    const off = Math.abs(numeric - ours) / Math.max(1, Math.abs(numeric));
    if (!(off <= worst)) worst = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
  }
  return worst;
}
