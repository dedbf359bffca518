import { basename } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import { counted } from '../../report/format.ts';
import type { RunReport } from '../../report/run-report.ts';
import { fitOptions as checkFitOptions } from '../../train/options.ts';
import { assessSpans, type SpanAssessment } from '../../train/tasks/spans/assess.ts';
import type { SpanData } from '../../train/tasks/spans/data.ts';
import { readSpans } from '../../train/tasks/spans/read.ts';
import { splitSpans } from '../../train/tasks/spans/split.ts';
import { spanTokenizer } from '../../train/tasks/spans/tokenizers.ts';
import { type TrainedSpanModel, trainSpans } from '../../train/tasks/spans/train.ts';
import { type Messages, openMessages } from '../messages.ts';
import type { SpanArguments } from '../span-options.ts';
import type { TrainArguments } from '../verbs/train.ts';
import { deviceFor } from './device.ts';
import { fitArguments } from './fit-arguments.ts';
import { manifestOf } from './manifest.ts';
import { checkPlaces, reportPlace } from './places.ts';
import { deliver } from './results.ts';
import {
  headline,
  leakageOfSpans,
  sourcesOfSpans,
  spanReport,
  spanSentence,
  spanSummary,
  spanVerdict,
} from './span-report.ts';
import {
  refuseUnknownSpanModel,
  spanConfig,
  spanSource,
  spanThreads,
  usualSpanModel,
} from './span-settings.ts';
import { trainingSentence } from './training-progress.ts';
import { saveTrained, trainingRun } from './training-run.ts';

type Arguments = TrainArguments & SpanArguments;

/** Trains a model that points at spans, evaluates it on what was held out, and writes model and report. */
export async function trainSpansFrom(path: string, command: Command): Promise<void> {
  const began = performance.now();
  const messages = openMessages(command.opts<Arguments>());
  const asked = await spanArguments(command, messages);
  const folder = reportPlace(asked.output, asked.report);
  checkFitOptions(fitArguments(asked));
  await checkPlaces(asked.output, folder);

  const all = await readAll(path, asked, messages);
  const args = { ...asked, model: given(command, 'model') ? asked.model : usualSpanModel(all) };
  const config = spanConfig(args.model, args.set ?? [], all);
  if (all.kind === 'letters' || args.tokenizer !== undefined) spanTokenizer(all, args.tokenizer);
  const parts = await divide(all, args, messages);
  const threads = spanThreads(args.threads, config);
  const trained = await trainOn(parts, config, threads, args, messages);
  if (trained.widened > 0)
    messages.say(
      `${counted(trained.widened, 'answer')} of ${trained.records} in training ${trained.widened === 1 ? 'begins or ends' : 'begin or end'} within a token; whole tokens were learned. --tokenizer characters would cut anywhere.`,
    );
  await saveTrained(trained.model, parts.settings, args.output);
  messages.say(trainingSentence(trained));
  const { fit, test } = parts;
  const where = { device: args.device, threads, worker: true };
  const assessment =
    test && (await assessSpans(trained.model, test, { ...where, train: fit, seed: args.seed }));
  const report = trainReport({ path, args, parts, trained, assessment, threads });
  const verdict = assessment && spanVerdict(assessment);
  if (verdict && !report.alarms?.includes(verdict)) messages.say(verdict);
  const seconds = (performance.now() - began) / 1000;
  await deliver({ ...report, seconds }, { folder, model: args.output, json: args.json });
}

