import { planBatches } from '../data/batch.ts';
import type { Dataset } from '../data/dataset.ts';
import { subsetTarget, type Target } from '../data/target.ts';
import { inferenceGraph } from '../models/network.ts';
import { type ModelSpec, type OutputSpec, outputCount } from '../models/spec.ts';
import { type CompileOptions, compile } from '../runtime/compile.ts';
import type { StateSpec } from '../runtime/program.ts';
import { batchFeeder } from './batch-feed.ts';
import { subgroupsOf } from './group-dro.ts';

/** Predicts a dataset that is encoded once, with whatever weights are at hand. */
export interface DatasetScorer {
  /** Predictions in the user's units, n×k row-major, in the order of the records. */
  predict(weights?: ReadonlyMap<string, Float32Array>): Promise<Float64Array>;
  release(): Promise<void>;
}

/** Compiles the prediction of a labelled dataset; `release` frees the memory of the runtime. */
export async function openScorer(
  spec: ModelSpec,
  dataset: Dataset,
  weights: ReadonlyMap<string, Float32Array>,
  where: CompileOptions,
): Promise<DatasetScorer> {
  const { inputs, outputs, weights: values } = inferenceGraph(spec);
  const state = Object.fromEntries(
    [...values].map(([path, value]): [string, StateSpec] => [path, { value, initial: weights.get(path)! }]),
  );
  const program = await compile({ inputs, outputs: { predictions: outputs.predictions }, state }, where);
  const { lengths, feed } = batchFeeder(dataset, spec);
  const plan = planBatches(lengths, { batchSize: 64, maxTokens: 262_144, shuffle: false });
  const k = outputCount(spec.output);
  return {
    async predict(next) {
      if (next) await program.load(Object.fromEntries(next));
      const values = new Float64Array(lengths.length * k);
      for (const indices of plan) {
        const { target: _target, weight: _weight, ...feeds } = feed(indices);
        const { predictions } = await program.run(feeds);
        indices.forEach((record, b) => {
          values.set(predictions!.data.subarray(b * k, (b + 1) * k), record * k);
        });
      }
      return values;
    },
    release: () => program.release(),
  };
}

/**
 * The loss that decides which epoch is kept: mean −log p of the true class, mean binary cross-entropy of labels, or mean squared error in
 * units of the training deviation. Weights and smoothing play no part in it.
 */
export function validationLoss(output: OutputSpec, target: Target, predicted: Float64Array): number {
  const k = outputCount(output);
  const least = 1e-12;
  let total = 0;
  if (target.kind === 'classes') {
    target.truth.forEach((c, i) => {
      total -= Math.log(Math.max(predicted[i * k + c]!, least));
    });
    return total / target.truth.length;
  }
  target.truth.forEach((y, i) => {
    const p = predicted[i]!;
    if (output.kind === 'values') total += ((y - p) / output.deviation[i % k]!) ** 2;
    else total -= Math.log(Math.max(y ? p : 1 - p, least));
  });
  return total / target.truth.length;
}

/** The largest validation loss of any subgroup of a dataset; of all records where they have no subgroups. */
export function worstSubgroupLoss(
  output: OutputSpec,
  { records, target }: Dataset,
  predicted: Float64Array,
): number {
  const groups = subgroupsOf(records);
  if (!groups) return validationLoss(output, target!, predicted);
  const k = outputCount(output);
  const losses = groups.names.map((_, g) => {
    const indices = Int32Array.from(records, (_, i) => i).filter((i) => groups.of[i] === g);
    return validationLoss(output, subsetTarget(target!, indices), rowsOf(predicted, k, indices));
  });
  return Math.max(...losses);
}

/** Some rows of an n×k table, in the given order. */
export function rowsOf(table: Float64Array, k: number, indices: Int32Array): Float64Array {
  const rows = new Float64Array(indices.length * k);
  indices.forEach((row, i) => {
    rows.set(table.subarray(row * k, (row + 1) * k), i * k);
  });
  return rows;
}
