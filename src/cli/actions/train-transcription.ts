import { basename } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import { strideOf } from '../../models/transcriber/front.ts';
import { counted } from '../../report/format.ts';
import type { RunReport } from '../../report/run-report.ts';
import { fitOptions as checkFitOptions } from '../../train/options.ts';
import { assessTranscriber, type TranscriptionAssessment } from '../../train/tasks/ctc/assess.ts';
import {
  type RecordingColumns,
  splitTranscriptions,
  type TranscriptionData,
} from '../../train/tasks/ctc/data.ts';
import { type TranscriberDefinition, transcriberSpec } from '../../train/tasks/ctc/definition.ts';
import { readTranscriptions } from '../../train/tasks/ctc/read.ts';
import { type TrainedTranscriber, trainTranscriber } from '../../train/tasks/ctc/train.ts';
import type { CtcArguments } from '../ctc-options.ts';
import { type Messages, openMessages } from '../messages.ts';
import type { TranslationArguments } from '../translation-options.ts';
import type { TrainArguments } from '../verbs/train.ts';
import { deviceFor } from './device.ts';
import { fitArguments } from './fit-arguments.ts';
import { manifestOf } from './manifest.ts';
import { checkPlaces, reportPlace } from './places.ts';
import { deliver } from './results.ts';
import { trainingSentence } from './training-progress.ts';
import { saveTrained, trainingRun } from './training-run.ts';
import {
  sourcesOfTranscriptions,
  transcriptionReport,
  transcriptionSentence,
  transcriptionSummary,
} from './transcription-report.ts';
import { refuseUnknownTranscriber, transcriberConfig, transcriberThreads } from './transcription-settings.ts';

type Arguments = TrainArguments & TranslationArguments & CtcArguments & { time?: string };

/** Trains a transcriber, evaluates it on what was held out, and writes model and report. */
export async function trainTranscription(path: string, command: Command): Promise<void> {
  const began = performance.now();
  const messages = openMessages(command.opts<Arguments>());
  const args = await transcriptionArguments(command, messages);
  const folder = reportPlace(args.output, args.report);
  checkFitOptions(fitArguments(args));
  await checkPlaces(args.output, folder);

  const parts = await divide(path, args, messages);
  const definition = definitionOf(parts.all, args);
  const threads = transcriberThreads(args.threads, definition.config ?? {});
  sayStride(parts, definition, messages);
  const trained = await trainOn(parts, definition, threads, args, messages);
  await saveTrained(trained.model, parts.settings, args.output);
  sayLeftOut(trained, parts, messages);
  messages.say(trainingSentence(trained));
  const { fit, test } = parts;
  const where = { device: args.device, threads, worker: true };
  const assessment =
    test &&
    (await assessTranscriber(trained.model, test, {
      ...{ ...where, train: fit, seed: args.seed },
      ...(args.ambiguous && { unknown: args.ambiguous }),
    }));
  const report = trainReport({ path, args, parts, trained, assessment, threads });
  const seconds = (performance.now() - began) / 1000;
  await deliver({ ...report, seconds }, { folder, model: args.output, json: args.json });
}

/** Options that mean something here; all others would be ignored in silence. */
const meaningful = new Set([
  ...[
    'task',
    'output',
    'report',
    'json',
    'config',
    'quiet',
    'device',
    'threads',
    'seed',
    'resume',
    'checkpointEvery',
  ],
  ...[
    'model',
    'set',
    'test',
    'validation',
    'split',
    'epochs',
    'patience',
    'batchSize',
    'maxTokens',
    'maxMemory',
    'accumulate',
  ],
  ...[
    'optimizer',
    'rate',
    'schedule',
    'clip',
    'decay',
    'l1',
    'l2',
    'average',
    'labels',
    'id',
    'group',
    'track',
  ],
  ...['time', 'source', 'target', 'sourceTokens', 'tokenizer', 'ambiguous', 'unalignable'],
]);

async function transcriptionArguments(command: Command, messages: Messages): Promise<Arguments> {
  const given = (name: string) => !['default', undefined].includes(command.getOptionValueSource(name));
  const stray = command.options.find((option) => {
    const name = option.attributeName();
    return given(name) && !meaningful.has(name);
  });
  if (stray)
    throw usageError(
      `${stray.long} does not go with --task ctc, which learns from signals and their transcriptions.`,
    );
  const args = command.opts<Arguments>();
  if (args.split === 'stratified' || args.split === 'homology')
    throw usageError(`--split ${args.split} does not go with --task ctc; use random or group.`);
  if (args.split === 'group' && args.group === undefined)
    throw usageError('--split group needs --group: the column that tells which records belong together.');
  refuseUnknownTranscriber(args.model);
  return { ...args, device: await deviceFor(args.device, messages) };
}

/** Who goes where. */
interface Parts {
  readonly all: TranscriptionData;
  readonly fit: TranscriptionData;
  readonly test: TranscriptionData | undefined;
  readonly validation: TranscriptionData | undefined;
  readonly others: readonly TranscriptionData[];
  readonly note: string;
  readonly counts: { name: string; count: number }[];
  /** For the model's record. */
  readonly settings: Record<string, unknown>;
}

