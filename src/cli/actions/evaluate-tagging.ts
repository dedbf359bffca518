import { basename } from 'node:path';
import { version } from '../../core/version.ts';
import type { Model } from '../../models/model.ts';
import type { TaggerSpec } from '../../models/tagger/spec.ts';
import {
  sourcesOfTagged,
  taggedSentence,
  taggedSummary,
  taggingLeakage,
  taggingReport,
} from '../../recipes/tagging-report.ts';
import { assessTagger } from '../../train/tasks/tagging-evaluate.ts';
import { readTagged } from '../../train/tasks/tagging-read.ts';
import type { Messages } from '../messages.ts';
import type { TagReadingArguments } from '../tagging-options.ts';
import type { EvaluateArguments } from '../verbs/evaluate.ts';
import { deviceFor } from './device.ts';
import { manifestOf } from './manifest.ts';
import { deliver } from './results.ts';
import { taggerThreads } from './tagging-settings.ts';
import { taggedSource } from './train-tagging.ts';

/** Evaluates a tagger on tagged sequences; their tags must be those that it knows. */
export async function evaluateTagger(
  { directory, model }: { directory: string; model: Model<TaggerSpec> },
  path: string,
  args: EvaluateArguments & TagReadingArguments,
  messages: Messages,
): Promise<void> {
  const began = performance.now();
  const { spec } = model;
  const test = await readTagged({ ...taggedSource(path, args), model: spec });
  messages.say(taggedSentence(test));
  const train =
    args.train === undefined
      ? undefined
      : await readTagged({ ...taggedSource(args.train, args), model: spec });
  const threads = taggerThreads(args.threads, spec.config);
  const device = await deviceFor(args.device, messages);
  const { seed, resamples, quiet: _quiet, json: _json, ...used } = args;
  const assessment = await assessTagger(model, test, {
    ...{ device, threads, worker: true, seed },
    ...(train && { train }),
    ...(resamples !== undefined && { resamples }),
  });
  if (!train) messages.say('Without --train there are no baselines, and what the two sets share is unknown.');
  const others = train ? [train] : [];
  const report = {
    title: `${basename(directory)} on ${basename(path)}`,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    data: taggedSummary(test, others),
    ...taggingReport(assessment, test),
    ...(train && { leakage: taggingLeakage(`Trained on ${args.train}, tested on ${path}`, { train, test }) }),
    manifest: manifestOf({ ...used, model: directory, threads }, sourcesOfTagged([test, ...others]), {
      device,
      threads,
    }),
  };
  await deliver(report, { folder: args.report, json: args.json });
}
