import { usageError } from '../core/errors.ts';
import { hash32 } from '../core/random.ts';

/** Weights by the path of their parameter, row-major. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** How a model may begin with something better than chance: what is known of the domain, or weights learned elsewhere. */
export interface Starting {
  /**
   * Given the first weights that the seed decides, returns those that are to be others; the rest stay. All of them are trained on.
   * @example train(definition, dataset, { start: () => former.weights })
   */
  start?: ((initial: Weights) => Weights) | undefined;
}

/**
 * The weights to begin with. Throws a usage error where `start` returns a parameter that the model does not have, one of another
 * size, or one that holds anything but numbers.
 */
export function startWeights(
  initial: Map<string, Float32Array>,
  start: Starting['start'],
): Map<string, Float32Array> {
  if (!start) return initial;
  const given = start(new Map([...initial].map(([path, numbers]) => [path, numbers.slice()])));
  for (const [path, numbers] of given) checkWeights(path, numbers, initial);
  return new Map([...initial].map(([path, numbers]) => [path, given.get(path)?.slice() ?? numbers]));
}

function checkWeights(path: string, numbers: Float32Array, initial: Weights): void {
  const expected = initial.get(path);
  if (!expected)
    throw usageError(
      `start gives weights for "${path}", which the model does not have; its parameters are ${[...initial.keys()].join(', ')}.`,
    );
  if (numbers.length !== expected.length)
    throw usageError(
      `start gives ${numbers.length} weights for ${path}; the model has ${expected.length} there. Were they made for another configuration?`,
    );
  const odd = numbers.findIndex((x) => !Number.isFinite(x));
  if (odd >= 0)
    throw usageError(`start gives ${numbers[odd]} as weight ${odd} of ${path}; expected numbers.`);
}

/** A short text that differs where the weights differ in any bit, for fingerprints. */
export const weightsText = (weights: Weights): string =>
  [...weights].map(([path, numbers]) => `${path} ${hash32(numbers.join())}`).join('\n');
