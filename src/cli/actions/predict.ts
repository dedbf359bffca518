import { usageError } from '../../core/errors.ts';
import { type KindName, kindName, kindOf, type SpecOf } from '../../models/kinds/index.ts';
import { loadAnyModel } from '../../models/load-model.ts';
import type { Model } from '../../models/model.ts';
import { refuseMarkOptions } from '../marks-options.ts';
import { type Messages, openMessages } from '../messages.ts';
import { refuseSpanArguments } from '../span-options.ts';
import type { PredictArguments } from '../verbs/predict.ts';

/** Writes what a model of a kind tells of what a path holds. */
type Prediction<K extends KindName> = (
  trained: { directory: string; model: Model<SpecOf<K>> },
  path: string,
  args: PredictArguments,
  messages: Messages,
) => Promise<void>;

/** What `predict` does for a kind of model; those that are not here have a verb of their own. */
const predictions: { [K in KindName]?: () => Promise<Prediction<K>> } = {
  answer: async () => (await import('./predict-answers.ts')).predictAnswers,
  forecaster: async () => (await import('./predict-forecast.ts')).predictForecast,
  marks: async () => (await import('./predict-marks.ts')).predictMarks,
  masked: async () => (await import('./predict-masked.ts')).predictMasked,
  span: async () => (await import('./predict-spans.ts')).predictSpans,
  transcriber: async () => (await import('./predict-transcription.ts')).predictTranscription,
  translator: async () => (await import('./predict-translation.ts')).predictTranslation,
};

/** Predicts from a file; the kind of the model decides what. */
export async function predict(directory: string, path: string, args: PredictArguments): Promise<void> {
  const messages = openMessages(args);
  const model = await loadAnyModel(directory);
  const kind = kindName(model.spec);
  const open = predictions[kind];
  if (!open) {
    const { what, verbs } = kindOf(model.spec);
    throw usageError(`${directory} is ${what}; predict does not take it. It is for ${verbs}.`);
  }
  if (kind !== 'span') refuseSpanArguments(directory, args);
  if (args.positions && kind !== 'masked' && kind !== 'transcriber')
    throw usageError(
      `${directory} is neither a masked model nor a transcriber; only these tell what stands at each place. Leave --positions out.`,
    );
  if (args.dropoutPasses !== undefined && kind !== 'answer')
    throw usageError(
      `${directory} is ${kindOf(model.spec).what}; --dropout-passes goes with models that give one answer for each sequence.`,
    );
  if (kind !== 'marks') refuseMarkOptions(directory, args);
  const prediction = (await open()) as Prediction<KindName>;
  await prediction({ directory, model }, path, args, messages);
}
