import { dataError } from '../core/errors.ts';
import type { Dataset } from '../data/dataset.ts';
import { type CustomNetwork, customArchitecture } from '../models/custom-network.ts';
import { completeSpec } from '../models/network.ts';
import type { ModelSpec, OutputSpec } from '../models/spec.ts';
import { fitFeatures } from './fit-features.ts';

/**
 * A model before it has seen data: a named architecture and what of its configuration differs from the defaults, or a network of the
 * user's own.
 */
export type ModelDefinition =
  | { readonly architecture: string; readonly config?: Readonly<Record<string, unknown>> }
  | { readonly network: CustomNetwork };

/** The output that a dataset's target asks for; `positive`: values are rates, which are never negative. */
export function outputOf({ target, records }: Dataset, { positive = false } = {}): OutputSpec {
  if (!target) throw dataError('The sequences have no labels; a model needs labelled data to learn from.');
  if (target.kind !== 'values') return { kind: target.kind, classes: [...target.classes] };
  const k = target.names.length;
  const mean = new Array<number>(k).fill(0);
  const square = new Array<number>(k).fill(0);
  target.truth.forEach((y, i) => {
    if (positive && y < 0)
      throw dataError(
        `record "${records[Math.floor(i / k)]!.id}" has the value ${y} for ${target.names[i % k]}; --task positive expects values of at least 0.`,
      );
    mean[i % k]! += y / records.length;
    square[i % k]! += (y * y) / records.length;
  });
  const deviation = square.map((s, j) => Math.sqrt(Math.max(s - mean[j]! ** 2, 0)) || 1);
  // A positive model works in units of the mean, so that softplus starts near its natural size.
  return positive
    ? {
        kind: 'values',
        names: [...target.names],
        positive,
        mean: mean.map(() => 0),
        deviation: mean.map((m) => m || 1),
      }
    : { kind: 'values', names: [...target.names], positive, mean, deviation };
}

/** The complete specification of a model for a dataset; throws a usage error that names what does not fit. */
export function modelSpec(
  dataset: Dataset,
  definition: ModelDefinition,
  options: { positive?: boolean } = {},
): ModelSpec {
  const { alphabet, tracks, features } = dataset;
  return completeSpec({
    ...('network' in definition
      ? { architecture: customArchitecture, config: {}, network: definition.network }
      : { architecture: definition.architecture, config: definition.config ?? {} }),
    alphabet: { name: alphabet.name, letters: alphabet.letters },
    tracks: [...tracks],
    ...(features && features.length > 0 && { features: fitFeatures(dataset) }),
    output: outputOf(dataset, options),
  });
}
