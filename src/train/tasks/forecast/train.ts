import { hash32, randomStream } from '../../../core/random.ts';
import { planBatches } from '../../../data/batch.ts';
import { forecasterNetwork } from '../../../models/forecaster/graph.ts';
import { openFrameRunner, openWindowRunner } from '../../../models/forecaster/runner.ts';
import { type ForecasterSpec, outputWidth } from '../../../models/forecaster/spec.ts';
import type { Model } from '../../../models/model.ts';
import { initialize } from '../../../nn/module.ts';
import { fingerprintOf } from '../../checkpoint.ts';
import { type FitJob, type FitResult, fitJob, placeOf } from '../../fit-loop.ts';
import { type FitOptions, fitOptions, type RunOptions } from '../../options.ts';
import { type Starting, startWeights, weightsText } from '../../start.ts';
import { type StepProgram, stepProgram } from '../../step-program.ts';
import { type ForecasterDefinition, forecasterSpec, requireTargets } from './definition.ts';
import { frameLogits, frameNats, requireFrames, trainingPieces } from './frames.ts';
import { type FramePiece, frameFeed, frameLoss, knownCount, windowFeed, windowLoss } from './loss.ts';
import { type Scaling, type SeriesPart, scaledCovariates, scaledValues, stepTotal } from './series.ts';
import { covariatesAround, forecastOrigins, type Origin, windowBefore } from './windows.ts';

/** How a forecaster is fitted, what chooses its epoch, and where it runs. */
export interface ForecasterTrainOptions extends Partial<FitOptions>, RunOptions, Starting {
  /** Later steps, or other series, that choose the epoch; without them all epochs run. */
  validation?: SeriesPart | undefined;
}

/** A trained forecaster, and how its training went. */
export interface TrainedForecaster {
  readonly model: Model<ForecasterSpec>;
  readonly fit: FitResult;
  readonly options: FitOptions;
  /** Places that were forecast from in an epoch, or frames of binary targets. */
  readonly examples: number;
}

/** An epoch goes through so many places to forecast from; of more, each epoch takes others. */
const mostAnEpoch = 2 ** 15;
/** Places that validation looks at. */
const mostJudged = 2 ** 12;

/**
 * Trains a forecaster of the next steps of time series: all steps of the horizon at once (direct forecasts), as quantiles that never cross or
 * as normal distributions; or of binary targets one step ahead. Scaling is fitted to the training part alone. Losses of the history are in
 * units of the training data, and in nats per frame for binary targets.
 *
 * Throws a usage error for an architecture or an option that there is not, a data error for series that are too short or never change.
 * @example
 * const part = wholePart(await readTimeSeries('sales.csv', { targets: ['units'], time: 'day' }));
 * const { rest, held } = holdBackTime(part, { share: 0.2, horizon: 7 });
 * const { model } = await trainForecaster(rest, { architecture: 'lstm', horizon: 7, season: 7 }, { validation: held });
 */
export async function trainForecaster(
  train: SeriesPart,
  definition: ForecasterDefinition,
  { validation, start, ...given }: ForecasterTrainOptions = {},
): Promise<TrainedForecaster> {
  const {
    device,
    threads,
    worker,
    checkpoint,
    resume,
    checkpointSeconds,
    onEvent,
    signal,
    pool,
    ...fitting
  } = given;
  const options = fitOptions(fitting);
  const spec = forecasterSpec(train, definition);
  if (validation) requireTargets(spec, validation.data);
  const run = { device, threads, worker, checkpoint, resume, checkpointSeconds, onEvent, signal, pool };
  const present = Object.fromEntries(Object.entries(run).filter(([, value]) => value !== undefined));
  const initial = startWeights(initialize(forecasterNetwork(spec), options.seed), start);
  const setting = { spec, train, validation, options, initial, run: present as RunOptions };
  const fingerprint = fingerprintOf(
    {
      ...{ spec, options },
      ...(start && { start: weightsText(initial) }),
      data: [train, validation].map((part) => part && partText(part)),
    },
    [],
  );
  const { fit, examples } =
    spec.output.kind === 'binary'
      ? await fitFrames(setting, fingerprint)
      : await fitWindows(setting, fingerprint);
  const training = {
    task: 'forecast',
    options,
    epochs: fit.history.length,
    bestEpoch: fit.bestEpoch,
    steps: fit.steps,
    series: train.spans.length,
    seriesSteps: stepTotal(train),
    examples,
    sources: train.data.sources,
  };
  return {
    model: { spec, weights: fit.weights, training: JSON.parse(JSON.stringify(training)) },
    ...{ fit, options, examples },
  };
}

/** Differs where the data do. */
const partText = ({ data, spans }: SeriesPart) => [
  spans.map(({ series, from, to }) => `${series} ${from} ${to}`).join(),
  data.series.map(({ values, covariates }) =>
    hash32(values.join() + (covariates ? `;${covariates.join()}` : '')),
  ),
];

interface Setting {
  readonly spec: ForecasterSpec;
  readonly train: SeriesPart;
  readonly validation: SeriesPart | undefined;
  readonly options: FitOptions;
  readonly initial: Map<string, Float32Array>;
  readonly run: RunOptions;
}

