import { usageError } from '../../core/errors.ts';
import type { TrainArguments } from '../verbs/train.ts';

/** The options of fitting as the library takes them. */
export function fitArguments(args: TrainArguments) {
  const { epochs, batchSize, maxTokens, optimizer, rate, schedule, clip, l1, l2, smoothing } = args;
  const { groupDro, groupAdjustment } = args;
  if (groupAdjustment > 0 && groupDro === 0) throw usageError('--group-adjustment goes with --group-dro.');
  const { classWeights, patience, accumulate, average, seed, decay } = args;
  if (decay !== undefined && optimizer === 'adam')
    throw usageError('--decay does not go with the optimizer adam, which has none; use adamW.');
  const optimizerOptions: Record<string, number> = decay === undefined ? {} : { decay };
  return {
    ...{ epochs, batchSize, maxTokens, optimizer, optimizerOptions, rate, schedule, clip, l1, l2, smoothing },
    ...{ groupDro, groupAdjustment },
    ...{ classWeights, patience, accumulate, average, seed },
  };
}
