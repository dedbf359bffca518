import type { Dataset } from '../data/dataset.ts';
import type { DropoutPasses } from '../models/dropout-passes.ts';
import type { Model } from '../models/model.ts';
import { openPredictor } from '../models/predict.ts';
import { outputCount } from '../models/spec.ts';
import type { CompileOptions } from '../runtime/compile.ts';

/** How often and from which seed dropout is drawn, and where it runs. */
export interface DropoutOptions extends CompileOptions, DropoutPasses {}

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
  model: Pick<Model, 'spec' | 'weights'>,
  { records }: Dataset,
  { passes, seed, ...where }: DropoutOptions = {},
): Promise<DropoutPredictions> {
  const k = outputCount(model.spec.output);
  const values = new Float64Array(records.length * k);
  const deviation = new Float64Array(records.length * k);
  const predictor = await openPredictor(model, { batchSize: 256, dropout: { passes, seed }, ...where });
  try {
    let at = 0;
    for await (const prediction of predictor.predict(records)) {
      values.set(prediction.values, at);
      deviation.set(prediction.deviation!, at);
      at += k;
    }
  } finally {
    await predictor.close();
  }
  return { values, deviation };
}
