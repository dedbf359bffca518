import { usageError } from '../../core/errors.ts';
import { transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type ActivationName, activation, activations } from '../../nn/activations.ts';
import { conv1d, convLengths } from '../../nn/conv1d.ts';
import { zeroPadding } from '../../nn/mask.ts';
import { type Module, module } from '../../nn/module.ts';
import { type ConfigOf, choice, wholes } from '../architectures/options.ts';

/** The options of the convolutions that read first, with the defaults of an architecture. */
export const frontOptions = (filters: readonly number[], kernels: readonly number[]) => ({
  filters: wholes(filters, 'Filters of each convolution that reads first; an empty list: none.'),
  kernels: wholes(kernels, 'Places that each of them reads.'),
  strides: wholes(
    filters.map(() => 1),
    'How far each of them moves: 2 halves the steps. A transcription needs a step for each token, and one between two that are the same. Told by the training data unless set.',
  ),
  activation: choice(
    'gelu',
    Object.keys(activations) as ActivationName[],
    'What follows each of these convolutions.',
  ),
});

export type FrontConfig = ConfigOf<ReturnType<typeof frontOptions>>;

/** How many places become one step. */
export const strideOf = ({ strides }: Pick<FrontConfig, 'strides'>): number =>
  strides.reduce((product, stride) => product * stride, 1);

/** How many steps a network sees in so many places: ⌈places / stride⌉. */
export const stepsOf = (places: number, stride: number): number => Math.ceil(places / stride);

/**
 * Convolutions with strides: x[batch, time, in] → [batch, steps, filters] and the lengths in steps. Padding is zeroed before each, so that
 * a sequence gives the same numbers in a longer batch. Throws a usage error for lists of different lengths.
 */
export function front(
  inputs: number,
  { filters, kernels, strides, activation: name }: FrontConfig,
): Module<[x: Value, lengths: Value], { x: Value; lengths: Value }> {
  if (kernels.length !== filters.length || strides.length !== filters.length)
    throw usageError(
      `expected filters, kernels and strides to be lists of one length, received ${filters.length}, ${kernels.length} and ${strides.length} entries.`,
    );
  const shapes = kernels.map((kernel, i) => ({ kernel, stride: strides[i]! }));
  return module({
    params: {
      convolutions: filters.map((out, i) =>
        conv1d({ in: filters[i - 1] ?? inputs, out, ...shapes[i]!, padding: 'same' }),
      ),
    },
    apply: ({ convolutions }, x: Value, lengths: Value) => {
      if (convolutions.length === 0) return { x, lengths };
      let [y, left] = [transpose(x, [0, 2, 1]), lengths];
      convolutions.forEach((convolution, i) => {
        y = activation(name)(convolution(zeroPadding(y, left, 2)));
        left = convLengths(left, shapes[i]!);
      });
      return { x: transpose(y, [0, 2, 1]), lengths: left };
    },
  });
}
