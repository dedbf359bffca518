import { availableParallelism } from 'node:os';
import { usageError } from '../../core/errors.ts';
import type { LanguageArchitecture } from '../../models/language/architecture.ts';
import { languageArchitectures } from '../../models/language/architectures.ts';
import { closest } from '../closest.ts';
import { readSettings } from '../settings.ts';

/** The language architecture of a name; throws a usage error that lists them, with a guess. */
export function languageArchitectureOf(name: string): LanguageArchitecture {
  if (Object.hasOwn(languageArchitectures, name)) return languageArchitectures[name]!;
  const known = Object.keys(languageArchitectures);
  const guess = closest(name, known);
  throw usageError(
    `there is no language model "${name}". ${guess ? `Did you mean ${guess}?` : `There are ${known.join(', ')}.`}`,
  );
}

/** The configuration that `--set` describes; throws a usage error for what the model cannot take. */
export function languageConfig(name: string, set: readonly string[] = []): Record<string, unknown> {
  const { options } = languageArchitectureOf(name);
  const config = readSettings(set, Object.keys(options), `the language model ${name}`);
  for (const [key, value] of Object.entries(config))
    if (!options[key]!.accepts(value))
      throw usageError(
        `--set ${key}: expected ${options[key]!.expected}, received ${JSON.stringify(value)}.`,
      );
  return config;
}

/** From these widths on, one operation is enough work to share. */
const wide = { hidden: 256, size: 128 };
const most = 4;

/** Threads within an operation: as asked, else 1 for small networks and for others as many as there are cores, up to 4. */
export function languageThreads(
  asked: number | undefined,
  name: string,
  config: Readonly<Record<string, unknown>>,
): number {
  if (asked !== undefined) return asked;
  const complete: Readonly<Record<string, unknown>> = { ...languageArchitectures[name]?.defaults, ...config };
  const { hidden = 0, size = 0 } = complete as { hidden?: number; size?: number };
  return hidden >= wide.hidden || size >= wide.size ? Math.min(most, availableParallelism()) : 1;
}
