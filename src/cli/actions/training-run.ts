import type { AnyModel } from '../../models/model.ts';
import { saveModel } from '../../models/save-model.ts';
import type { FitEvent } from '../../train/options.ts';
import type { Messages } from '../messages.ts';
import { onInterrupt, stoppable } from '../signals.ts';
import type { TrainArguments } from '../verbs/train.ts';
import { type CheckpointFile, checkpointFile, removeLeftovers } from './checkpoint-file.ts';
import { fitArguments } from './fit-arguments.ts';
import { commandLine } from './manifest.ts';
import { withinMemory } from './memory.ts';
import { trainingProgress } from './training-progress.ts';

/** Saves the model, with how it came about; only then is the checkpoint of no more use. */
export async function saveTrained(model: AnyModel, split: unknown, output: string): Promise<void> {
  const training = { ...model.training, split, command: commandLine() };
  await saveModel(output, { ...model, training } as AnyModel);
  await checkpointFile(output).remove();
  await removeLeftovers(output);
  onInterrupt(`the model is saved in ${output}; its evaluation was not finished. See seqwright evaluate -h.`);
}

/**
 * Runs `train` with the options that every task's training takes from the command line: those of fitting, where it
 * runs, its checkpoint, how it is stopped, and its progress as lines.
 */
export async function trainingRun<T>(
  args: TrainArguments,
  threads: number,
  messages: Messages,
  train: (options: ReturnType<typeof runOptions>) => Promise<T>,
): Promise<T> {
  const checkpoint = checkpointFile(args.output);
  await sayCheckpoint(checkpoint, args, messages);
  try {
    return await stoppable((signal) =>
      withinMemory(args, messages, (batchSize, planned) => {
        const options = runOptions({ ...args, batchSize }, threads, messages, { checkpoint, signal });
        const onEvent = (event: FitEvent) => {
          planned(event);
          options.onEvent(event);
        };
        return train({ ...options, onEvent });
      }),
    );
  } finally {
    messages.clear();
  }
}

const runOptions = (
  args: TrainArguments,
  threads: number,
  messages: Messages,
  { checkpoint, signal }: { checkpoint: CheckpointFile; signal: AbortSignal },
) => ({
  ...fitArguments(args),
  ...{ device: args.device, threads, worker: true, checkpoint, signal },
  resume: args.resume ?? false,
  checkpointSeconds: args.checkpointEvery,
  onEvent: trainingProgress(messages),
});

/** Says where a checkpoint is found or missing against what was asked. */
async function sayCheckpoint(
  checkpoint: CheckpointFile,
  { resume }: Pick<TrainArguments, 'resume'>,
  messages: Messages,
): Promise<void> {
  await removeLeftovers(checkpoint.name);
  const there = await checkpoint.exists();
  if (resume && !there)
    messages.say(`There is no ${checkpoint.name} to resume from; training starts from the beginning.`);
  if (!resume && there)
    messages.say(
      `${checkpoint.name} is there from an interrupted run; --resume would continue it. This run starts anew.`,
    );
}
