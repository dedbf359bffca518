import { basename } from 'node:path';
import type { Command } from 'commander';
import { version } from '../../core/version.ts';
import { counted, figure } from '../../report/format.ts';
import type { RunReport } from '../../report/run-report.ts';
import { fitOptions as checkFitOptions } from '../../train/options.ts';
import { assessMasked, type MaskedAssessment } from '../../train/tasks/masked/assess.ts';
import { type TrainedMaskedModel, trainMaskedModel } from '../../train/tasks/masked/train.ts';
import type { MaskingArguments } from '../masked-options.ts';
import { type Messages, openMessages } from '../messages.ts';
import type { TrainArguments } from '../verbs/train.ts';
import { deviceFor } from './device.ts';
import { fitArguments } from './fit-arguments.ts';
import { corpusSentence } from './language-report.ts';
import { manifestOf } from './manifest.ts';
import { maskedReport, maskedSummary } from './masked-report.ts';
import { maskedConfig, maskedThreads, maskingOf } from './masked-settings.ts';
import { checkPlaces, reportPlace } from './places.ts';
import { deliver } from './results.ts';
import { type CorpusParts, divideCorpus, isGiven, refuseForeign } from './train-language.ts';
import { trainingSentence } from './training-progress.ts';
import { saveTrained, trainingRun } from './training-run.ts';

type Arguments = TrainArguments & MaskingArguments;

/** Trains a masked model, evaluates it on what was held out, and writes model and report. */
export async function trainMasked(path: string, command: Command): Promise<void> {
  const began = performance.now();
  const messages = openMessages(command.opts<TrainArguments>());
  refuseForeign(command, 'masked');
  const given = command.opts<Arguments>();
  const model = isGiven(command, 'model') ? given.model : 'transformer';
  const args = { ...given, model, device: await deviceFor(given.device, messages) };
  const folder = reportPlace(args.output, args.report);
  const config = maskedConfig(model, args.set);
  const masking = maskingOf(args);
  checkFitOptions(fitArguments(args));
  const threads = maskedThreads(args.threads, model, config);
  await checkPlaces(args.output, folder);

  const parts = await divideCorpus(path, args);
  messages.say(corpusSentence(parts.all));
  const trained = await trainOn(parts, { config, masking, threads }, args, messages);
  if (trained.skipped > 0)
    messages.say(
      `${counted(trained.skipped, 'text')} left out of training: fewer than two tokens, or none that may be hidden.`,
    );
  await saveTrained(trained.model, parts.split, args.output);
  messages.say(trainingSentence(trained));
  const assessment =
    parts.test &&
    (await assessMasked(trained.model, parts.test, {
      ...{ train: parts.rest, seed: args.seed, device: args.device, threads, worker: true },
    }));
  const report = trainReport({ path, args, parts, trained, assessment, threads });
  const seconds = (performance.now() - began) / 1000;
  await deliver({ ...report, seconds }, { folder, model: args.output, json: args.json });
}

async function trainOn(
  { rest, validation }: CorpusParts,
  {
    config,
    masking,
    threads,
  }: { config: Record<string, unknown>; masking: ReturnType<typeof maskingOf>; threads: number },
  args: Arguments,
  messages: Messages,
): Promise<TrainedMaskedModel> {
  const { tokenizer } = args;
  const definition = {
    ...{ architecture: args.model, config, masking },
    ...(tokenizer !== undefined && { tokenizer }),
  };
  return trainingRun(args, threads, messages, (options) =>
    trainMaskedModel(rest, definition, { ...options, validation: validation ?? 0 }),
  );
}

interface Finished {
  path: string;
  args: Arguments;
  parts: CorpusParts;
  trained: TrainedMaskedModel;
  assessment: MaskedAssessment | undefined;
  threads: number;
}

function trainReport({ path, args, parts, trained, assessment, threads }: Finished): RunReport {
  const { history, bestEpoch, seconds } = trained.fit;
  const { spec, weights } = trained.model;
  const { config: _config, json: _json, quiet: _quiet, ...options } = args;
  const used = { ...options, threads, modelConfig: spec.config, maskingUsed: spec.masking };
  const seen = `Learned from ${counted(trained.tokens, 'token')} in ${counted(history.length, 'epoch')}`;
  const bits = assessment?.metrics.bitsPerSymbol?.value;
  return {
    title: `${args.model} masked model of ${basename(path)}`,
    lead: assessment
      ? `${seen}; ${figure(bits)} bits per symbol that is hidden in text that it had not seen.`
      : `${seen}. Nothing was held out, so nothing is known of how well it tells what is hidden in new text.`,
    version,
    seed: args.seed,
    seconds: 0,
    data: maskedSummary(parts.all),
    training: {
      history,
      bestEpoch,
      seconds,
      parameters: [...weights.values()].reduce((sum, { length }) => sum + length, 0),
    },
    ...(assessment && maskedReport(assessment, spec.masking)),
    manifest: manifestOf(used, [...parts.all.sources], { device: args.device, threads }),
  };
}
