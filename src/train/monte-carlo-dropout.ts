import { usageError } from '../core/errors.ts';
import { planBatches } from '../data/batch.ts';
import type { Dataset } from '../data/dataset.ts';
import * as g from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import type { Model } from '../models/model.ts';
import { buildNetwork, networkInputs, predictionValues } from '../models/network.ts';
import { outputCount } from '../models/spec.ts';
import { dropoutContext } from '../nn/context.ts';
import { type CompileOptions, compile } from '../runtime/compile.ts';
import { batchFeeder } from './batch-feed.ts';

/** How often and from which seed dropout is drawn, and where it runs. */
export interface DropoutOptions extends CompileOptions {
  /** How many networks are drawn. */
  passes?: number;
  seed?: number;
}

/** What the drawn networks say, n×k row-major in the order of the records. */
export interface DropoutPredictions {
  /** Their mean: class probabilities, or values in the user's units. */
  readonly values: Float64Array;
  /** Their standard deviation: how much they disagree. 0 where the model has no dropout. */
  readonly deviation: Float64Array;
}

/**
 * Monte-Carlo dropout (Gal and Ghahramani 2016): predicts `passes` times with dropout on, each time with masks of its own for every record,
 * and returns mean and standard deviation. The same seed gives the same numbers. Throws a usage error unless `passes` is a whole number of at
 * least 1.
 * @example const { values } = await predictWithDropout(model, test, { passes: 50, seed: 1 });
 */
export async function predictWithDropout(
  { spec, weights }: Pick<Model, 'spec' | 'weights'>,
  dataset: Dataset,
  { passes = 50, seed = 42, ...where }: DropoutOptions = {},
): Promise<DropoutPredictions> {
  if (!Number.isSafeInteger(passes) || passes < 1)
    throw usageError(`passes: expected a whole number of at least 1, received ${passes}.`);
  const random = { seed: g.input('seed', [], 'int32'), step: g.input('step', [], 'int32') };
  const inputs = networkInputs(spec);
  const constants = new Map<Value, Float32Array>();
  const held = (path: string, { shape }: { shape: readonly number[] }) => {
    const value = g.input(path, shape);
    constants.set(value, weights.get(path)!);
    return value;
  };
  const { logits } = buildNetwork(spec, inputs, held, dropoutContext(random));
  const predictions = predictionValues(spec.output, logits);
  const program = await compile(
    { inputs: { ...inputs, ...random }, outputs: { predictions }, constants },
    where,
  );
  try {
    const { lengths, feed } = batchFeeder(dataset, spec);
    const plan = planBatches(lengths, { batchSize: 256, maxTokens: 65_536, shuffle: false });
    const k = outputCount(spec.output);
    const sums = running(lengths.length * k);
    for (const [b, indices] of plan.entries()) {
      const { target: _target, weight: _weight, ...feeds } = feed(indices);
      for (let pass = 0; pass < passes; pass++) {
        const step = pass * plan.length + b;
        const { data } = (await program.run({ ...feeds, seed: seed | 0, step })).predictions!;
        indices.forEach((record, row) => {
          for (let c = 0; c < k; c++) sums.add(record * k + c, data[row * k + c]!, pass + 1);
        });
      }
    }
    return sums.result(passes);
  } finally {
    await program.release();
  }
}

/** Means and deviations number by number (Welford 1962). */
function running(size: number) {
  const values = new Float64Array(size);
  const squares = new Float64Array(size);
  return {
    add(i: number, x: number, count: number) {
      const off = x - values[i]!;
      values[i]! += off / count;
      squares[i]! += off * (x - values[i]!);
    },
    result: (count: number): DropoutPredictions => ({
      values,
      deviation: squares.map((sum) => Math.sqrt(sum / count)),
    }),
  };
}
