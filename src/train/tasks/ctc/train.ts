import { usageError } from '../../../core/errors.ts';
import { hash32 } from '../../../core/random.ts';
import type { Model } from '../../../models/model.ts';
import { transcriberNetwork } from '../../../models/transcriber/network.ts';
import type { TranscriberSpec } from '../../../models/transcriber/spec.ts';
import { initialize } from '../../../nn/module.ts';
import { fingerprintOf } from '../../checkpoint.ts';
import { type FitResult, fitJob, placeOf } from '../../fit-loop.ts';
import { type FitOptions, fitOptions, type RunOptions } from '../../options.ts';
import { type Starting, startWeights, weightsText } from '../../start.ts';
import { stepProgram } from '../../step-program.ts';
import { splitTranscriptions, type TranscriptionData } from './data.ts';
import {
  alignable,
  type TranscriberDefinition,
  transcriberSpec,
  type UnalignablePolicy,
} from './definition.ts';
import { type Example, examplesOf, isAlignable } from './encode.ts';
import { openTranscriptionJudge, transcriptionFeeder, transcriptionLoss } from './loss.ts';

/**
 * Fits a transcriber to examples; `validation` decides which epoch is kept and when to stop. The same data, options and seed give the same
 * weights, and so does a run that was killed and resumed. Throws as `fitJob` does, and a usage error for label smoothing and class weights,
 * which have no meaning where it is unknown which step stands for what.
 */
export async function fitTranscriber(
  spec: TranscriberSpec,
  train: readonly Example[],
  validation: readonly Example[] | undefined,
  { start, ...given }: Partial<FitOptions> & Starting = {},
  run: RunOptions = {},
): Promise<FitResult> {
  const options = fitOptions(given);
  const { batchSize, maxTokens, seed, smoothing, classWeights } = options;
  if (smoothing > 0 || classWeights !== 'none')
    throw usageError(
      'label smoothing and class weights do not go with CTC, which knows no label of a step; leave them out.',
    );
  const feeder = transcriptionFeeder(train, spec);
  const initial = startWeights(initialize(transcriberNetwork(spec).network, seed), start);
  const judge =
    validation && validation.length > 0
      ? await openTranscriptionJudge(spec, validation, initial, placeOf(run))
      : undefined;
  const began = start && { start: weightsText(initial) };
  try {
    return await fitJob<Int32Array>(
      {
        step: stepProgram(transcriptionLoss(spec), initial, options),
        options,
        plan: (epoch) => feeder.plan({ batchSize, maxTokens, seed, epoch }),
        feed: (indices) => feeder.feed(indices),
        count: feeder.count,
        validate: judge?.loss,
        fingerprint: fingerprintOf(
          { spec, options, ...began, data: [train, validation].map((set) => set?.map(exampleHash)) },
          [],
        ),
      },
      run,
    );
  } finally {
    await judge?.release();
  }
}

const exampleHash = ({ input, target }: Example) => hash32(`${input.join()} ${target.join()}`);

/** How a transcriber is trained. */
export interface TranscriberTrainOptions extends Partial<FitOptions>, RunOptions, Starting {
  /** Share of the records held back to choose the epoch, or records for it; 0: none, all epochs run. */
  validation?: number | TranscriptionData;
  /** Whether training records that no alignment fits are refused or left out. */
  unalignable?: UnalignablePolicy;
}

/** A trained transcriber, and how its training went. */
export interface TrainedTranscriber {
  readonly model: Model<TranscriberSpec>;
  readonly fit: FitResult;
  readonly options: FitOptions;
  /** Tokens that were learned from. */
  readonly tokens: number;
  /** Ids of training records that were left out, since no alignment fits them. */
  readonly skipped: readonly string[];
}

/** Fewer records than this are not worth splitting: the validation loss would be noise. */
const fewest = 20;

/**
 * Trains a transcriber: fits, keeps the epoch with the lowest loss on validation records, and returns the model ready to be saved. Validation
 * records with unknown tokens, or that no alignment fits, have no loss and take no part in it.
 * @example
 * const data = await readTranscriptions('squiggles.jsonl');
 * const { model } = await trainTranscriber({ architecture: 'cnn-bilstm' }, data, { epochs: 20, seed: 1 });
 * await saveModel('basecaller.model', model);
 */
export async function trainTranscriber(
  definition: TranscriberDefinition,
  data: TranscriptionData,
  { validation = 0.1, unalignable = 'error', start, ...given }: TranscriberTrainOptions = {},
): Promise<TrainedTranscriber> {
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
  const { fitted, held } = holdBack(data, validation, options.seed);
  const spec = transcriberSpec(fitted, definition);
  const kept = alignable(fitted, spec, unalignable);
  const examples = examplesOf(spec, kept.data);
  const judged = held && judgedExamples(spec, held);
  const fit = await fitTranscriber(
    spec,
    examples,
    judged,
    { ...options, ...(start && { start }) },
    Object.fromEntries(Object.entries(run).filter(([, value]) => value !== undefined)),
  );
  const tokens = examples.reduce((sum, { target }) => sum + target.length, 0);
  const training = {
    task: 'ctc',
    options,
    epochs: fit.history.length,
    bestEpoch: fit.bestEpoch,
    steps: fit.steps,
    records: examples.length,
    tokens,
    skipped: kept.skipped.length,
    validationRecords: judged?.length ?? 0,
    sources: data.sources,
  };
  return {
    model: { spec, weights: fit.weights, training: JSON.parse(JSON.stringify(training)) },
    ...{ fit, options, tokens },
    skipped: kept.skipped.map(({ id }) => id),
  };
}

/** Records whose loss is known: all of their tokens are, and some alignment fits. */
export function judgedExamples(spec: TranscriberSpec, data: TranscriptionData): Example[] {
  const { stride } = transcriberNetwork(spec);
  return examplesOf(spec, data).filter((example) => isAlignable(example, spec, stride));
}

function holdBack(data: TranscriptionData, validation: number | TranscriptionData, seed: number) {
  if (typeof validation !== 'number') return { fitted: data, held: validation };
  if (validation === 0 || data.records.length < fewest) return { fitted: data, held: undefined };
  const { fit: fitted, test: held } = splitTranscriptions(data, { test: validation, seed });
  return { fitted, held };
}
