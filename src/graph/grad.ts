import { usageError } from '../core/errors.ts';
import { backprop } from './backprop.ts';
import * as library from './library.ts';
import { typeText, type Value } from './value.ts';

/**
 * ∂loss/∂target for each target, as new values of the same graph; they can be differentiated again.
 * A target that the loss does not depend on has gradient 0.
 *
 * @example
 * const x = input('x', [3]);
 * const [dx] = grad(sum(mul(x, x)), [x]); // 2x
 */
export function grad(loss: Value, targets: readonly Value[]): Value[] {
  if (loss.shape.length !== 0 || loss.dtype !== 'float32')
    throw usageError(`grad: expected a float32 scalar to differentiate, received ${typeText(loss)}.`);
  const gradients = backprop(library, [[loss, library.scalar(1)]], targets);
  return gradients.map((d, i) => d ?? library.full(targets[i]!.shape, 0));
}
