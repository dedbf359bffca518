import { basename } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import {
  sourcesOfTagged,
  taggedSentence,
  taggedSummary,
  taggingLeakage,
  taggingReport,
} from '../../recipes/tagging-report.ts';
import { counted } from '../../report/format.ts';
import type { RunReport } from '../../report/run-report.ts';
import { fitOptions as checkFitOptions } from '../../train/options.ts';
import { type TaggerDefinition, type TrainedTagger, trainTagger } from '../../train/tasks/tagging.ts';
import type { TaggedData } from '../../train/tasks/tagging-data.ts';
import { assessTagger, type TaggingAssessment } from '../../train/tasks/tagging-evaluate.ts';
import { readTagged, type TaggedSource } from '../../train/tasks/tagging-read.ts';
import { splitTagged } from '../../train/tasks/tagging-split.ts';
import { type Messages, openMessages } from '../messages.ts';
import type { DataArguments } from '../options.ts';
import type { TaggingArguments, TagReadingArguments } from '../tagging-options.ts';
import type { TrainArguments } from '../verbs/train.ts';
import { deviceFor } from './device.ts';
import { fitArguments } from './fit-arguments.ts';
import { manifestOf } from './manifest.ts';
import { checkPlaces, reportPlace } from './places.ts';
import { deliver } from './results.ts';
import { allowedTransitions, refuseUnknownTagger, taggerConfig, taggerThreads } from './tagging-settings.ts';
import { trainingSentence } from './training-progress.ts';
import { saveTrained, trainingRun } from './training-run.ts';

type Arguments = TrainArguments & TaggingArguments;

/** Trains a tagger, evaluates it on what was held out, and writes model and report. */
export async function trainTagging(path: string, command: Command): Promise<void> {
  const began = performance.now();
  const messages = openMessages(command.opts<Arguments>());
  const args = await taggingArguments(command, messages);
  const folder = reportPlace(args.output, args.report);
  checkFitOptions(fitArguments(args));
  await checkPlaces(args.output, folder);

  const parts = await divide(path, args, messages);
  const definition = await definitionOf(parts.all, args);
  const threads = taggerThreads(args.threads, definition.config ?? {});
  const trained = await trainOn(parts, definition, threads, args, messages);
  await saveTrained(trained.model, parts.settings, args.output);
  messages.say(trainingSentence(trained));
  const { fit, test } = parts;
  const where = { device: args.device, threads, worker: true };
  const assessment =
    test && (await assessTagger(trained.model, test, { ...where, train: fit, seed: args.seed }));
  const report = trainReport({ path, args, parts, trained, assessment, threads });
  const seconds = (performance.now() - began) / 1000;
  await deliver({ ...report, seconds }, { folder, model: args.output, json: args.json });
}

/** Options that speak of other tasks, which would be ignored in silence. */
const foreign = ['labelFrom', 'weight', 'track', 'reverseComplement', 'tokenizer', 'corpus'] as const;

async function taggingArguments(command: Command, messages: Messages): Promise<Arguments> {
  const given = (name: string) => !['default', undefined].includes(command.getOptionValueSource(name));
  const stray = foreign.find(given);
  if (stray !== undefined) {
    const flag = command.options.find((option) => option.attributeName() === stray)!.long;
    throw usageError(`${flag} does not go with --task tagging.`);
  }
  const args = command.opts<Arguments>();
  if (args.split === 'stratified')
    throw usageError('--split stratified does not go with --task tagging; use random, group or homology.');
  const model = given('model') ? args.model : 'bilstm';
  refuseUnknownTagger(model);
  return { ...args, model, device: await deviceFor(args.device, messages) };
}

/** Where tags are, for what reads them. */
export function taggedSource(
  sequences: string,
  {
    labels,
    label,
    word,
    id,
    sequence,
    group,
    unknown,
    alphabet,
    ambiguous,
  }: DataArguments & TagReadingArguments,
): TaggedSource {
  if ((label?.length ?? 0) > 1)
    throw usageError('--task tagging reads one column of tags; give --label once.');
  const options = {
    ...{ labels, label: label?.[0], word, id, sequence, group, unknown, ambiguous },
    alphabet: alphabet && alphabetByName(alphabet),
  };
  const present = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { sequences, ...present };
}

/** Who goes where. */
interface Parts {
  readonly all: TaggedData;
  readonly fit: TaggedData;
  readonly test: TaggedData | undefined;
  readonly validation: TaggedData | undefined;
  readonly others: readonly TaggedData[];
  readonly note: string;
  readonly counts: { name: string; count: number }[];
  /** For the model's record. */
  readonly settings: Record<string, unknown>;
}

