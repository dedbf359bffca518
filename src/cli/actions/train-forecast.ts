import { basename } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import type { NodeGraph } from '../../models/forecaster/node-graph.ts';
import { counted } from '../../report/format.ts';
import type { RunReport } from '../../report/run-report.ts';
import { fitOptions as checkFitOptions } from '../../train/options.ts';
import { assessForecaster, type ForecastAssessment } from '../../train/tasks/forecast/assess.ts';
import type { ForecasterDefinition } from '../../train/tasks/forecast/definition.ts';
import { besideOneAnother, nodeGraph, readEdges } from '../../train/tasks/forecast/nodes.ts';
import { readTimeSeries } from '../../train/tasks/forecast/read.ts';
import { type SeriesData, type SeriesPart, stepTotal, wholePart } from '../../train/tasks/forecast/series.ts';
import { holdBackSeries, holdBackTime } from '../../train/tasks/forecast/split.ts';
import { type TrainedForecaster, trainForecaster } from '../../train/tasks/forecast/train.ts';
import type { ForecastArguments } from '../forecast-options.ts';
import { type Messages, openMessages } from '../messages.ts';
import type { TrainArguments } from '../verbs/train.ts';
import { deviceFor } from './device.ts';
import { fitArguments } from './fit-arguments.ts';
import {
  forecastReport,
  headline,
  seriesSentence,
  seriesSummary,
  sourcesOfSeries,
  verdictOf,
} from './forecast-report.ts';
import { forecasterSettings, forecasterThreads, forecastOutput } from './forecast-settings.ts';
import { manifestOf } from './manifest.ts';
import { checkPlaces, reportPlace } from './places.ts';
import { deliver } from './results.ts';
import { trainingSentence } from './training-progress.ts';
import { saveTrained, trainingRun } from './training-run.ts';

type Arguments = TrainArguments & ForecastArguments;

/** Trains a forecaster, evaluates it on what was held out, and writes model and report. */
export async function trainForecast(path: string, command: Command): Promise<void> {
  const began = performance.now();
  const messages = openMessages(command.opts<Arguments>());
  const args = await forecastArguments(command, messages);
  const folder = reportPlace(args.output, args.report);
  const definition = definitionOf(args);
  checkFitOptions(fitArguments(args));
  const threads = forecasterThreads(args.threads, definition.config ?? {});
  await checkPlaces(args.output, folder);

  const parts = await divide(path, args, messages);
  const trained = await trainOn(parts, definition, threads, args, messages);
  await saveTrained(trained.model, parts.settings, args.output);
  messages.say(trainingSentence(trained));
  const { fit, test } = parts;
  const where = { device: args.device, threads, worker: true };
  const assessment =
    test && (await assessForecaster(trained.model, test, { ...where, train: fit, seed: args.seed }));
  const report = trainReport({ path, args, parts, trained, assessment, threads });
  const verdict = assessment && verdictOf(assessment, trained.model.spec);
  if (verdict && !report.alarms?.includes(verdict)) messages.say(verdict);
  const seconds = (performance.now() - began) / 1000;
  await deliver({ ...report, seconds }, { folder, model: args.output, json: args.json });
}

/** Options that speak of labels or of other models, which would be ignored in silence. */
const foreign = [
  ...['labels', 'id', 'label', 'labelFrom', 'sequence', 'weight', 'track', 'alphabet', 'ambiguous'],
  ...['reverseComplement', 'threshold', 'classWeights', 'tokenizer', 'corpus', 'smoothing'],
  ...['word', 'unknown', 'scheme', 'transitions', 'minCount', 'keepCase', 'wordDropout'],
  ...['source', 'sourceTokens', 'targetTokens', 'sampling'],
];

async function forecastArguments(command: Command, messages: Messages): Promise<Arguments> {
  const given = (name: string) => !['default', undefined].includes(command.getOptionValueSource(name));
  const stray = foreign.find(given);
  if (stray !== undefined) {
    const flag = command.options.find((option) => option.attributeName() === stray)!.long;
    throw usageError(`${flag} does not go with --task forecast, which learns from columns of numbers.`);
  }
  const args = command.opts<Arguments>();
  if (args.split !== undefined && args.split !== 'group')
    throw usageError(
      `--split ${args.split} does not go with --task forecast: what is tested must lie after what is learned. Leave it out to hold back the end of the series, or use group to hold back whole series.`,
    );
  if (args.target === undefined)
    throw usageError(
      '--task forecast needs --target: the columns to be forecast, such as --target sales or --target high,low.',
    );
  if (args.split === 'group' && args.group === undefined)
    throw usageError('--split group needs --group: the column that tells series apart.');
  if (args.graph !== undefined && args.group === undefined)
    throw usageError('--graph needs --group: the column that names the nodes.');
  if (args.graph !== undefined && args.split === 'group')
    throw usageError('--split group does not go with --graph, whose nodes are forecast together.');
  if (args.covariate && (args.graph !== undefined || args.binary))
    throw usageError(`--covariate does not go with ${args.binary ? '--binary' : '--graph'}.`);
  if (args.undirected && args.graph === undefined) throw usageError('--undirected goes with --graph.');
  const usual = args.graph === undefined ? 'lstm' : 'graph-gru';
  const model = given('model') ? args.model : usual;
  return { ...args, model, device: await deviceFor(args.device, messages) };
}

function definitionOf(args: Arguments): ForecasterDefinition {
  const output = forecastOutput(args);
  const { model, set, horizon, context, season } = args;
  return {
    ...{ architecture: model, config: forecasterSettings(model, set), output },
    ...(horizon !== undefined && { horizon }),
    ...(context !== undefined && { context }),
    ...(season !== undefined && { season }),
  };
}

