import { basename } from 'node:path';
import { usageError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import type { MarksSpec } from '../../models/marks/spec.ts';
import type { Model } from '../../models/model.ts';
import { marksReport, marksSentence, marksSummary } from '../../report/marks-report.ts';
import { assessMarks } from '../../train/tasks/marks/assess.ts';
import { alphabetNamed, readMarks } from '../../train/tasks/marks/data.ts';
import { trackFiles } from '../../train/tasks/marks/predict.ts';
import { type MarkReadingArguments, trackFiles as namedTracks } from '../marks-options.ts';
import type { Messages } from '../messages.ts';
import type { EvaluateArguments } from '../verbs/evaluate.ts';
import { deviceFor } from './device.ts';
import { manifestOf } from './manifest.ts';
import { markFiles, marksThreads } from './marks-settings.ts';
import { deliver } from './results.ts';

/** Evaluates a model of marks along a genome, or regions of it. */
export async function evaluateMarks(
  { directory, model }: { directory: string; model: Model<MarksSpec> },
  path: string,
  args: EvaluateArguments & MarkReadingArguments,
  messages: Messages,
): Promise<void> {
  const began = performance.now();
  const { spec } = model;
  const read = (regions: string | undefined) =>
    readMarks(path, {
      ...{ marks: marksInOrder(spec, directory, args), tracks: trackFiles(spec, namedTracks(args.track)) },
      ...{ bin: spec.bin, alphabet: alphabetNamed(spec.alphabet), regions },
      ...(args.ambiguous && { ambiguous: args.ambiguous }),
    });
  const test = await read(args.regions);
  messages.say(marksSentence(test));
  for (const note of test.notes) messages.say(note);
  const train = args.train === undefined ? undefined : await read(args.train);
  if (!train)
    messages.say(
      'With --train, the regions or sequences that the model learned from, simple methods stand beside it.',
    );
  const threads = marksThreads(args.threads, spec.config);
  const device = await deviceFor(args.device, messages);
  const { seed, resamples, quiet: _quiet, json: _json, ...used } = args;
  const assessment = await assessMarks(model, test, {
    ...{ device, threads, worker: true, seed, train },
    ...(resamples !== undefined && { resamples }),
  });
  const report = {
    title: `${basename(directory)} along ${basename(path)}`,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    data: marksSummary(test, train ? [train] : []),
    ...marksReport(assessment, test),
    manifest: manifestOf({ ...used, model: directory, threads }, [...test.sources], { device, threads }),
  };
  await deliver(report, { folder: args.report, json: args.json });
}

/** The files of the model's marks, in its order; throws a usage error for one that is missing or that it does not tell. */
function marksInOrder({ marks }: MarksSpec, directory: string, args: MarkReadingArguments) {
  const files = markFiles(args);
  const names = marks.map(({ name }) => name);
  const odd = files.find(({ name }) => !names.includes(name));
  const lost = names.find((name) => !files.some((file) => file.name === name));
  if (odd || lost !== undefined)
    throw usageError(
      `${directory} tells ${names.join(', ')}; ${odd ? `--mark ${odd.name}=${odd.path} is none of them` : `--mark ${lost}=<file> is missing`}.`,
    );
  return names.map((name) => files.find((file) => file.name === name)!);
}
