import { usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { tsvLine } from '../../data/table/tsv-text.ts';
import type { ForecasterSpec } from '../../models/forecaster/spec.ts';
import type { Model } from '../../models/model.ts';
import { levelsOf } from '../../train/tasks/forecast/forecasts.ts';
import { forecastSeries, type SeriesForecast } from '../../train/tasks/forecast/predict.ts';
import type { SeriesArguments } from '../forecast-options.ts';
import type { Messages } from '../messages.ts';
import type { PredictArguments } from '../verbs/predict.ts';
import { deviceFor } from './device.ts';
import { seriesFor } from './evaluate-forecast.ts';
import { forecasterThreads } from './forecast-settings.ts';

type Row = Record<string, string | number | undefined>;

/** Forecasts the steps after the end of every series: one row a series, step and target. */
export async function predictForecast(
  { directory, model }: { directory: string; model: Model<ForecasterSpec> },
  path: string,
  args: PredictArguments & SeriesArguments,
  messages: Messages,
): Promise<void> {
  const { spec } = model;
  if (args.attention) throw usageError(`${directory} has no attention to show. Leave --attention out.`);
  const data = await seriesFor(spec, path, args);
  for (const note of data.notes) messages.say(note);
  const found = await forecastSeries(model, data, {
    device: await deviceFor(args.device, messages),
    threads: forecasterThreads(args.threads, spec.config),
    worker: true,
  });
  const format = args.format ?? (/\.jsonl?(\.gz)?$/.test(args.output) ? 'jsonl' : 'tsv');
  const rows = found.flatMap((own) => rowsOf(spec, own));
  const header = Object.keys(rows[0]!);
  function* lines() {
    if (format === 'tsv') yield tsvLine(header);
    for (const row of rows)
      yield format === 'tsv' ? tsvLine(header.map((name) => row[name])) : `${JSON.stringify(row)}\n`;
  }
  await atomicWrite(args.output, lines());
}

/** `id`, `time` where it is known, `step`, `target`, and what is forecast: quantiles as `q0.1` …, `prediction` the point forecast. */
function rowsOf(spec: ForecasterSpec, { id, times, forecasts, probabilities }: SeriesForecast): Row[] {
  const { targets, horizon, graph } = spec;
  const named = (cell: number) => {
    const place = cell % targets.length;
    if (!graph) return { id, target: targets[place]! };
    const each = graph.targets.length;
    return { id: graph.nodes[Math.floor(place / each)]!, target: graph.targets[place % each]! };
  };
  const levels = levelsOf(spec);
  return Array.from({ length: horizon * targets.length }, (_, cell) => {
    const step = Math.floor(cell / targets.length);
    const { id: node, target } = named(cell);
    const place: Row = {
      id: node,
      ...(times && { time: times[step]! }),
      step: step + 1,
      target,
    };
    if (probabilities) {
      const probability = digits(probabilities[cell]!);
      return { ...place, probability, prediction: probability >= 0.5 ? 1 : 0 };
    }
    const { point, quantiles, deviation } = forecasts!;
    const shares = levels.map((level, k): [string, number] => [
      `q${level}`,
      digits(quantiles![cell * levels.length + k]!),
    ]);
    return {
      ...place,
      ...Object.fromEntries(shares),
      ...(deviation && { mean: digits(point[cell]!), deviation: digits(deviation[cell]!) }),
      prediction: digits(point[cell]!),
    };
  });
}

/** Enough digits for what float32 computed beside a large mean. */
const digits = (value: number) => Number(value.toPrecision(9));
