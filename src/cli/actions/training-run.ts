import type { AnyModel } from '../../models/model.ts';
import { saveModel } from '../../models/save-model.ts';
import type { Messages } from '../messages.ts';
import { onInterrupt } from '../signals.ts';
import type { TrainArguments } from '../verbs/train.ts';
import { type CheckpointFile, checkpointFile, removeLeftovers } from './checkpoint-file.ts';
import { commandLine } from './manifest.ts';

/** Saves the model, with how it came about; only then is the checkpoint of no more use. */
export async function saveTrained(model: AnyModel, split: unknown, output: string): Promise<void> {
  const training = { ...model.training, split, command: commandLine() };
  await saveModel(output, { ...model, training } as AnyModel);
  await checkpointFile(output).remove();
  await removeLeftovers(output);
  onInterrupt(`the model is saved in ${output}; its evaluation was not finished. See seqwright evaluate -h.`);
}

/** Says where a checkpoint is found or missing against what was asked. */
export async function sayCheckpoint(
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
