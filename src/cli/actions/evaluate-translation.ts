import { basename } from 'node:path';
import { version } from '../../core/version.ts';
import type { TrainedTranslator } from '../../models/translator/scorer.ts';
import { readPairs } from '../../train/tasks/translation-data.ts';
import { assessTranslator } from '../../train/tasks/translation-evaluate.ts';
import type { Messages } from '../messages.ts';
import { type PairArguments, type WritingArguments, writingSettings } from '../translation-options.ts';
import type { EvaluateArguments } from '../verbs/evaluate.ts';
import { deviceFor } from './device.ts';
import { manifestOf } from './manifest.ts';
import { deliver } from './results.ts';
import { pairsSentence, pairsSummary, sourcesOfPairs, translationReport } from './translation-report.ts';
import { translatorThreads } from './translation-settings.ts';

/** Evaluates a translator on pairs of texts. */
export async function evaluateTranslation(
  { directory, model }: { directory: string; model: TrainedTranslator },
  path: string,
  args: EvaluateArguments & PairArguments & WritingArguments,
  messages: Messages,
): Promise<void> {
  const began = performance.now();
  const { id, source, target, seed, resamples } = args;
  const columns = { ...(id && { id }), ...(source && { source }), ...(target && { target }) };
  const test = await readPairs(path, columns);
  messages.say(pairsSentence(test));
  const train = args.train === undefined ? undefined : await readPairs(args.train, columns);
  const threads = translatorThreads(args.threads, model.spec.config);
  const device = await deviceFor(args.device, messages);
  const assessment = await assessTranslator(model, test, {
    ...{ device, threads, worker: true, seed, train },
    ...(resamples !== undefined && { resamples }),
    decode: writingSettings(args),
  });
  const others = train ? [train] : [];
  const { quiet: _quiet, json: _json, ...used } = args;
  const report = {
    title: `${basename(directory)} on ${basename(path)}`,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    data: pairsSummary(test, others),
    ...translationReport(assessment, test),
    ...(!train && { notes: ['Give --train to see a dictionary learned from the training pairs beside it.'] }),
    manifest: manifestOf({ ...used, model: directory, threads }, sourcesOfPairs([test, ...others]), {
      device,
      threads,
    }),
  };
  await deliver(report, { folder: args.report, json: args.json });
}
