import { failure, usageError } from '../core/errors.ts';
import { hash32 } from '../core/random.ts';
import { type Dataset, subset } from '../data/dataset.ts';
import type { Split } from '../data/split/random.ts';
import { subsetTarget } from '../data/target.ts';
import { asPredictions, baselinePredictions } from './assess.ts';
import { evaluateMetrics, type Metrics, type Predictions } from './metrics/index.ts';
import { type ModelDefinition, outputOf } from './model-spec.ts';
import type { RunOptions } from './options.ts';
import { type DatasetScorer, openScorer } from './score-dataset.ts';
import { type TrainOptions, train } from './train-model.ts';

type Ignored = 'validation' | 'seed' | 'checkpoint' | 'resume' | 'checkpointSeconds' | 'onEvent';

export interface CrossValidationOptions extends Omit<TrainOptions, Ignored> {
  /** Share of each training part that chooses the epoch; 0: none, all epochs run. A test part never has a say. */
  validation?: number;
  /** Each gives one whole cross-validation over the same folds. */
  seeds?: readonly number[];
  /** Models for each fold and seed whose predictions are averaged. */
  ensemble?: number;
  /** Trivial and linear methods over the same folds, beside. */
  baselines?: boolean;
  onProgress?: (progress: CrossValidationProgress) => void;
}

/** How many models of how many are trained; `secondsLeft` is a guess from those. */
export interface CrossValidationProgress {
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number;
}

/** One cross-validation with one seed. */
export interface CrossValidationRun {
  readonly seed: number;
  /** The mean of the members' predictions, each by a model that has not seen the record. */
  readonly predictions: Predictions;
  readonly metrics: Metrics;
  /** What single models predict; one entry where there is no ensemble. */
  readonly members: readonly Predictions[];
  /** Metrics of each fold, in the order of the splits. */
  readonly folds: readonly Metrics[];
}

export interface CrossValidation {
  /** The records that were tested, in their order: all of them where the splits cover the dataset. */
  readonly tested: Dataset;
  readonly runs: readonly CrossValidationRun[];
  /** Out-of-fold predictions of simple methods, by what they are called. */
  readonly baselines: Readonly<Record<string, Predictions>>;
  readonly seconds: number;
}

/**
 * Trains a model for every split on its training part and predicts its test part. Nothing of a test part is used before its prediction:
 * baselines, scaling and the choice of the epoch come from the training part alone.
 *
 * Throws a usage error where a record is in two test parts or none is tested; failures as `train` does.
 * @example
 * const { splits } = foldIndices(dataset, { folds: 10, seed: 1 });
 * const { runs } = await crossValidate({ architecture: 'cnn' }, dataset, splits, { seeds: [1, 2, 3], epochs: 20 });
 * runs.map(({ metrics }) => metrics.accuracy.value);
 */
export async function crossValidate(
  definition: ModelDefinition,
  dataset: Dataset,
  splits: readonly Split[],
  {
    validation = 0,
    seeds = [42],
    ensemble = 1,
    baselines = true,
    onProgress = () => {},
    ...options
  }: CrossValidationOptions = {},
): Promise<CrossValidation> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const places = testPlaces(splits, dataset);
  const table = predictionTable(places);
  const members = seeds.flatMap((seed) => memberSeeds(seed, ensemble));
  const total = members.length * splits.length;
  let done = 0;
  for (const { train: learned, test } of splits) {
    const [part, held] = [subset(dataset, learned), subset(dataset, test)];
    for await (const [m, values] of foldPredictions(
      definition,
      { part, held, members },
      validation,
      options,
    )) {
      table.put(m, test, values);
      onProgress({ done: ++done, total, secondsLeft: (seconds() / done) * (total - done) });
    }
    if (!baselines) continue;
    const simple = await baselinePredictions(outputOf(part, options), part, held, options);
    for (const [name, values] of Object.entries(simple)) table.put(name, test, values);
  }
  const tested = subset(dataset, [...places.keys()]);
  const predicted = (key: number | string) => asPredictions(tested, table.values(key));
  const run = (seed: number, s: number) => {
    const own = Array.from({ length: ensemble }, (_, e) => predicted(s * ensemble + e));
    return seedRun(
      seed,
      own,
      splits.map(({ test }) => [...test].map((record) => places.get(record)!)),
    );
  };
  const names = table.keys().filter((key) => typeof key === 'string');
  return {
    tested,
    runs: seeds.map(run),
    baselines: Object.fromEntries(names.map((name) => [name, predicted(name)])),
    seconds: seconds(),
  };
}

