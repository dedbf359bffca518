import { planBatches } from '../data/batch.ts';
import type { Dataset } from '../data/dataset.ts';
import { graphText } from '../graph/text.ts';
import { network } from '../models/network.ts';
import type { ModelSpec } from '../models/spec.ts';
import { initialize } from '../nn/module.ts';
import { batchFeeder } from './batch-feed.ts';
import { fingerprintOf } from './checkpoint.ts';
import { balancedWeights } from './class-weights.ts';
import { type FitResult, fitJob, placeOf } from './fit-loop.ts';
import { trainingSubgroups } from './group-dro.ts';
import { type FitOptions, fitOptions, type RunOptions } from './options.ts';
import { openScorer, validationLoss, worstSubgroupLoss } from './score-dataset.ts';
import { type Starting, startWeights, weightsText } from './start.ts';
import { stepProgram } from './step-program.ts';
import { supervised } from './supervised.ts';

/**
 * Fits a model to labelled data. `validation` decides which epoch is kept and when to stop. The same data, options and seed give the same
 * weights; a run that was killed and resumed gives those of one that was not. `start` changes the weights that it begins with.
 * With `groupDro`, the worst subgroup decides instead of the mean over records, in training and in validation.
 * Throws where the loss stops being a number, saying at which step, and where it is interrupted by `signal`.
 */
export async function fitModel(
  spec: ModelSpec,
  train: Dataset,
  validation: Dataset | undefined,
  { start, ...given }: Partial<FitOptions> & Starting = {},
  run: RunOptions = {},
): Promise<FitResult> {
  const options = fitOptions(given);
  const { batchSize, maxTokens, seed } = options;
  const { groupDro, groupAdjustment } = options;
  const groups = groupDro > 0 ? trainingSubgroups(train.records) : undefined;
  const { lengths, weighted, feed } = batchFeeder(train, spec, { subgroups: groups?.of });
  const initial = startWeights(initialize(network(spec), seed), start);
  const classWeights = options.classWeights === 'balanced' ? balancedWeights(train) : undefined;
  const { smoothing } = options;
  const robust = groups && { counts: groups.counts, step: groupDro, adjustment: groupAdjustment };
  const judged = groups ? worstSubgroupLoss : validationLossOf;
  const step = stepProgram(
    supervised(spec, { weighted, classWeights, smoothing, ...(robust && { robust }) }),
    initial,
    options,
  );
  const judge = validation && (await openScorer(spec, validation, initial, placeOf(run)));
  // A run that diverged may go on with a smaller rate or clipping; the history keeps the rates.
  const { rate: _rate, clip: _clip, ...settled } = options;
  const began = start && { start: weightsText(initial) };
  // Code of the user's own is told apart by what it computes.
  const code = spec.network && { network: graphText([step.outputs.loss!]) };
  try {
    return await fitJob(
      {
        step,
        options,
        plan: (epoch) => planBatches(lengths, { batchSize, maxTokens, seed, epoch }),
        feed,
        count: (indices) => indices.length,
        validate:
          judge && (async (weights) => judged(spec.output, validation!, await judge.predict(weights))),
        fingerprint: fingerprintOf({ spec, options: settled, ...began, ...code }, [train, validation]),
      },
      run,
    );
  } finally {
    await judge?.release();
  }
}

const validationLossOf = (output: ModelSpec['output'], { target }: Dataset, predicted: Float64Array) =>
  validationLoss(output, target!, predicted);