async function divide(path: string, args: Arguments, messages: Messages): Promise<Parts> {
  const { seed, split: by, threshold, scheme, test, validation, transitions } = args;
  const all = await readTagged({ ...taggedSource(path, args), ...(scheme && { scheme }) });
  for (const note of all.notes) messages.say(note);
  messages.say(taggedSentence(all));
  const others: TaggedData[] = [];
  const readOther = async (other: string) => {
    const known = { tags: all.tags, rules: { scheme: all.scheme, allowed: null } };
    const input =
      all.kind === 'letters'
        ? { kind: all.kind, alphabet: all.alphabet! }
        : { kind: all.kind, words: [], characters: [], lowercase: true };
    const data = await readTagged({ ...taggedSource(other, args), model: { ...known, input } });
    others.push(data);
    return data;
  };
  const method = {
    ...(by && by !== 'stratified' && { by }),
    ...(threshold !== undefined && { threshold }),
    seed,
  };
  const tested = typeof test === 'number' ? splitTagged(all, { ...method, test }) : undefined;
  const rest = tested?.fit ?? all;
  const judged =
    typeof validation === 'number' ? splitTagged(rest, { ...method, test: validation }) : undefined;
  const held = tested?.test ?? (typeof test === 'string' ? await readOther(test) : undefined);
  const judge = judged?.test ?? (typeof validation === 'string' ? await readOther(validation) : undefined);
  const fit = judged?.fit ?? rest;
  const note = tested?.note ?? (held ? `Tested on ${test}.` : 'Nothing is held out for a test.');
  const counts = [
    { name: 'training', count: fit.sequences.length },
    ...(judge ? [{ name: 'validation', count: judge.sequences.length }] : []),
    ...(held ? [{ name: 'test', count: held.sequences.length }] : []),
  ];
  messages.say(`${note} ${counts.map(({ name, count }) => `${count} ${name}`).join(', ')}.`);
  const settings = {
    test,
    validation,
    by: by ?? 'default',
    threshold: threshold ?? null,
    seed,
    transitions: transitions ?? null,
  };
  return { all, fit, test: held, validation: judge, others, note, counts, settings };
}

async function definitionOf(all: TaggedData, args: Arguments): Promise<TaggerDefinition> {
  const { model, set = [], transitions, minCount, keepCase } = args;
  return {
    architecture: model,
    config: taggerConfig(model, set, all.kind),
    vocabulary: { ...(minCount !== undefined && { minCount }), lowercase: !keepCase },
    allowed: transitions === undefined ? null : await allowedTransitions(transitions),
  };
}

async function trainOn(
  { fit, validation }: Parts,
  definition: TaggerDefinition,
  threads: number,
  args: Arguments,
  messages: Messages,
): Promise<TrainedTagger> {
  const { wordDropout } = args;
  return trainingRun(args, threads, messages, (options) =>
    trainTagger(definition, fit, {
      ...options,
      ...(wordDropout !== undefined && { wordDropout }),
      validation: validation ?? 0,
    }),
  );
}

interface Finished {
  path: string;
  args: Arguments;
  parts: Parts;
  trained: TrainedTagger;
  assessment: TaggingAssessment | undefined;
  threads: number;
}

function trainReport({ path, args, parts, trained, assessment, threads }: Finished): RunReport {
  const { history, bestEpoch, seconds } = trained.fit;
  const { all, fit, test, others, note, counts } = parts;
  const weights = [...trained.model.weights.values()];
  const { config: _config, json: _json, quiet: _quiet, ...options } = args;
  const used = { ...options, threads, modelConfig: trained.model.spec.config, split: parts.settings };
  const seen = `Learned from ${counted(trained.tokens, all.kind === 'letters' ? 'letter' : 'word')} in ${counted(history.length, 'epoch')}`;
  return {
    title: `${args.model} tagger of ${basename(path)}`,
    lead: test
      ? `${seen} and evaluated on ${counted(test.sequences.length, 'sequence')} that it had not seen.`
      : `${seen}. Nothing was held out, so nothing is known of how well it tags new sequences.`,
    version,
    seed: args.seed,
    seconds: 0,
    data: taggedSummary(all, others),
    training: {
      history,
      bestEpoch,
      seconds,
      parameters: weights.reduce((sum, w) => sum + w.length, 0),
    },
    ...(assessment && test && taggingReport(assessment, test)),
    ...(test && { leakage: taggingLeakage(note, { train: fit, test }, counts) }),
    manifest: manifestOf(used, sourcesOfTagged([all, ...others]), { device: args.device, threads }),
  };
}
