import { basename } from 'node:path';
import { version } from '../../core/version.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import { readDataset } from '../../data/read-dataset.ts';
import type { ForecasterSpec } from '../../models/forecaster/spec.ts';
import type { LanguageSpec } from '../../models/language/spec.ts';
import { loadAnyModel } from '../../models/load-model.ts';
import type { MaskedSpec } from '../../models/masked/spec.ts';
import type { Model } from '../../models/model.ts';
import type { TaggerSpec } from '../../models/tagger/spec.ts';
import type { TrainedTranslator } from '../../models/translator/scorer.ts';
import { checkRunOutput } from '../../recipes/run-output.ts';
import { assess } from '../../train/assess.ts';
import { openMessages } from '../messages.ts';
import type { EvaluateArguments } from '../verbs/evaluate.ts';
import { dataSummary, datasetSentence, sourcesOf } from './data-summary.ts';
import { deviceFor } from './device.ts';
import { evaluationReport, leakageOf } from './evaluation-report.ts';
import { manifestOf } from './manifest.ts';
import { datasetOptions, readLabelled, schemaOf } from './read-input.ts';
import { deliver } from './results.ts';
import { threadsFor } from './threads.ts';

/** Evaluates a model on labelled sequences; what they are labelled with must be what the model knows. */
export async function evaluate(directory: string, sequences: string, args: EvaluateArguments): Promise<void> {
  const began = performance.now();
  const messages = openMessages(args);
  if (args.report !== undefined) await checkRunOutput(args.report);
  const loaded = await loadAnyModel(directory);
  if (loaded.spec.kind === 'language') {
    const { evaluateLanguage } = await import('./evaluate-language.ts');
    return evaluateLanguage({ directory, model: loaded as Model<LanguageSpec> }, sequences, args, messages);
  }
  if (loaded.spec.kind === 'forecaster') {
    const { evaluateForecast } = await import('./evaluate-forecast.ts');
    return evaluateForecast({ directory, model: loaded as Model<ForecasterSpec> }, sequences, args, messages);
  }
  if (loaded.spec.kind === 'masked') {
    const { evaluateMasked } = await import('./evaluate-masked.ts');
    return evaluateMasked({ directory, model: loaded as Model<MaskedSpec> }, sequences, args, messages);
  }
  if (loaded.spec.kind === 'tagger') {
    const { evaluateTagger } = await import('./evaluate-tagging.ts');
    return evaluateTagger({ directory, model: loaded as Model<TaggerSpec> }, sequences, args, messages);
  }
  if (loaded.spec.kind === 'translator') {
    const { evaluateTranslation } = await import('./evaluate-translation.ts');
    const model = loaded as TrainedTranslator;
    return evaluateTranslation({ directory, model }, sequences, args, messages);
  }
  const model = loaded as Model;
  const { alphabet, tracks, output, architecture, config } = model.spec;
  const options = (path: string) => ({
    ...datasetOptions(path, args),
    alphabet: alphabetByName(alphabet.name, alphabet.letters),
    schema: schemaOf(output),
    tracks: [...tracks],
    minRecords: 1,
  });
  const test = await readLabelled(options(sequences), messages);
  messages.say(datasetSentence(test));
  const train = args.train === undefined ? undefined : await readDataset(options(args.train));
  const threads = threadsFor(args.threads, architecture, config);
  const { seed, resamples } = args;
  const device = await deviceFor(args.device, messages);
  const where = { device, threads, worker: true };
  const assessment = await assess(model, test, {
    ...where,
    seed,
    ...(train && { train }),
    ...(resamples !== undefined && { resamples }),
  });
  const others = train ? [train] : [];
  const { quiet: _quiet, json: _json, ...used } = args;
  const split = args.train ? `Trained on ${args.train}, tested on ${sequences}` : `Tested on ${sequences}`;
  const report = {
    title: `${basename(directory)} on ${basename(sequences)}`,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    data: dataSummary(test, others),
    ...evaluationReport(assessment, test),
    ...(train && { leakage: leakageOf(split, undefined, assessment) }),
    ...(!train && {
      notes: ['Give --train to see simple baselines and how similar test and training data are.'],
    }),
    manifest: manifestOf({ ...used, model: directory, threads }, sourcesOf([test, ...others]), {
      device,
      threads,
    }),
  };
  if (!train)
    messages.say('Without --train there are no baselines, and similarity to the training data is unknown.');
  await deliver(report, { folder: args.report, json: args.json });
}