/** Who goes where. */
interface Parts {
  readonly all: SeriesData;
  readonly fit: SeriesPart;
  readonly test: SeriesPart | undefined;
  readonly validation: SeriesPart | undefined;
  readonly others: readonly SeriesData[];
  readonly note: string;
  readonly counts: { name: string; count: number }[];
  /** For the model's record. */
  readonly settings: Record<string, unknown>;
}

async function divide(path: string, args: Arguments, messages: Messages): Promise<Parts> {
  const { target, time, group, binary, seed, test, validation, split: by } = args;
  const { covariate: covariates } = args;
  const columns = { targets: target!.split(','), time, group, covariates, binary: binary ?? false };
  const edges = args.graph === undefined ? undefined : await readEdges(args.graph);
  let graph: NodeGraph | undefined;
  const read = async (from: string) => {
    const data = await readTimeSeries(from, columns);
    messages.say(`${from === path ? '' : `${from}: `}${seriesSentence(data)}`);
    for (const note of data.notes) messages.say(note);
    if (!edges) return data;
    if (!graph) {
      graph = nodeGraph(data, edges, { undirected: args.undirected ?? false });
      messages.say(graphSentence(graph));
    }
    return { ...besideOneAnother(data, graph), sources: [...data.sources, edges.source] };
  };
  const all = await read(path);
  const others: SeriesData[] = [];
  const horizon = args.horizon ?? 1;
  const hold = async (from: SeriesPart, how: number | string | false, name: string) => {
    if (how === false) return { rest: from, held: undefined };
    if (typeof how === 'number')
      return by === 'group'
        ? holdBackSeries(from, { share: how, seed, name, horizon })
        : holdBackTime(from, { share: how, horizon, name });
    const other = await read(how);
    others.push(other);
    return { rest: from, held: wholePart(other) };
  };
  const tested = await hold(wholePart(all), test, 'test');
  const judged = await hold(tested.rest, validation, 'validation');
  const counts = [
    { name: 'training', count: stepTotal(judged.rest) },
    ...(judged.held ? [{ name: 'validation', count: stepTotal(judged.held) }] : []),
    ...(tested.held ? [{ name: 'test', count: stepTotal(tested.held) }] : []),
  ];
  const note = splitNote(test, by);
  messages.say(`${note} Steps: ${counts.map(({ name, count }) => `${count} ${name}`).join(', ')}.`);
  return {
    ...{ all, fit: judged.rest, test: tested.held, validation: judged.held, others, note, counts },
    settings: { test, validation, by: by === 'group' ? 'series' : 'time', seed },
  };
}

/** `A graph of 12 nodes and 22 edges; 1 node hears of no other.` */
function graphSentence({ nodes, edges }: NodeGraph): string {
  const hearing = new Set(edges.filter(([from, to]) => from !== to).map(([, to]) => to));
  const deaf = nodes.length - hearing.size;
  const alone = deaf === 0 ? '' : `; ${counted(deaf, 'node')} ${deaf === 1 ? 'hears' : 'hear'} of no other`;
  return `A graph of ${counted(nodes.length, 'node')} and ${counted(edges.length, 'edge')}${alone}.`;
}

function splitNote(test: Arguments['test'], by: Arguments['split']): string {
  if (test === false) return 'Nothing is held out for a test.';
  if (typeof test === 'string') return `Tested on ${test}.`;
  return by === 'group'
    ? 'Split by series, at random.'
    : 'Split by time: training, then validation, then test.';
}

async function trainOn(
  { fit, validation }: Parts,
  definition: ForecasterDefinition,
  threads: number,
  args: Arguments,
  messages: Messages,
): Promise<TrainedForecaster> {
  return trainingRun(args, threads, messages, (options) =>
    trainForecaster(fit, definition, { ...options, validation }),
  );
}

interface Finished {
  path: string;
  args: Arguments;
  parts: Parts;
  trained: TrainedForecaster;
  assessment: ForecastAssessment | undefined;
  threads: number;
}

function trainReport({ path, args, parts, trained, assessment, threads }: Finished): RunReport {
  const { history, bestEpoch, seconds } = trained.fit;
  const { all, others, note, counts } = parts;
  const { spec } = trained.model;
  const weights = [...trained.model.weights.values()];
  const { config: _config, json: _json, quiet: _quiet, ...options } = args;
  const used = {
    ...options,
    threads,
    modelConfig: spec.config,
    context: spec.context,
    split: parts.settings,
  };
  const unit = spec.output.kind === 'binary' ? 'frame' : 'place';
  const seen = `Learned from ${counted(trained.examples, unit)} in ${counted(history.length, 'epoch')}`;
  return {
    title: `${args.model} forecaster of ${basename(path)}`,
    lead: assessment
      ? `${seen}; ${headline(assessment)} on ${counted(assessment.count, unit)} that it had not seen.`
      : `${seen}. Nothing was held out, so nothing is known of how well it forecasts.`,
    version,
    seed: args.seed,
    seconds: 0,
    data: seriesSummary(all, spec, others),
    training: { history, bestEpoch, seconds, parameters: weights.reduce((sum, w) => sum + w.length, 0) },
    ...(assessment && forecastReport(assessment, spec)),
    ...(assessment && {
      leakage: {
        split: note.replace(/\.$/, ''),
        parts: counts,
        sentence:
          typeof args.test === 'number' && args.split !== 'group'
            ? 'No step that is forecast in one part is forecast in another; scaling is that of the training part.'
            : 'Other series, possibly of the same times; scaling is that of the training part.',
      },
    }),
    manifest: manifestOf(used, sourcesOfSeries([all, ...others]), { device: args.device, threads }),
  };
}
