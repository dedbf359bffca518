import { dataError, usageError } from '../../../core/errors.ts';
import { buildForecaster } from '../../../models/forecaster/architectures.ts';
import { forecasterConfig } from '../../../models/forecaster/network.ts';
import {
  areLevels,
  type ForecasterSpec,
  type ForecastOutput,
  most,
} from '../../../models/forecaster/spec.ts';
import { fitCovariates, fitScaling, type SeriesData, type SeriesPart } from './series.ts';
import { tooShort } from './split.ts';

/** A forecaster before it has seen data. */
export interface ForecasterDefinition {
  /** A name in the registry of forecasters. */
  readonly architecture: string;
  /** What of its configuration differs from the defaults. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Steps ahead; binary targets have 1. */
  readonly horizon?: number;
  /** Steps looked back; by default three horizons or two seasons, whichever is more, as far as the training series go. */
  readonly context?: number;
  /** After how many steps the series is thought to repeat. */
  readonly season?: number;
  readonly output?: ForecastOutput;
}

/** The quantiles that are forecast unless others are asked for. */
export const usualLevels = [0.1, 0.5, 0.9];

/**
 * The specification of a forecaster for training data, its scaling fitted to them alone. Throws a usage error for what there is not and
 * what does not go together, a data error for series that are too short or never change.
 */
export function forecasterSpec(
  train: SeriesPart,
  {
    architecture,
    config = {},
    horizon = 1,
    context,
    season = 1,
    output = { kind: 'quantiles', levels: usualLevels },
  }: ForecasterDefinition,
): ForecasterSpec {
  const { targets, columns, graph } = train.data;
  const binary = output.kind === 'binary';
  refuse(output, { horizon, context, season, targets: targets.length });
  buildForecaster(architecture, config, targets.length);
  const longest = Math.max(0, ...train.spans.map(({ to }) => to));
  if (!binary && longest <= horizon) throw tooShort(longest, horizon);
  const usual = binary ? 256 : Math.max(1, Math.min(Math.max(3 * horizon, 2 * season), longest - horizon));
  const covariates = fitCovariates(train);
  const even = { mean: targets.map(() => 0), deviation: targets.map(() => 1) };
  const spec: ForecasterSpec = {
    ...{ kind: 'forecaster', architecture, config, targets, horizon, season, output, columns },
    ...(graph && { graph }),
    ...(covariates && { covariates }),
    context: context ?? usual,
    ...(binary ? even : fitScaling(train)),
  };
  return { ...spec, config: forecasterConfig(spec) };
}

function refuse(
  output: ForecastOutput,
  sizes: { horizon: number; context: number | undefined; season: number; targets: number },
): void {
  const { horizon, targets } = sizes;
  for (const name of ['horizon', 'context', 'season'] as const) {
    const value = sizes[name];
    const limit = most[name === 'season' ? 'context' : name];
    if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= limit))
      throw usageError(`expected a ${name} from 1 to ${limit} steps, received ${value}.`);
  }
  if (targets > most.targets)
    throw usageError(`expected at most ${most.targets} targets, received ${targets}.`);
  if (output.kind === 'binary' && horizon !== 1)
    throw usageError(`binary targets are forecast one step ahead; received a horizon of ${horizon}.`);
  if (output.kind === 'binary') return;
  const { levels } = output;
  if (!areLevels(levels))
    throw usageError(
      `expected rising quantiles between 0 and 1, with the median (0.5) among them, which is the point forecast; received ${levels.join(', ')}.`,
    );
}

/** Throws a data error where data do not have the columns that a model forecasts, or those that it knows beforehand. */
export function requireTargets(
  spec: Pick<ForecasterSpec, 'targets' | 'covariates'>,
  { targets: found, covariates = [] }: Pick<SeriesData, 'targets' | 'covariates'>,
): void {
  if (spec.targets.join('\n') !== found.join('\n'))
    throw dataError(`the model forecasts ${spec.targets.join(', ')}; the data have ${found.join(', ')}.`);
  const wanted = spec.covariates?.names ?? [];
  if (wanted.join('\n') !== covariates.join('\n'))
    throw dataError(
      `the model reads ${wanted.join(', ') || 'no covariates'} beforehand; the data have ${covariates.join(', ') || 'none'}.`,
    );
}
