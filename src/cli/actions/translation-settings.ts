import { availableParallelism } from 'node:os';
import { usageError } from '../../core/errors.ts';
import { translatorArchitectures } from '../../models/translator/architectures.ts';
import { closest } from '../closest.ts';
import { readSettings } from '../settings.ts';

/** The configuration that `--set` describes; throws a usage error for an architecture that there is not and for what it cannot take. */
export function translatorConfig(name: string, set: readonly string[] = []): Record<string, unknown> {
  const known = Object.keys(translatorArchitectures);
  if (!Object.hasOwn(translatorArchitectures, name)) {
    const guess = closest(name, known);
    throw usageError(
      `there is no translator "${name}". ${guess ? `Did you mean ${guess}?` : `There are ${known.join(', ')}.`}`,
    );
  }
  const { options } = translatorArchitectures[name]!;
  const config = readSettings([...set], Object.keys(options), `the translator ${name}`);
  for (const [key, value] of Object.entries(config))
    if (!options[key]!.accepts(value))
      throw usageError(
        `--set ${key}: expected ${options[key]!.expected}, received ${JSON.stringify(value)}.`,
      );
  return config;
}

/** From this width on, one operation is enough work to share. */
const wide = 256;

/** Threads within an operation: as asked, else 1 for small networks and for others as many as there are cores, up to 4. */
export function translatorThreads(
  asked: number | undefined,
  config: Readonly<Record<string, unknown>>,
): number {
  if (asked !== undefined) return asked;
  const widths = [config.hidden, config.size].filter((x) => typeof x === 'number');
  return Math.max(0, ...widths) >= wide ? Math.min(4, availableParallelism()) : 1;
}
