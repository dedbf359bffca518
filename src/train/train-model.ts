import { dataError } from '../core/errors.ts';
import { type Dataset, subset } from '../data/dataset.ts';
import { splitIndices } from '../data/split/split.ts';
import type { Model } from '../models/model.ts';
import { fitModel } from './fit.ts';
import type { FitResult } from './fit-loop.ts';
import { type ModelDefinition, modelSpec } from './model-spec.ts';
import { type FitOptions, fitOptions, type RunOptions } from './options.ts';
import type { Starting } from './start.ts';

/** How a model is fitted, what chooses its epoch, and where it runs. */
export interface TrainOptions extends Partial<FitOptions>, RunOptions, Starting {
  /** Share of the data held back to choose the epoch, or a dataset for it; 0: none, all epochs run. */
  validation?: number | Dataset;
  /** Values are rates: predictions are never negative. */
  positive?: boolean;
}

/** A trained model, and how its training went. */
export interface TrainedModel {
  readonly model: Model;
  readonly fit: FitResult;
  /** The complete options of the run, as they stand in the model's manifest. */
  readonly options: FitOptions;
  /** Ids of the records that chose the epoch; empty where validation data were given or none were used. */
  readonly validationIds: string[];
}

/**
 * Trains a model on labelled data: fits, keeps the epoch with the lowest loss on validation data, and returns the model ready to be saved.
 * The model is a named architecture, `{ architecture, config }`, or a network of your own, `{ network }` (see `CustomNetwork`).
 *
 * @example
 * const { model } = await train({ architecture: 'cnn-bilstm' }, dataset, { epochs: 20, seed: 1 });
 * await saveModel('mine.model', model);
 */
export async function train(
  definition: ModelDefinition,
  dataset: Dataset,
  { validation = 0.1, positive = false, start, ...given }: TrainOptions = {},
): Promise<TrainedModel> {
  const {
    device,
    threads,
    worker,
    pool,
    checkpoint,
    resume,
    checkpointSeconds,
    onEvent,
    signal,
    ...fitting
  } = given;
  const run = { device, threads, worker, pool, checkpoint, resume, checkpointSeconds, onEvent, signal };
  const options = fitOptions(fitting);
  const spec = modelSpec(dataset, definition, { positive });
  const { fitted, held, validationIds } = holdBack(dataset, validation, options.seed);
  refuseOneClass(fitted);
  const result = await fitModel(spec, fitted, held, { ...options, ...(start && { start }) }, present(run));
  const training = {
    options,
    epochs: result.history.length,
    bestEpoch: result.bestEpoch,
    steps: result.steps,
    records: fitted.records.length,
    validationRecords: held?.records.length ?? 0,
    sources: dataset.sources,
  };
  return {
    model: { spec, weights: result.weights, training: JSON.parse(JSON.stringify(training)) },
    fit: result,
    options,
    validationIds,
  };
}

/** A split may leave training with one class where there were several. */
function refuseOneClass({ target, records }: Dataset): void {
  if (target?.kind !== 'classes') return;
  const [first] = target.truth;
  if (target.truth.some((c) => c !== first)) return;
  const all =
    records.length === 1 ? 'the one training record has' : `all ${records.length} training records have`;
  throw dataError(
    `${all} the class "${target.classes[first!]}"; training needs at least two classes. Add records, or hold fewer back for test and validation.`,
  );
}

const present = (run: object): RunOptions =>
  Object.fromEntries(Object.entries(run).filter(([, value]) => value !== undefined)) as RunOptions;

/** Fewer records than this are not worth splitting: the validation loss would be noise. */
const fewest = 20;

function holdBack(dataset: Dataset, validation: number | Dataset, seed: number) {
  if (typeof validation !== 'number') return { fitted: dataset, held: validation, validationIds: [] };
  if (validation === 0 || dataset.records.length < fewest)
    return { fitted: dataset, held: undefined, validationIds: [] };
  const { indices } = splitIndices(dataset, { test: validation, seed });
  const held = subset(dataset, indices.test);
  return { fitted: subset(dataset, indices.train), held, validationIds: held.records.map((r) => r.id) };
}
