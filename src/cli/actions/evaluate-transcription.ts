import { basename } from 'node:path';
import { version } from '../../core/version.ts';
import type { Model } from '../../models/model.ts';
import type { TranscriberSpec } from '../../models/transcriber/spec.ts';
import { assessTranscriber } from '../../train/tasks/ctc/assess.ts';
import type { RecordingColumns } from '../../train/tasks/ctc/data.ts';
import { readTranscriptions } from '../../train/tasks/ctc/read.ts';
import type { TranscriptionSearchArguments } from '../ctc-options.ts';
import type { Messages } from '../messages.ts';
import type { WritingArguments } from '../translation-options.ts';
import type { EvaluateArguments } from '../verbs/evaluate.ts';
import { deviceFor } from './device.ts';
import { manifestOf } from './manifest.ts';
import { deliver } from './results.ts';
import {
  sourcesOfTranscriptions,
  transcriptionReport,
  transcriptionSentence,
  transcriptionSummary,
} from './transcription-report.ts';
import { searchSettings, transcriberThreads } from './transcription-settings.ts';

/** Evaluates a transcriber on records with their transcriptions. */
export async function evaluateTranscription(
  { directory, model }: { directory: string; model: Model<TranscriberSpec> },
  path: string,
  args: EvaluateArguments & WritingArguments & TranscriptionSearchArguments,
  messages: Messages,
): Promise<void> {
  const began = performance.now();
  const { id, source, target, group, time, labels, seed, resamples, ambiguous } = args;
  const columns: RecordingColumns = { id, source, target, group, time, labels };
  const test = await readTranscriptions(path, columns, model.spec.input);
  for (const note of test.notes ?? []) messages.say(note);
  messages.say(transcriptionSentence(test));
  const train =
    args.train === undefined ? undefined : await readTranscriptions(args.train, columns, model.spec.input);
  const threads = transcriberThreads(args.threads, model.spec.config);
  const device = await deviceFor(args.device, messages);
  const where = { device, threads, worker: true };
  const search = await searchSettings(model.spec, args, where);
  const assessment = await assessTranscriber(model, test, {
    ...{ ...where, seed, train, decode: search.options },
    ...(resamples !== undefined && { resamples }),
    ...(ambiguous && { unknown: ambiguous }),
  }).finally(() => search.close());
  const others = train ? [train] : [];
  const { quiet: _quiet, json: _json, ...used } = args;
  const report = {
    title: `${basename(directory)} on ${basename(path)}`,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    data: transcriptionSummary(assessment.data, others),
    ...transcriptionReport(assessment),
    ...(!train && { notes: ['Give --train to see simple methods that know the training data beside it.'] }),
    manifest: manifestOf({ ...used, model: directory, threads }, sourcesOfTranscriptions([test, ...others]), {
      device,
      threads,
    }),
  };
  await deliver(report, { folder: args.report, json: args.json });
}
