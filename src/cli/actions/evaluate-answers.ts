import { basename } from 'node:path';
import { usageError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import { readDataset } from '../../data/read-dataset.ts';
import type { Model } from '../../models/model.ts';
import { assess } from '../../train/assess.ts';
import type { Messages } from '../messages.ts';
import type { EvaluateArguments } from '../verbs/evaluate.ts';
import { dataSummary, datasetSentence, sourcesOf } from './data-summary.ts';
import { deviceFor } from './device.ts';
import { evaluationReport, leakageOf, subgroupSentence } from './evaluation-report.ts';
import { unknownCounter } from './feature-reader.ts';
import { manifestOf } from './manifest.ts';
import { datasetOptions, readLabelled, schemaOf } from './read-input.ts';
import { deliver } from './results.ts';
import { threadsFor } from './threads.ts';

/** Evaluates a model on labelled sequences; what they are labelled with must be what the model knows. */
export async function evaluateAnswers(
  { directory, model }: { directory: string; model: Model },
  sequences: string,
  args: EvaluateArguments,
  messages: Messages,
): Promise<void> {
  const began = performance.now();
  if (args.negatives !== undefined && args.train !== undefined)
    throw usageError(
      '--train takes one file, and --negatives are beside the regions that are tested. Give --train regions with a column of labels, or leave it out.',
    );
  const { alphabet, tracks, features, output, architecture, config } = model.spec;
  const options = (path: string) => ({
    ...datasetOptions(path, args, model.training),
    alphabet: alphabetByName(alphabet.name, alphabet.letters),
    schema: schemaOf(output),
    tracks: [...tracks],
    ...(features && { featureSchema: features }),
    minRecords: 1,
  });
  const test = await readLabelled(options(sequences), messages);
  messages.say(datasetSentence(test));
  const unknown = unknownCounter();
  for (const record of test.records) if (features) unknown.look(features, record.features!);
  const strange = unknown.sentence();
  if (strange) messages.say(strange);
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
  const worst = subgroupSentence(assessment);
  if (worst) messages.say(worst);
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