/** The options that mean something here; any other one would be ignored in silence. */
const fitting = [
  ...[
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
  ...['id', 'sequence', 'group', 'task', 'alphabet', 'ambiguous', 'model', 'set', 'tokenizer'],
  ...['spans', 'passage', 'question', 'answer', 'start', 'end', 'several', 'without', 'longest'],
  ...[
    'test',
    'split',
    'threshold',
    'validation',
    'epochs',
    'patience',
    'batchSize',
    'maxTokens',
    'maxMemory',
    'accumulate',
  ],
  ...['optimizer', 'rate', 'schedule', 'clip', 'decay', 'l1', 'l2', 'average'],
];

const given = (command: Command, name: string) =>
  !['default', undefined].includes(command.getOptionValueSource(name));

async function spanArguments(command: Command, messages: Messages): Promise<Arguments> {
  const stray = command.options.find((option) => {
    const name = option.attributeName();
    return !fitting.includes(name) && given(command, name);
  });
  if (stray) throw usageError(`${stray.long} does not go with --task spans.`);
  const args = command.opts<Arguments>();
  if (args.split === 'stratified')
    throw usageError('--split stratified does not go with --task spans; use random, group or homology.');
  if (given(command, 'model')) refuseUnknownSpanModel(args.model);
  return { ...args, device: await deviceFor(args.device, messages) };
}

async function readAll(path: string, args: Arguments, messages: Messages): Promise<SpanData> {
  const data = await readSpans(spanSource(path, args));
  for (const note of data.notes) messages.say(note);
  messages.say(spanSentence(data));
  return data;
}

/** Who goes where. */
interface Parts {
  readonly all: SpanData;
  readonly fit: SpanData;
  readonly test: SpanData | undefined;
  readonly validation: SpanData | undefined;
  readonly others: readonly SpanData[];
  readonly note: string;
  readonly counts: { name: string; count: number }[];
  /** For the model's record. */
  readonly settings: Record<string, unknown>;
}

async function divide(all: SpanData, args: Arguments, messages: Messages): Promise<Parts> {
  const { seed, split, threshold, test, validation } = args;
  const by = split === 'stratified' ? undefined : split;
  const others: SpanData[] = [];
  const hold = async (from: SpanData, how: number | string | false) => {
    if (how === false) return { rest: from, held: undefined, note: 'Nothing is held out for a test.' };
    if (typeof how === 'number') {
      const { fit: rest, test: held, note } = splitSpans(from, { test: how, seed, by, threshold });
      return { rest, held, note };
    }
    const other = await readAll(how, args, messages);
    if (other.kind !== all.kind || other.question !== all.question)
      throw usageError(`${how} does not hold what the training data hold: ${spanSummary(all).task}.`);
    others.push(other);
    return { rest: from, held: other, note: `Tested on ${how}.` };
  };
  const tested = await hold(all, test);
  const judged = await hold(tested.rest, validation);
  const counts = [
    { name: 'training', count: judged.rest.records.length },
    ...(judged.held ? [{ name: 'validation', count: judged.held.records.length }] : []),
    ...(tested.held ? [{ name: 'test', count: tested.held.records.length }] : []),
  ];
  messages.say(`${tested.note} ${counts.map(({ name, count }) => `${count} ${name}`).join(', ')}.`);
  return {
    ...{ all, fit: judged.rest, test: tested.held, validation: judged.held, others, counts },
    note: tested.note,
    settings: { test, validation, by: by ?? 'default', threshold: threshold ?? null, seed },
  };
}

function trainOn(
  { fit, validation }: Parts,
  config: Record<string, unknown>,
  threads: number,
  args: Arguments,
  messages: Messages,
): Promise<TrainedSpanModel> {
  const { model: architecture, tokenizer, longest } = args;
  return trainingRun(args, threads, messages, (options) =>
    trainSpans({ architecture, config, tokenizer, longest }, fit, {
      ...options,
      validation: validation ?? 0,
    }),
  );
}

interface Finished {
  path: string;
  args: Arguments;
  parts: Parts;
  trained: TrainedSpanModel;
  assessment: SpanAssessment | undefined;
  threads: number;
}

function trainReport({ path, args, parts, trained, assessment, threads }: Finished): RunReport {
  const { history, bestEpoch, seconds } = trained.fit;
  const { all, fit, test, others, note, counts } = parts;
  const { spec, weights } = trained.model;
  const { config: _config, json: _json, quiet: _quiet, ...options } = args;
  const used = {
    ...options,
    threads,
    modelConfig: spec.config,
    longest: spec.longest,
    split: parts.settings,
  };
  const seen = `Learned from ${counted(trained.records, 'record')} in ${counted(history.length, 'epoch')}`;
  return {
    title: `${args.model} for spans of ${basename(path)}`,
    lead:
      assessment && test
        ? `${seen}; ${headline(assessment)} on ${counted(test.records.length, 'record')} that it had not seen.`
        : `${seen}. Nothing was held out, so nothing is known of how well it finds new spans.`,
    version,
    seed: args.seed,
    seconds: 0,
    data: spanSummary(all, others),
    training: {
      ...{ history, bestEpoch, seconds },
      parameters: [...weights.values()].reduce((sum, { length }) => sum + length, 0),
    },
    ...(assessment && test && spanReport(assessment, test, spec)),
    ...(test && { leakage: leakageOfSpans(note, { train: fit, test }, counts) }),
    manifest: manifestOf(used, sourcesOfSpans([all, ...others]), { device: args.device, threads }),
  };
}