async function fitWindows(
  { spec, train, validation, options, initial, run }: Setting,
  fingerprint: string,
): Promise<{ fit: FitResult; examples: number }> {
  const scaling: Scaling = spec;
  const scaled = scaledValues(train.data, scaling);
  const beside = spec.covariates && scaledCovariates(train.data, spec.covariates);
  const besideTruth = validation && spec.covariates && scaledCovariates(validation.data, spec.covariates);
  const origins = forecastOrigins(train, spec);
  const judged = validation && forecastOrigins(validation, spec, { most: mostJudged });
  const truth = validation && scaledValues(validation.data, scaling);
  const step: StepProgram = stepProgram(windowLoss(spec), initial, options);
  const judge = judged && (await openWindowRunner(spec, initial, placeOf(run)));
  const { batchSize, maxTokens, seed } = options;
  const job: FitJob<readonly Origin[]> = {
    ...{ step, options, fingerprint },
    plan(epoch) {
      const all = origins.length <= mostAnEpoch ? origins : drawn(origins, mostAnEpoch, seed, epoch);
      const lengths = new Int32Array(all.length).fill(spec.context);
      return planBatches(lengths, { batchSize, maxTokens, seed, epoch }).map((indices) =>
        Array.from(indices, (i) => all[i]!),
      );
    },
    feed: (batch) => windowFeed(scaled, batch, spec, beside),
    count: (batch) => knownCount(scaled, batch, spec),
    validate:
      judge &&
      (async (weights) => {
        await judge.load(weights);
        const width = spec.targets.length;
        const windows = judged!.map(({ series, origin }) => ({
          ...windowBefore(truth![series]!, origin, { context: spec.context, width }),
          ...(besideTruth && { covariates: aroundOf(spec, besideTruth[series]!, origin) }),
        }));
        return meanLoss(spec, truth!, judged!, await judge.run(windows));
      }),
  };
  try {
    return { fit: await fitJob(job, run), examples: Math.min(origins.length, mostAnEpoch) };
  } finally {
    await judge?.close();
  }
}

const aroundOf = (spec: ForecasterSpec, scaled: Float64Array, origin: number) =>
  covariatesAround(scaled, origin, { ...spec, known: spec.covariates!.names.length });

/** So many of them, others in each epoch. */
function drawn(origins: readonly Origin[], count: number, seed: number, epoch: number): Origin[] {
  const order = randomStream(seed, 'origins', epoch).shuffle(Int32Array.from(origins, (_, i) => i));
  return Array.from(order.subarray(0, count), (i) => origins[i]!);
}

/** The loss of forecasts, in units of the training data, as the step computes it. */
export function meanLoss(
  { output, horizon, targets }: ForecasterSpec,
  scaled: readonly Float64Array[],
  origins: readonly Origin[],
  forecasts: readonly Float32Array[],
): number {
  const each = outputWidth(output);
  let [sum, count] = [0, 0];
  origins.forEach(({ series, origin }, w) => {
    for (let i = 0; i < horizon * targets.length; i++) {
      const y = scaled[series]![origin * targets.length + i]!;
      if (Number.isNaN(y)) continue;
      const own = forecasts[w]!.subarray(i * each, (i + 1) * each);
      count++;
      if (output.kind === 'gaussian') sum += Math.log(own[1]!) + 0.5 * ((y - own[0]!) / own[1]!) ** 2;
      else if (output.kind === 'quantiles')
        own.forEach((x, k) => {
          const q = output.levels[k]!;
          sum += Math.max(q * (y - x), (q - 1) * (y - x)) / each;
        });
    }
  });
  return sum / count;
}

async function fitFrames(
  { spec, train, validation, options, initial, run }: Setting,
  fingerprint: string,
): Promise<{ fit: FitResult; examples: number }> {
  requireFrames(train, 'training');
  if (validation) requireFrames(validation, 'validation');
  const width = spec.targets.length;
  const values = train.data.series.map((own) => own.values);
  const { batchSize, maxTokens, seed } = options;
  const step = stepProgram(frameLoss(spec), initial, options);
  const judge = validation && (await openFrameRunner(spec, initial, placeOf(run)));
  const job: FitJob<readonly FramePiece[]> = {
    ...{ step, options, fingerprint },
    plan(epoch) {
      const pieces = trainingPieces(train, spec.context, { seed, epoch });
      const lengths = Int32Array.from(pieces, ({ start, to }) => to - start);
      return planBatches(lengths, { batchSize, maxTokens, seed, epoch }).map((indices) =>
        Array.from(indices, (i) => pieces[i]!),
      );
    },
    feed: (batch) => frameFeed(values, batch, width),
    count: (batch) => batch.reduce((sum, { from, to }) => sum + to - from, 0),
    validate:
      judge &&
      (async (weights) => {
        await judge.load(weights);
        const logits = await frameLogits(judge, validation!, { context: spec.context, width });
        const nats = frameNats(validation!, logits).flatMap((own) => Array.from(own));
        return nats.reduce((a, b) => a + b, 0) / nats.length;
      }),
  };
  try {
    return { fit: await fitJob(job, run), examples: stepTotal(train) };
  } finally {
    await judge?.close();
  }
}
