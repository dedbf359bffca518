import { basename } from 'node:path';
import { version } from '../../core/version.ts';
import type { ForecasterSpec } from '../../models/forecaster/spec.ts';
import type { Model } from '../../models/model.ts';
import { assessForecaster } from '../../train/tasks/forecast/assess.ts';
import { besideOneAnother } from '../../train/tasks/forecast/nodes.ts';
import { readTimeSeries } from '../../train/tasks/forecast/read.ts';
import { type SeriesData, wholePart } from '../../train/tasks/forecast/series.ts';
import type { SeriesArguments } from '../forecast-options.ts';
import type { Messages } from '../messages.ts';
import type { EvaluateArguments } from '../verbs/evaluate.ts';
import { deviceFor } from './device.ts';
import { forecastReport, seriesSentence, seriesSummary, sourcesOfSeries } from './forecast-report.ts';
import { forecasterThreads } from './forecast-settings.ts';
import { manifestOf } from './manifest.ts';
import { deliver } from './results.ts';

/** Evaluates a forecaster on series that it has not seen, from every step that has enough before and after it. */
export async function evaluateForecast(
  { directory, model }: { directory: string; model: Model<ForecasterSpec> },
  path: string,
  args: EvaluateArguments & SeriesArguments,
  messages: Messages,
): Promise<void> {
  const began = performance.now();
  const { spec } = model;
  const test = await seriesFor(spec, path, args);
  messages.say(seriesSentence(test));
  for (const note of test.notes) messages.say(note);
  const train = args.train === undefined ? undefined : await seriesFor(spec, args.train, args);
  const threads = forecasterThreads(args.threads, spec.config);
  const device = await deviceFor(args.device, messages);
  const { seed, resamples, quiet: _quiet, json: _json, ...used } = args;
  const assessment = await assessForecaster(model, wholePart(test), {
    ...{ device, threads, worker: true, seed },
    ...(train && { train: wholePart(train) }),
    ...(resamples !== undefined && { resamples }),
  });
  if (!train)
    messages.say('With --train, what the model was trained on, baselines have intervals of their own.');
  const others = train ? [train] : [];
  const report = {
    title: `${basename(directory)} on ${basename(path)}`,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    data: seriesSummary(test, spec, others),
    ...forecastReport(assessment, spec),
    manifest: manifestOf({ ...used, model: directory, threads }, sourcesOfSeries([test, ...others]), {
      device,
      threads,
    }),
  };
  await deliver(report, { folder: args.report, json: args.json });
}

/** Series read as the model learned to read them, unless other columns are named. */
export async function seriesFor(
  { targets, columns, output, graph, covariates }: ForecasterSpec,
  path: string,
  { time = columns.time ?? undefined, group = columns.group ?? undefined }: SeriesArguments,
): Promise<SeriesData> {
  const wanted = graph?.targets ?? targets;
  const data = await readTimeSeries(path, {
    covariates: covariates?.names,
    targets: wanted,
    time,
    group,
    binary: output.kind === 'binary',
  });
  return graph ? besideOneAnother(data, graph) : data;
}