async function divide(path: string, args: Arguments, messages: Messages): Promise<Parts> {
  const { id, source, target, group, time, labels, track: channels, seed, test, validation, split } = args;
  const symbols = args.sourceTokens !== undefined || undefined;
  const columns: RecordingColumns = { id, source, target, group, time, labels, channels, symbols };
  const all = await readTranscriptions(path, columns);
  for (const note of all.notes ?? []) messages.say(note);
  messages.say(transcriptionSentence(all));
  const others: TranscriptionData[] = [];
  const grouped = group !== undefined && split !== 'random';
  const apart = (data: TranscriptionData): TranscriptionData =>
    grouped ? data : { ...data, records: data.records.map(({ group: _group, ...record }) => record) };
  const hold = async (from: TranscriptionData, how: number | string | false) => {
    if (how === false) return { rest: from, held: undefined };
    if (typeof how === 'number') {
      const { fit: rest, test: held } = splitTranscriptions(from, { test: how, seed });
      return { rest, held };
    }
    const other = await readTranscriptions(how, columns);
    refuseOtherShape(other, all, how);
    others.push(other);
    return { rest: from, held: other };
  };
  const tested = await hold(apart(all), test);
  const judged = await hold(tested.rest, validation);
  const counts = [
    { name: 'training', count: judged.rest.records.length },
    ...(judged.held ? [{ name: 'validation', count: judged.held.records.length }] : []),
    ...(tested.held ? [{ name: 'test', count: tested.held.records.length }] : []),
  ];
  const note =
    test === false
      ? 'Nothing is held out for a test.'
      : typeof test === 'number'
        ? `Split at random${grouped ? `, records of one ${group} together` : ''}.`
        : `Tested on ${test}.`;
  messages.say(`${note} ${counts.map(({ name, count }) => `${count} ${name}`).join(', ')}.`);
  return {
    ...{ all, fit: judged.rest, test: tested.held, validation: judged.held, others, note, counts },
    settings: { test, validation, by: grouped ? 'group' : 'random', seed },
  };
}

function refuseOtherShape(other: TranscriptionData, all: TranscriptionData, path: string): void {
  const told = ({ kind, channels }: TranscriptionData) =>
    kind === 'frames'
      ? `frames of ${counted(channels.length, 'channel')} (${channels.join(', ')})`
      : 'symbols';
  if (told(other) !== told(all))
    throw usageError(`${path} holds ${told(other)}; expected ${told(all)}, as in the training file.`);
}

function definitionOf(all: TranscriptionData, args: Arguments): TranscriberDefinition {
  const { model, set = [], tokenizer, sourceTokens } = args;
  return {
    architecture: model,
    config: transcriberConfig(model, set, all.kind),
    ...(tokenizer && { tokens: tokenizer }),
    ...(sourceTokens && { sourceTokens }),
  };
}

async function trainOn(
  { fit, validation }: Parts,
  definition: TranscriberDefinition,
  threads: number,
  args: Arguments,
  messages: Messages,
): Promise<TrainedTranscriber> {
  return trainingRun(args, threads, messages, (options) =>
    trainTranscriber(definition, fit, {
      ...options,
      validation: validation ?? 0,
      ...(args.unalignable && { unalignable: args.unalignable }),
    }),
  );
}

/** What the data decide, before they are learned from. */
function sayStride({ fit }: Parts, definition: TranscriberDefinition, messages: Messages): void {
  const { config } = transcriberSpec(fit, definition);
  const strides = config.strides as number[];
  const stride = strideOf({ strides });
  if (stride > 1)
    messages.say(`${stride} places of the input make one step (--set strides=${strides.join(',')}).`);
}

function sayLeftOut({ skipped, model }: TrainedTranscriber, { validation }: Parts, messages: Messages): void {
  const blind = (validation?.records.length ?? 0) - (model.training.validationRecords as number);
  if (blind > 0)
    messages.say(
      `${counted(blind, 'validation record')} took no part in the choice of the epoch: unknown letters or words, or more to be written than there are steps.`,
    );
  if (skipped.length === 0) return;
  const named = `${skipped.slice(0, 5).join(', ')}${skipped.length > 5 ? ' …' : ''}`;
  messages.say(
    `${counted(skipped.length, 'record')} left out, whose transcription is longer than the steps: ${named}.`,
  );
}

interface Finished {
  path: string;
  args: Arguments;
  parts: Parts;
  trained: TrainedTranscriber;
  assessment: TranscriptionAssessment | undefined;
  threads: number;
}

function trainReport({ path, args, parts, trained, assessment, threads }: Finished): RunReport {
  const { history, bestEpoch, seconds } = trained.fit;
  const { all, fit, test, others, note, counts } = parts;
  const weights = [...trained.model.weights.values()];
  const { config: _config, json: _json, quiet: _quiet, ...options } = args;
  const used = { ...options, threads, modelConfig: trained.model.spec.config, split: parts.settings };
  const seen = `Learned from ${counted(fit.records.length - trained.skipped.length, 'record')} in ${counted(history.length, 'epoch')}`;
  const texts = new Set(fit.records.map(({ text }) => text));
  const known = test?.records.filter(({ text }) => texts.has(text)).length ?? 0;
  return {
    title: `${args.model} transcriber of ${basename(path)}`,
    lead: test
      ? `${seen} and evaluated on ${counted(test.records.length, 'record')} that it had not seen.`
      : `${seen}. Nothing was held out, so nothing is known of how well it transcribes new records.`,
    version,
    seed: args.seed,
    seconds: 0,
    data: transcriptionSummary(all, others),
    training: { history, bestEpoch, seconds, parameters: weights.reduce((sum, w) => sum + w.length, 0) },
    ...(assessment && transcriptionReport(assessment)),
    ...(test && {
      leakage: {
        split: note.replace(/\.$/, ''),
        parts: counts,
        sentence: `${known} of ${counted(test.records.length, 'test transcription')} stand letter for letter among the training ones.`,
      },
    }),
    manifest: manifestOf(used, sourcesOfTranscriptions([all, ...others]), { device: args.device, threads }),
  };
}
