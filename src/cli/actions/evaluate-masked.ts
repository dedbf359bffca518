import { basename } from 'node:path';
import { version } from '../../core/version.ts';
import type { MaskedSpec } from '../../models/masked/spec.ts';
import type { Model } from '../../models/model.ts';
import { readCorpus } from '../../train/tasks/language/corpus.ts';
import { assessMasked } from '../../train/tasks/masked/assess.ts';
import type { Messages } from '../messages.ts';
import type { EvaluateArguments } from '../verbs/evaluate.ts';
import { deviceFor } from './device.ts';
import { corpusSentence } from './language-report.ts';
import { manifestOf } from './manifest.ts';
import { maskedReport, maskedSummary } from './masked-report.ts';
import { maskedThreads } from './masked-settings.ts';
import { deliver } from './results.ts';

/** Evaluates a masked model on text that it has not seen. */
export async function evaluateMasked(
  { directory, model }: { directory: string; model: Model<MaskedSpec> },
  path: string,
  args: EvaluateArguments,
  messages: Messages,
): Promise<void> {
  const began = performance.now();
  const { spec } = model;
  const format = args.corpus ?? 'auto';
  const test = await readCorpus(path, { format });
  messages.say(corpusSentence(test));
  const train = args.train === undefined ? undefined : await readCorpus(args.train, { format });
  const threads = maskedThreads(args.threads, spec.architecture, spec.config);
  const device = await deviceFor(args.device, messages);
  const { seed, resamples, quiet: _quiet, json: _json, ...used } = args;
  const assessment = await assessMasked(model, test, {
    ...{ device, threads, worker: true, seed },
    ...(train && { train }),
    ...(resamples !== undefined && { resamples }),
  });
  if (!train) messages.say('With --train, the text that it was trained on, Markov chains stand beside.');
  const report = {
    title: `${basename(directory)} on ${basename(path)}`,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    data: maskedSummary(test),
    ...maskedReport(assessment, spec.masking),
    manifest: manifestOf(
      { ...used, model: directory, threads },
      [test, ...(train ? [train] : [])].flatMap(({ sources }) => sources),
      { device, threads },
    ),
  };
  await deliver(report, { folder: args.report, json: args.json });
}
