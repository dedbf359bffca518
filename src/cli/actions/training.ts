import type { Command } from 'commander';
import { usageError } from '../../core/errors.ts';
import { applyConfigFile } from '../config-file.ts';
import { forecastOptionNames } from '../forecast-options.ts';
import { marksOptionNames } from '../marks-options.ts';
import { maskingOptionNames } from '../masked-options.ts';
import { answerOptionNames, type TaskName } from '../options.ts';
import { isByChromosome, refuseWholeShares } from '../region-options.ts';
import { spanOptionNames } from '../span-options.ts';
import type { TrainArguments } from '../verbs/train.ts';

/** What `train` does for a task; without one, and for those that are not here, it learns one answer for each sequence. */
const trainings: Partial<
  Record<TaskName, () => Promise<(sequences: string, command: Command) => Promise<void>>>
> = {
  ctc: async () => (await import('./train-transcription.ts')).trainTranscription,
  forecast: async () => (await import('./train-forecast.ts')).trainForecast,
  language: async () => languageTraining,
  marks: async () => (await import('./train-marks.ts')).trainMarks,
  masked: async () => (await import('./train-masked.ts')).trainMasked,
  spans: async () => (await import('./train-spans.ts')).trainSpansFrom,
  tagging: async () => (await import('./train-tagging.ts')).trainTagging,
  translation: async () => (await import('./train-translation.ts')).trainTranslation,
};

/** Trains what `--task` asks for, once the command line and a configuration file are told together. */
export async function runTraining(sequences: string, command: Command): Promise<void> {
  const { config } = command.opts<TrainArguments>();
  if (config !== undefined) await applyConfigFile(command, config);
  const { output, task } = command.opts<TrainArguments>();
  if (output === undefined)
    throw usageError(
      'train needs -o: name the folder for the model, such as -o mine.model. See seqwright train -h.',
    );
  if (task !== 'marks') refuse(command, marksOptionNames, 'goes with --task marks');
  if (task !== 'masked') refuse(command, maskingOptionNames, 'goes with --task masked');
  if (task !== 'forecast') refuse(command, forecastOptionNames, 'goes with --task forecast');
  refuseWholeShares(command.opts<TrainArguments>());
  if (task !== 'spans') refuse(command, spanOptionNames, 'goes with --task spans');
  const own = task && trainings[task];
  if (own) refuse(command, answerOptionNames, 'is for models with one answer for each sequence');
  if (own && isByChromosome(command.opts<TrainArguments>()))
    throw usageError(`--split chromosome does not go with --task ${task}.`);
  const train = own ? await own() : (await import('./train.ts')).train;
  await train(sequences, command);
}

/** Throws a usage error for an option that only other models have. */
function refuse(command: Command, names: readonly string[], why: string): void {
  const given = (name: string) => ![undefined, 'default'].includes(command.getOptionValueSource(name));
  const stray = names.find(given);
  if (stray === undefined) return;
  const { long } = command.options.find((option) => option.attributeName() === stray)!;
  throw usageError(`${long} ${why}.`);
}

/** A network is fitted, an n-gram model counted. */
async function languageTraining(path: string, command: Command): Promise<void> {
  const isNgram = command.opts<TrainArguments>().model === 'ngram';
  const train = isNgram
    ? (await import('./markov-train-ngram.ts')).trainNgram
    : (await import('./train-language.ts')).trainLanguage;
  await train(path, command);
}
