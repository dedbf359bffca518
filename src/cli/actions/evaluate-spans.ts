import { basename } from 'node:path';
import { version } from '../../core/version.ts';
import type { Model } from '../../models/model.ts';
import type { SpanSpec } from '../../models/span/spec.ts';
import { assessSpans } from '../../train/tasks/spans/assess.ts';
import { readSpans } from '../../train/tasks/spans/read.ts';
import type { Messages } from '../messages.ts';
import type { SpanArguments } from '../span-options.ts';
import type { EvaluateArguments } from '../verbs/evaluate.ts';
import { deviceFor } from './device.ts';
import { manifestOf } from './manifest.ts';
import { deliver } from './results.ts';
import { leakageOfSpans, sourcesOfSpans, spanReport, spanSentence, spanSummary } from './span-report.ts';
import { spanSource, spanThreads } from './span-settings.ts';

/** Evaluates a span model on records whose spans are known. */
export async function evaluateSpans(
  { directory, model }: { directory: string; model: Model<SpanSpec> },
  path: string,
  args: EvaluateArguments & SpanArguments,
  messages: Messages,
): Promise<void> {
  const began = performance.now();
  const { spec } = model;
  const read = (from: string) => readSpans({ ...spanSource(from, args), model: spec });
  const test = await read(path);
  for (const note of test.notes) messages.say(note);
  messages.say(spanSentence(test));
  const train = args.train === undefined ? undefined : await read(args.train);
  const threads = spanThreads(args.threads, spec.config);
  const device = await deviceFor(args.device, messages);
  const { seed, resamples, quiet: _quiet, json: _json, ...used } = args;
  const assessment = await assessSpans(model, test, {
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
    data: spanSummary(test, others),
    ...spanReport(assessment, test, spec),
    ...(train && { leakage: leakageOfSpans(`Trained on ${args.train}, tested on ${path}`, { train, test }) }),
    manifest: manifestOf({ ...used, model: directory, threads }, sourcesOfSpans([test, ...others]), {
      device,
      threads,
    }),
  };
  await deliver(report, { folder: args.report, json: args.json });
}
