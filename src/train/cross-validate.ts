import { failure, usageError } from '../core/errors.ts';
import { hash32 } from '../core/random.ts';
import { type Dataset, subset } from '../data/dataset.ts';
import type { Split } from '../data/split/random.ts';
import { subsetTarget } from '../data/target.ts';
import type { CompileOptions } from '../runtime/compile.ts';
import { type ProgramPool, programPool } from '../runtime/program-pool.ts';
import { asPredictions, baselinePredictions } from './assess.ts';
import { placeOf } from './fit-loop.ts';
import { evaluateMetrics, type Metrics, type Predictions } from './metrics/index.ts';
import { type ModelDefinition, outputOf } from './model-spec.ts';
import { type DatasetScorer, openScorer } from './score-dataset.ts';
import { type TrainOptions, train } from './train-model.ts';

type Ignored = 'validation' | 'seed' | 'checkpoint' | 'resume' | 'checkpointSeconds' | 'onEvent';

/** How each model of a cross-validation is trained, and how many there are. */
export interface CrossValidationOptions extends Omit<TrainOptions, Ignored> {
  /** Share of each training part that chooses the epoch; 0: none, all epochs run. A test part never has a say. */
  validation?: number;
  /** Each gives one whole cross-validation over the same folds. */
  seeds?: readonly number[];
  /** Models for each fold and seed whose predictions are averaged. */
  ensemble?: number;
  /** 2: folds are shared between this thread and a worker thread (Node, from built files). It changes no number. */
  lanes?: 1 | 2;
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

/** What a cross-validation found. */
export interface CrossValidation {
  /** The records that were tested, in their order: all of them where the splits cover the dataset. */
  readonly tested: Dataset;
  readonly runs: readonly CrossValidationRun[];
  readonly seconds: number;
}

/**
 * Trains a model for every split on its training part and predicts its test part. Nothing of a test part is used before its prediction:
 * scaling and the choice of the epoch come from the training part alone.
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
    lanes = 1,
    onProgress = () => {},
    ...options
  }: CrossValidationOptions = {},
): Promise<CrossValidation> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const table = predictionTable(splits, dataset);
  const members = seeds.flatMap((seed) => memberSeeds(seed, ensemble));
  const total = members.length * splits.length;
  let done = 0;
  await inLanes(splits, lanes, async ({ train: learned, test }, { worker, pool }) => {
    const fold = { part: subset(dataset, learned), held: subset(dataset, test), members };
    const own = { ...options, validation, pool, worker: options.worker || worker };
    for await (const [m, values] of foldPredictions(definition, fold, own)) {
      table.put(`${m}`, test, values);
      onProgress({ done: ++done, total, secondsLeft: (seconds() / done) * (total - done) });
    }
  });
  const folds = splits.map(({ test }) => table.placesOf(test));
  const run = (seed: number, s: number) => {
    const own = Array.from({ length: ensemble }, (_, e) => table.predictions(`${s * ensemble + e}`));
    return seedRun(seed, own, folds);
  };
  return { tested: table.tested, runs: seeds.map(run), seconds: seconds() };
}

/** Where one of several goes on beside the others; the folds of one lane use the same programs in turn. */
interface Lane {
  readonly worker: boolean;
  readonly pool: ProgramPool;
}

/**
 * Works through the splits one after another in this thread or, with two lanes, in a worker thread beside. Waits for both, so that
 * nothing goes on behind the caller's back, and throws the first error there was; the other lane then ends after its split.
 */
async function inLanes(
  splits: readonly Split[],
  lanes: 1 | 2,
  work: (split: Split, lane: Lane) => Promise<void>,
): Promise<void> {
  const waiting = splits.values();
  const lane = async (worker: boolean) => {
    const pool = programPool();
    try {
      for (const split of waiting) await work(split, { worker, pool });
    } catch (error) {
      for (const _ of waiting);
      throw error;
    } finally {
      await pool.release();
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, (_, i) => lane(i > 0)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** Where simple baselines are fitted, and from which seed. */
export interface BaselineOptions extends CompileOptions {
  positive?: boolean;
  seed?: number;
  /** As in `crossValidate`. */
  lanes?: 1 | 2;
  signal?: AbortSignal;
}

/**
 * Out-of-fold predictions of the trivial and the simple methods, by what they are called, for the records that the splits test: what a
 * cross-validated model is to be compared with.
 */
export async function crossValidateBaselines(
  dataset: Dataset,
  splits: readonly Split[],
  { positive = false, lanes = 1, signal, ...options }: BaselineOptions = {},
): Promise<Record<string, Predictions>> {
  const table = predictionTable(splits, dataset);
  await inLanes(splits, lanes, async ({ train: learned, test }, { worker, pool }) => {
    refuseAborted(signal);
    const [part, held] = [subset(dataset, learned), subset(dataset, test)];
    const own = { ...options, signal, pool, worker: options.worker || worker };
    const simple = await baselinePredictions(outputOf(part, { positive }), part, held, own);
    for (const [name, values] of Object.entries(simple)) table.put(name, test, values);
  });
  return Object.fromEntries(table.names().map((name) => [name, table.predictions(name)]));
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw failure('interrupted in cross-validation; nothing was saved.');
}

/** The seeds of an ensemble's members; the first is the seed itself, so that a single model is the first member of any ensemble. */
export const memberSeeds = (seed: number, ensemble: number): number[] =>
  Array.from({ length: ensemble }, (_, m) => (m === 0 ? seed : hash32(`${seed}/member/${m}`)));

interface Fold {
  readonly part: Dataset;
  readonly held: Dataset;
  readonly members: readonly number[];
}

/** What each member predicts for the test part of one fold. */
async function* foldPredictions(
  definition: ModelDefinition,
  { part, held, members }: Fold,
  options: Omit<TrainOptions, 'seed'>,
): AsyncGenerator<readonly [member: number, values: Float64Array]> {
  let judge: DatasetScorer | undefined;
  try {
    for (const [m, seed] of members.entries()) {
      refuseAborted(options.signal);
      const { model } = await train(definition, part, { ...options, seed });
      judge ??= await openScorer(model.spec, held, model.weights, placeOf(options));
      yield [m, await judge.predict(model.weights)];
    }
  } finally {
    await judge?.release();
  }
}

/** Predictions of all tested records by who made them, n×k each, filled in fold by fold. */
function predictionTable(splits: readonly Split[], dataset: Dataset) {
  const places = testPlaces(splits, dataset);
  const tested = subset(dataset, [...places.keys()]);
  const tables = new Map<string, Float64Array>();
  const placesOf = (test: Int32Array) => Array.from(test, (record) => places.get(record)!);
  return {
    tested,
    placesOf,
    put(name: string, test: Int32Array, values: Float64Array) {
      const k = values.length / test.length;
      const table = tables.get(name) ?? new Float64Array(places.size * k);
      for (const [i, place] of placesOf(test).entries())
        table.set(values.subarray(i * k, (i + 1) * k), place * k);
      tables.set(name, table);
    },
    predictions: (name: string) => asPredictions(tested, tables.get(name)!),
    names: () => [...tables.keys()],
  };
}

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
