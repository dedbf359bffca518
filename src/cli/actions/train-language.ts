import { basename } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import { counted, figure } from '../../report/format.ts';
import type { RunReport } from '../../report/run-report.ts';
import { fitOptions as checkFitOptions } from '../../train/options.ts';
import { assessLanguage, type LanguageAssessment } from '../../train/tasks/language/assess.ts';
import { type Corpus, readCorpus, splitCorpus } from '../../train/tasks/language/corpus.ts';
import { type TrainedLanguageModel, trainLanguageModel } from '../../train/tasks/language/train.ts';
import { type Messages, openMessages } from '../messages.ts';
import type { TrainArguments } from '../verbs/train.ts';
import { deviceFor } from './device.ts';
import { fitArguments } from './fit-arguments.ts';
import { corpusSentence, corpusSummary, languageReport } from './language-report.ts';
import { languageArchitectureOf, languageConfig, languageThreads } from './language-settings.ts';
import { manifestOf } from './manifest.ts';
import { checkPlaces, reportPlace } from './places.ts';
import { deliver } from './results.ts';
import { trainingSentence } from './training-progress.ts';
import { saveTrained, trainingRun } from './training-run.ts';

/** Trains a language model, evaluates it on what was held out, and writes model and report. */
export async function trainLanguage(path: string, command: Command): Promise<void> {
  const began = performance.now();
  const messages = openMessages(command.opts<TrainArguments>());
  const args = await languageArguments(command, messages);
  const folder = reportPlace(args.output, args.report);
  const config = languageConfig(args.model, args.set);
  checkFitOptions(fitArguments(args));
  const threads = languageThreads(args.threads, args.model, config);
  await checkPlaces(args.output, folder);

  const parts = await divideCorpus(path, args);
  messages.say(corpusSentence(parts.all));
  const trained = await trainOn(parts, config, threads, args, messages);
  await saveTrained(trained.model, parts.split, args.output);
  messages.say(trainingSentence(trained));
  const assessment =
    parts.test &&
    (await assessLanguage(trained.model, parts.test, {
      train: parts.rest,
      seed: args.seed,
      device: args.device,
      threads,
      worker: true,
    }));
  const report = trainReport({ path, args, parts, trained, assessment, threads });
  const seconds = (performance.now() - began) / 1000;
  await deliver({ ...report, seconds }, { folder, model: args.output, json: args.json });
}

/** Options that speak of labels or of other models, which would be ignored in silence. */
const foreign = [
  ...['labels', 'id', 'label', 'labelFrom', 'sequence', 'group', 'weight', 'track', 'alphabet'],
  ...['reverseComplement', 'split', 'threshold', 'classWeights', 'ambiguous'],
] as const;

/** Whether an option was named by the user. */
export const isGiven = (command: Command, name: string): boolean =>
  !['default', undefined].includes(command.getOptionValueSource(name));

/** Throws a usage error for an option that speaks of labels, which a task of texts alone does not have. */
export function refuseForeign(command: Command, task: 'language' | 'masked'): void {
  const stray = foreign.find((name) => isGiven(command, name));
  if (stray === undefined) return;
  const flag = command.options.find((option) => option.attributeName() === stray)!.long;
  throw usageError(`${flag} does not go with --task ${task}, which learns from text without labels.`);
}

async function languageArguments(command: Command, messages: Messages): Promise<TrainArguments> {
  refuseForeign(command, 'language');
  const args = command.opts<TrainArguments>();
  const model = isGiven(command, 'model') ? args.model : 'lstm';
  languageArchitectureOf(model);
  return { ...args, model, device: await deviceFor(args.device, messages) };
}

/** A corpus and its parts. */
export interface CorpusParts {
  readonly all: Corpus;
  readonly rest: Corpus;
  readonly test: Corpus | undefined;
  readonly validation: Corpus | undefined;
  /** For the model's record. */
  readonly split: Record<string, unknown>;
}

/** What is held out for the evaluation and for choosing the epoch: whole texts at random, or the end of a single text. */
export async function divideCorpus(path: string, args: TrainArguments): Promise<CorpusParts> {
  const { seed, corpus: format = 'auto' } = args;
  const all = await readCorpus(path, { format });
  const hold = async (from: Corpus, how: number | string | false) => {
    if (how === false) return { rest: from, held: undefined };
    if (typeof how === 'number') return splitCorpus(from, { share: how, seed });
    return { rest: from, held: await readCorpus(how, { format }) };
  };
  const tested = await hold(all, args.test);
  const judged = await hold(tested.rest, args.validation);
  return {
    all,
    rest: judged.rest,
    test: tested.held,
    validation: judged.held,
    split: { test: args.test, validation: args.validation, method: all.ends ? 'random' : 'end of the text' },
  };
}

async function trainOn(
  { rest, validation }: CorpusParts,
  config: Record<string, unknown>,
  threads: number,
  args: TrainArguments,
  messages: Messages,
): Promise<TrainedLanguageModel> {
  const { tokenizer } = args;
  const definition = { architecture: args.model, config, ...(tokenizer !== undefined && { tokenizer }) };
  return trainingRun(args, threads, messages, (options) =>
    trainLanguageModel(rest, definition, { ...options, validation: validation ?? 0 }),
  );
}

interface Finished {
  path: string;
  args: TrainArguments;
  parts: CorpusParts;
  trained: TrainedLanguageModel;
  assessment: LanguageAssessment | undefined;
  threads: number;
}

function trainReport({ path, args, parts, trained, assessment, threads }: Finished): RunReport {
  const { history, bestEpoch, seconds } = trained.fit;
  const weights = [...trained.model.weights.values()];
  const { config: _config, json: _json, quiet: _quiet, ...options } = args;
  const used = { ...options, threads, modelConfig: trained.model.spec.config };
  const seen = `Learned from ${counted(trained.tokens, 'token')} in ${counted(history.length, 'epoch')}`;
  const bits = assessment?.metrics.bitsPerSymbol?.value;
  return {
    title: `${args.model} language model of ${basename(path)}`,
    lead: assessment
      ? `${seen}; ${figure(bits)} bits per symbol on text that it had not seen.`
      : `${seen}. Nothing was held out, so nothing is known of how well it foretells new text.`,
    version,
    seed: args.seed,
    seconds: 0,
    data: corpusSummary(parts.all),
    training: {
      history,
      bestEpoch,
      seconds,
      parameters: weights.reduce((sum, w) => sum + w.length, 0),
    },
    ...(assessment && languageReport(assessment)),
    manifest: manifestOf(used, [...parts.all.sources], { device: args.device, threads }),
  };
}
