import { availableParallelism } from 'node:os';
import { usageError } from '../../core/errors.ts';
import { forecasterArchitectures } from '../../models/forecaster/architectures.ts';
import { areLevels, type ForecastOutput } from '../../models/forecaster/spec.ts';
import { usualLevels } from '../../train/tasks/forecast/definition.ts';
import { closest } from '../closest.ts';
import type { ForecastArguments } from '../forecast-options.ts';
import { readSettings } from '../settings.ts';

/** The configuration that `--set` describes; throws a usage error for an architecture that there is not and for what it cannot take. */
export function forecasterSettings(name: string, set: readonly string[] = []): Record<string, unknown> {
  const known = Object.keys(forecasterArchitectures);
  if (!Object.hasOwn(forecasterArchitectures, name)) {
    const guess = closest(name, known);
    throw usageError(
      `there is no forecaster "${name}". ${guess ? `Did you mean ${guess}?` : `There are ${known.join(', ')}.`}`,
    );
  }
  const { options } = forecasterArchitectures[name]!;
  const config = readSettings([...set], Object.keys(options), `the forecaster ${name}`);
  for (const [key, value] of Object.entries(config))
    if (!options[key]!.accepts(value))
      throw usageError(
        `--set ${key}: expected ${options[key]!.expected}, received ${JSON.stringify(value)}.`,
      );
  return config;
}

/** What is forecast of each step; throws a usage error for what does not go together. */
export function forecastOutput({ quantiles, gaussian, binary, horizon }: ForecastArguments): ForecastOutput {
  if (binary) {
    if (gaussian || quantiles) throw usageError('--binary does not go with --gaussian or --quantiles.');
    if (horizon !== undefined && horizon !== 1)
      throw usageError('--binary forecasts one step ahead; leave --horizon out.');
    return { kind: 'binary' };
  }
  if (horizon === undefined)
    throw usageError('--task forecast needs --horizon: how many steps ahead, such as --horizon 12.');
  const levels = quantiles ?? usualLevels;
  if (!areLevels(levels))
    throw usageError(
      `--quantiles ${levels.join(',')}: the median is missing, which is the point forecast; add 0.5.`,
    );
  return { kind: gaussian ? 'gaussian' : 'quantiles', levels };
}

/** From this width on, one operation is enough work to share. */
const wide = 256;

/** Threads within an operation: as asked, else 1 for small networks and for others as many as there are cores, up to 4. */
export function forecasterThreads(
  asked: number | undefined,
  config: Readonly<Record<string, unknown>>,
): number {
  if (asked !== undefined) return asked;
  const widths = [config.hidden, config.size].filter((x) => typeof x === 'number');
  return Math.max(0, ...widths) >= wide ? Math.min(4, availableParallelism()) : 1;
}
