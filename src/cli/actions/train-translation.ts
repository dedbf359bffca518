import { basename } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import type { AnyModel } from '../../models/model.ts';
import { counted } from '../../report/format.ts';
import type { RunReport } from '../../report/run-report.ts';
import { fitOptions as checkFitOptions } from '../../train/options.ts';
import { type TrainedPairs, trainTranslator } from '../../train/tasks/translation.ts';
import { type PairData, readPairs, splitPairs } from '../../train/tasks/translation-data.ts';
import { assessTranslator, type TranslationAssessment } from '../../train/tasks/translation-evaluate.ts';
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
import { pairsSentence, pairsSummary, sourcesOfPairs, translationReport } from './translation-report.ts';
import { translatorConfig, translatorThreads } from './translation-settings.ts';

type Arguments = TrainArguments & TranslationArguments;

/** Trains a translator on pairs of texts, evaluates it on what was held out, and writes model and report. */
export async function trainTranslation(path: string, command: Command): Promise<void> {
  const began = performance.now();
  const messages = openMessages(command.opts<Arguments>());
  const args = await translationArguments(command, messages);
  const folder = reportPlace(args.output, args.report);
  const config = translatorConfig(args.model, args.set);
  checkFitOptions(fitArguments(args));
  const threads = translatorThreads(args.threads, config);
  await checkPlaces(args.output, folder);

  const parts = await divide(path, args, messages);
  const trained = await trainOn(parts, config, threads, args, messages);
  await saveTrained(trained.model as AnyModel, parts.settings, args.output);
  messages.say(trainingSentence(trained));
  const { fit, test } = parts;
  const where = { device: args.device, threads, worker: true };
  const assessment =
    test && (await assessTranslator(trained.model, test, { ...where, train: fit, seed: args.seed }));
  const report = trainReport({ path, args, parts, trained, assessment, threads });
  const seconds = (performance.now() - began) / 1000;
  await deliver({ ...report, seconds }, { folder, model: args.output, json: args.json });
}

/** Options that speak of labels or of other models, which would be ignored in silence. */
const foreign = [
  ...['labels', 'label', 'labelFrom', 'sequence', 'group', 'weight', 'track', 'alphabet', 'ambiguous'],
  ...['reverseComplement', 'split', 'threshold', 'classWeights', 'tokenizer', 'corpus'],
  ...['word', 'unknown', 'scheme', 'transitions', 'minCount', 'keepCase', 'wordDropout'],
];

async function translationArguments(command: Command, messages: Messages): Promise<Arguments> {
  const given = (name: string) => !['default', undefined].includes(command.getOptionValueSource(name));
  const stray = foreign.find(given);
  if (stray !== undefined) {
    const flag = command.options.find((option) => option.attributeName() === stray)!.long;
    throw usageError(`${flag} does not go with --task translation, which learns from pairs of texts.`);
  }
  const args = command.opts<Arguments>();
  const model = given('model') ? args.model : 'transformer';
  return { ...args, model, device: await deviceFor(args.device, messages) };
}

/** Who goes where. */
interface Parts {
  readonly all: PairData;
  readonly fit: PairData;
  readonly test: PairData | undefined;
  readonly validation: PairData | undefined;
  readonly others: readonly PairData[];
  readonly note: string;
  readonly counts: { name: string; count: number }[];
  /** For the model's record. */
  readonly settings: Record<string, unknown>;
}

async function divide(path: string, args: Arguments, messages: Messages): Promise<Parts> {
  const { id, source, target, seed, test, validation } = args;
  const columns = { ...(id && { id }), ...(source && { source }), ...(target && { target }) };
  const all = await readPairs(path, columns);
  messages.say(pairsSentence(all));
  const others: PairData[] = [];
  const hold = async (from: PairData, how: number | string | false) => {
    if (how === false) return { rest: from, held: undefined };
    if (typeof how === 'number') {
      const { fit: rest, test: held } = splitPairs(from, { test: how, seed });
      return { rest, held };
    }
    const other = await readPairs(how, columns);
    others.push(other);
    return { rest: from, held: other };
  };
  const tested = await hold(all, test);
  const judged = await hold(tested.rest, validation);
  const counts = [
    { name: 'training', count: judged.rest.pairs.length },
    ...(judged.held ? [{ name: 'validation', count: judged.held.pairs.length }] : []),
    ...(tested.held ? [{ name: 'test', count: tested.held.pairs.length }] : []),
  ];
  const note =
    test === false
      ? 'Nothing is held out for a test.'
      : typeof test === 'number'
        ? 'Split at random, pairs of one source together.'
        : `Tested on ${test}.`;
  messages.say(`${note} ${counts.map(({ name, count }) => `${count} ${name}`).join(', ')}.`);
  return {
    ...{ all, fit: judged.rest, test: tested.held, validation: judged.held, others, note, counts },
    settings: { test, validation, by: 'source', seed },
  };
}

async function trainOn(
  { fit, validation }: Parts,
  config: Record<string, unknown>,
  threads: number,
  args: Arguments,
  messages: Messages,
): Promise<TrainedPairs> {
  const { sourceTokens, targetTokens, sampling } = args;
  const definition = {
    ...{ architecture: args.model, config },
    ...(sourceTokens && { sourceTokens }),
    ...(targetTokens && { targetTokens }),
  };
  return trainingRun(args, threads, messages, (options) =>
    trainTranslator(definition, fit, {
      ...options,
      ...(sampling && { sampling }),
      validation: validation ?? 0,
    }),
  );
}

interface Finished {
  path: string;
  args: Arguments;
  parts: Parts;
  trained: TrainedPairs;
  assessment: TranslationAssessment | undefined;
  threads: number;
}

function trainReport({ path, args, parts, trained, assessment, threads }: Finished): RunReport {
  const { history, bestEpoch, seconds } = trained.fit;
  const { all, fit, test, others, note, counts } = parts;
  const weights = [...trained.model.weights.values()];
  const { config: _config, json: _json, quiet: _quiet, ...options } = args;
  const used = { ...options, threads, modelConfig: trained.model.spec.config, split: parts.settings };
  const seen = `Learned from ${counted(fit.pairs.length, 'pair')} in ${counted(history.length, 'epoch')}`;
  const sources = new Set(fit.pairs.map(({ source }) => source));
  const known = test?.pairs.filter(({ source }) => sources.has(source)).length ?? 0;
  return {
    title: `${args.model} translator of ${basename(path)}`,
    lead: test
      ? `${seen} and evaluated on ${counted(test.pairs.length, 'pair')} that it had not seen.`
      : `${seen}. Nothing was held out, so nothing is known of how well it translates new texts.`,
    version,
    seed: args.seed,
    seconds: 0,
    data: pairsSummary(all, others),
    training: { history, bestEpoch, seconds, parameters: weights.reduce((sum, w) => sum + w.length, 0) },
    ...(assessment && test && translationReport(assessment, test)),
    ...(test && {
      leakage: {
        split: note.replace(/\.$/, ''),
        parts: counts,
        sentence: `${known} of ${counted(test.pairs.length, 'test source')} stand letter for letter among the training sources.`,
      },
    }),
    manifest: manifestOf(used, sourcesOfPairs([all, ...others]), { device: args.device, threads }),
  };
}
