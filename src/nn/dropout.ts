import { usageError } from '../core/errors.ts';
import { cast, less, mul, randomUniform } from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { module } from './module.ts';

export interface DropoutOptions {
  rate?: number;
  /** Axes along which one draw serves all places: the time axis for variational dropout (Gal and Ghahramani 2016). */
  sharedAxes?: readonly number[];
}

/**
 * In training, sets each number to 0 with probability `rate` and divides the others by 1 − rate, so that the expectation stays; in
 * prediction, nothing (Srivastava et al. 2014), unless the context is that of Monte-Carlo dropout. The mask depends only on seed, step and
 * the place in the model.
 * @example dropout({ rate: 0.2, sharedAxes: [0] }) // x[time, batch, width]: one mask for all steps of a sequence
 */
export function dropout(options: DropoutOptions = {}) {
  if (typeof options !== 'object')
    throw usageError(`dropout: expected options such as { rate: 0.3 }, received ${options}.`);
  const { rate = 0.5, sharedAxes = [] } = options;
  if (!(rate >= 0 && rate < 1))
    throw usageError(`dropout: expected a rate from 0 up to but not 1, received ${rate}.`);
  return module({
    params: {},
    apply: ({ context }, x: Value) => {
      if (rate === 0 || !(context.training || context.random)) return x;
      if (!context.random)
        throw usageError(
          'dropout: a training context needs a random key (seed and step); see trainingContext.',
        );
      const shape = x.shape.map((d, axis) => (sharedAxes.includes(axis) ? 1 : d));
      const kept = less(randomUniform(context.random, shape, context.site()), 1 - rate);
      return mul(x, mul(cast(kept, 'float32'), 1 / (1 - rate)));
    },
  });
}
