import { type KindName, kindName, type SpecOf } from '../../models/kinds/index.ts';
import { loadAnyModel } from '../../models/load-model.ts';
import { markovLanguage } from '../../models/markov/language.ts';
import { readMarkovFile } from '../../models/markov/markov-file.ts';
import type { Model } from '../../models/model.ts';
import { checkRunOutput } from '../../recipes/run-output.ts';
import { refuseMarkOptions } from '../marks-options.ts';
import { type Messages, openMessages } from '../messages.ts';
import type { EvaluateArguments } from '../verbs/evaluate.ts';
import { isMarkovPath } from './language-model.ts';

/** Evaluates a model of a kind on what a path holds. */
type Evaluation<K extends KindName> = (
  trained: { directory: string; model: Model<SpecOf<K>> },
  path: string,
  args: EvaluateArguments,
  messages: Messages,
) => Promise<void>;

/** What `evaluate` does for each kind of model. */
const evaluations: { [K in KindName]: () => Promise<Evaluation<K>> } = {
  answer: async () => (await import('./evaluate-answers.ts')).evaluateAnswers,
  forecaster: async () => (await import('./evaluate-forecast.ts')).evaluateForecast,
  language: async () => (await import('./evaluate-language.ts')).evaluateLanguage,
  marks: async () => (await import('./evaluate-marks.ts')).evaluateMarks,
  masked: async () => (await import('./evaluate-masked.ts')).evaluateMasked,
  span: async () => (await import('./evaluate-spans.ts')).evaluateSpans,
  tagger: async () => (await import('./evaluate-tagging.ts')).evaluateTagger,
  transcriber: async () => (await import('./evaluate-transcription.ts')).evaluateTranscription,
  translator: async () => (await import('./evaluate-translation.ts')).evaluateTranslation,
};

/** Evaluates a model on data whose truth is known; the kind of the model decides how. */
export async function evaluate(directory: string, path: string, args: EvaluateArguments): Promise<void> {
  const messages = openMessages(args);
  if (args.report !== undefined) await checkRunOutput(args.report);
  if (await isMarkovPath(directory)) {
    const { evaluateLanguage } = await import('./evaluate-language.ts');
    const model = markovLanguage(await readMarkovFile(directory), directory);
    return evaluateLanguage({ directory, model }, path, args, messages);
  }
  const model = await loadAnyModel(directory);
  if (kindName(model.spec) !== 'marks') refuseMarkOptions(directory, args);
  const evaluation = (await evaluations[kindName(model.spec)]()) as Evaluation<KindName>;
  await evaluation({ directory, model }, path, args, messages);
}