/** The seeds of an ensemble's members; the first is the seed itself, so that a single model is the first member of any ensemble. */
export const memberSeeds = (seed: number, ensemble: number): number[] =>
  Array.from({ length: ensemble }, (_, m) => (m === 0 ? seed : hash32(`${seed}/member/${m}`)));

/** What each member predicts for the test part of one fold. */
async function* foldPredictions(
  definition: ModelDefinition,
  { part, held, members }: { part: Dataset; held: Dataset; members: readonly number[] },
  validation: number,
  options: Omit<TrainOptions, Ignored>,
): AsyncGenerator<readonly [number, Float64Array]> {
  let judge: DatasetScorer | undefined;
  try {
    for (const [m, seed] of members.entries()) {
      if (options.signal?.aborted) throw failure('interrupted in cross-validation; nothing was saved.');
      const { model } = await train(definition, part, { ...options, validation, seed });
      judge ??= await openScorer(model.spec, held, model.weights, compileOptions(options));
      yield [m, await judge.predict(model.weights)];
    }
  } finally {
    await judge?.release();
  }
}

const compileOptions = ({ device = 'auto', threads = 1, worker = false }: RunOptions) => ({
  device,
  threads,
  worker,
});

/** Where each tested record stands among the tested ones, by its index in the dataset; in the order of the dataset. */
function testPlaces(splits: readonly Split[], { records }: Dataset): Map<number, number> {
  const seen = new Set<number>();
  for (const { test } of splits)
    for (const record of test) {
      if (seen.has(record))
        throw usageError(
          `cross-validation: record "${records[record]?.id}" is in two test parts; each record is tested once at most.`,
        );
      seen.add(record);
    }
  if (seen.size === 0) throw usageError('cross-validation: no split has a record to test.');
  return new Map([...seen].sort((a, b) => a - b).map((record, place) => [record, place]));
}

/** Predictions of all tested records by who made them, n×k each, filled in fold by fold. */
function predictionTable(places: ReadonlyMap<number, number>) {
  const tables = new Map<number | string, Float64Array>();
  return {
    put(key: number | string, test: Int32Array, values: Float64Array) {
      const k = values.length / test.length;
      const table = tables.get(key) ?? new Float64Array(places.size * k);
      test.forEach((record, i) => {
        table.set(values.subarray(i * k, (i + 1) * k), places.get(record)! * k);
      });
      tables.set(key, table);
    },
    values: (key: number | string) => tables.get(key)!,
    keys: () => [...tables.keys()],
  };
}

function seedRun(
  seed: number,
  members: readonly Predictions[],
  folds: readonly (readonly number[])[],
): CrossValidationRun {
  const first = members[0]!;
  const values = first.values.map(
    (_, i) => members.reduce((sum, member) => sum + member.values[i]!, 0) / members.length,
  );
  const predictions = { ...first, values };
  const metricsOf = (some: Predictions) => evaluateMetrics(some, { resamples: 0 });
  return {
    seed,
    predictions,
    metrics: metricsOf(predictions),
    members,
    folds: folds.map((fold) => metricsOf(pickPredictions(predictions, fold))),
  };
}

/** The predictions of some of the records. */
function pickPredictions(
  { ids, target, values, groups }: Predictions,
  picked: readonly number[],
): Predictions {
  const k = values.length / ids.length;
  return {
    ids: picked.map((i) => ids[i]!),
    target: subsetTarget(target, picked),
    values: Float64Array.from(picked.flatMap((i) => [...values.subarray(i * k, (i + 1) * k)])),
    ...(groups && { groups: picked.map((i) => groups[i]!) }),
  };
}
