import { basename } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import type { DatasetOptions } from '../../data/dataset-options.ts';
import { counted } from '../../report/format.ts';
import type { RunReport } from '../../report/run-report.ts';
import { type Assessment, assess } from '../../train/assess.ts';
import { subgroupsOf } from '../../train/group-dro.ts';
import { fitOptions as checkFitOptions } from '../../train/options.ts';
import { type TrainedModel, train as trainModel } from '../../train/train-model.ts';
import { type Messages, openMessages } from '../messages.ts';
import { isByChromosome } from '../region-options.ts';
import type { TrainArguments } from '../verbs/train.ts';
import { dataSummary, sourcesOf } from './data-summary.ts';
import { deviceFor } from './device.ts';
import { type Division, divide } from './divide.ts';
import { evaluationReport, leakageOf, subgroupSentence } from './evaluation-report.ts';
import { fitArguments } from './fit-arguments.ts';
import { manifestOf } from './manifest.ts';
import { tokensWithinMemory } from './memory.ts';
import { modelConfig } from './model-settings.ts';
import { checkPlaces, reportPlace } from './places.ts';
import { datasetOptions, readLabelled } from './read-input.ts';
import { regionsOf, shapeOf, shapeSentence } from './regions.ts';
import { deliver } from './results.ts';
import { threadsFor } from './threads.ts';
import { trainingSentence } from './training-progress.ts';
import { saveTrained, trainingRun } from './training-run.ts';

/** Trains a model, evaluates it on what was held out, and writes model and report. */
export async function train(sequences: string, command: Command): Promise<void> {
  const began = performance.now();
  const asked = command.opts<TrainArguments>();
  const messages = openMessages(asked);
  const args = { ...asked, device: await deviceFor(asked.device, messages) };
  const folder = reportPlace(args.output, args.report);
  const settings = modelConfig(args.model, args);
  checkFitOptions(fitArguments(args));
  const threads = threadsFor(args.threads, args.model, settings);
  await checkPlaces(args.output, folder);

  const dataset = await readLabelled(trainingOptions(sequences, args, messages), messages);
  const division = await divide(dataset, sequences, args, messages);
  const trained = await trainOn(division, settings, threads, args, messages);
  const regions = regionsOf(sequences, args);
  const { model } = trained;
  const training = { ...model.training, ...(regions && { regions: shapeOf(regions) }) };
  await saveTrained({ ...model, training }, division.settings, args.output);
  messages.say(trainingSentence(trained));

  const { fit, test, similarity } = division;
  const known = { train: fit, ...(similarity && { similarity }), seed: args.seed };
  const where = { device: args.device, threads, worker: true };
  const assessment = test && (await assess(trained.model, test, { ...where, ...known }));
  const worst = assessment && subgroupSentence(assessment);
  if (worst) messages.say(worst);
  const report = trainReport({ sequences, args, division, trained, assessment, threads });
  const seconds = (performance.now() - began) / 1000;
  await deliver({ ...report, seconds }, { folder, model: args.output, json: args.json });
}

/** What is read: of regions, chromosomes are the groups where a split asks for them. */
function trainingOptions(sequences: string, args: TrainArguments, messages: Messages): DatasetOptions {
  const options = datasetOptions(sequences, args);
  const { regions, group } = options;
  if (regions) messages.say(`Regions of ${regions.genome}, ${shapeSentence(regions)}.`);
  if (!isByChromosome(args) || group !== undefined) return options;
  if (!regions)
    throw usageError(
      '--split chromosome is for regions of a genome (--genome), or needs the column of chromosomes as --group.',
    );
  return { ...options, group: 'chrom' };
}

async function trainOn(
  { fit, validation }: Division,
  config: Record<string, unknown>,
  threads: number,
  args: TrainArguments,
  messages: Messages,
): Promise<TrainedModel> {
  if (args.groupDro > 0) sayFewJudges({ fit, validation }, messages);
  const maxTokens = tokensWithinMemory(fit, config, args, { messages });
  return trainingRun({ ...args, maxTokens }, threads, messages, (options) =>
    trainModel({ architecture: args.model, config }, fit, {
      ...options,
      validation,
      positive: args.task === 'positive',
    }),
  );
}

/** Fewer records of a subgroup than this say little of how well it does. */
const fewJudges = 10;

/** Group-DRO keeps the epoch whose worst subgroup does best, which few records cannot tell. */
function sayFewJudges({ fit, validation }: Pick<Division, 'fit' | 'validation'>, messages: Messages): void {
  if (typeof validation === 'number') return;
  const judged = validation.records.map(({ subgroup }) => subgroup);
  const counts = (subgroupsOf(fit.records)?.names ?? []).map((name) => ({
    name,
    count: judged.filter((own) => own === name).length,
  }));
  const fewest = counts.reduce((a, b) => (b.count < a.count ? b : a), { name: '', count: fewJudges });
  if (fewest.count < fewJudges)
    messages.say(
      `Subgroup "${fewest.name}" has ${counted(fewest.count, 'record')} in the validation part, and the epoch is chosen by the worst subgroup: give more with --validation, or keep the last epoch with --no-validation.`,
    );
}

interface Finished {
  sequences: string;
  args: TrainArguments;
  division: Division;
  trained: TrainedModel;
  assessment: Assessment | undefined;
  threads: number;
}

function trainReport({ sequences, args, division, trained, assessment, threads }: Finished): RunReport {
  const { fit, test, note, parts, others, all } = division;
  const { history, bestEpoch } = trained.fit;
  const weights = [...trained.model.weights.values()];
  const { config: _config, json: _json, quiet: _quiet, ...options } = args;
  const used = { ...options, threads, modelConfig: trained.model.spec.config, split: division.settings };
  const seen = `Trained on ${fit.records.length} records in ${history.length} epochs`;
  return {
    title: `${args.model} on ${basename(sequences)}`,
    lead: test
      ? `${seen} and evaluated on ${test.records.length} that it had not seen.`
      : `${seen}. Nothing was held out, so nothing is known of how well it does on new sequences.`,
    version,
    seed: args.seed,
    seconds: 0,
    data: dataSummary(all, others),
    training: {
      history,
      bestEpoch,
      seconds: trained.fit.seconds,
      parameters: weights.reduce((sum, w) => sum + w.length, 0),
    },
    ...(assessment && test && evaluationReport(assessment, test)),
    ...(assessment && { leakage: leakageOf(note, parts, assessment) }),
    manifest: manifestOf(used, sourcesOf([all, ...others]), { device: args.device, threads }),
  };
}
