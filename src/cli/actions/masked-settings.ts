import { availableParallelism } from 'node:os';
import { usageError } from '../../core/errors.ts';
import { type MaskedArchitecture, maskedArchitectures } from '../../models/masked/architecture.ts';
import type { Masking } from '../../models/masked/spec.ts';
import { closest } from '../closest.ts';
import type { MaskingArguments } from '../masked-options.ts';
import { readSettings } from '../settings.ts';

/** The masked architecture of a name; throws a usage error that lists them, with a guess. */
export function maskedArchitectureOf(name: string): MaskedArchitecture {
  if (Object.hasOwn(maskedArchitectures, name)) return maskedArchitectures[name]!;
  const known = Object.keys(maskedArchitectures);
  const guess = closest(name, known);
  throw usageError(
    `there is no masked model "${name}". ${guess ? `Did you mean ${guess}?` : `There are ${known.join(', ')}.`}`,
  );
}

/** The configuration that `--set` describes; throws a usage error for what the model cannot take. */
export function maskedConfig(name: string, set: readonly string[] = []): Record<string, unknown> {
  const { options } = maskedArchitectureOf(name);
  const config = readSettings(set, Object.keys(options), `the masked model ${name}`);
  for (const [key, value] of Object.entries(config))
    if (!options[key]!.accepts(value))
      throw usageError(
        `--set ${key}: expected ${options[key]!.expected}, received ${JSON.stringify(value)}.`,
      );
  return config;
}

/** What is hidden, as asked; throws a usage error for a share that is none. */
export function maskingOf({ masking, maskShare, maskLength }: MaskingArguments): Partial<Masking> {
  if (maskShare !== undefined && !(maskShare > 0 && maskShare < 1))
    throw usageError(
      `--mask-share: expected a share above 0 and below 1, such as 0.15, received ${maskShare}.`,
    );
  if (maskLength !== undefined && (masking ?? 'base') === 'base')
    throw usageError('--mask-length goes with --masking span or kmer; base hides single tokens.');
  return {
    ...(masking && { how: masking }),
    ...(maskShare !== undefined && { share: maskShare }),
    ...(maskLength !== undefined && { length: maskLength }),
  };
}

/** From this width on, one operation is enough work to share. */
const wide = 128;

/** Threads within an operation: as asked, else 1 for small networks and for others as many as there are cores, up to 4. */
export function maskedThreads(
  asked: number | undefined,
  name: string,
  config: Readonly<Record<string, unknown>>,
): number {
  if (asked !== undefined) return asked;
  const { size = 0 } = { ...maskedArchitectures[name]?.defaults, ...config } as { size?: number };
  return size >= wide ? Math.min(4, availableParallelism()) : 1;
}
