import { usageError } from '../core/errors.ts';
import type { Dim } from '../graph/dims.ts';
import { cast, expandDims, iota, less, mul, reshape } from '../graph/library.ts';
import type { Value } from '../graph/value.ts';

/**
 * Which places of a padded batch are real: place t of sequence b where t < lengths[b].
 * int32 lengths[batch] → bool [batch, time].
 * @example mask([2, 4], 4) // [[1, 1, 0, 0], [1, 1, 1, 1]]
 */
export const mask = (lengths: Value, time: Dim): Value => less(iota(time), expandDims(lengths, 1));

/** Where time stands among the axes: [time, batch, …], [batch, time, …] or [batch, channels, time]. */
export type TimeAxis = 0 | 1 | 2;

/** The mask of `x`, shaped so that it broadcasts against it: bool, with size 1 on the axes that are neither batch nor time. */
export function maskOf(x: Value, lengths: Value, timeAxis: TimeAxis): Value {
  const rank = x.shape.length;
  if (rank <= timeAxis || rank < 2)
    throw usageError(
      `mask: expected a value with time on axis ${timeAxis}, received [${x.shape.join(', ')}].`,
    );
  const batchAxis = timeAxis === 0 ? 1 : 0;
  const along = (axis: number, v: Value, size: Dim) =>
    reshape(
      v,
      x.shape.map((_, i) => (i === axis ? size : 1)),
    );
  const time = x.shape[timeAxis]!;
  return less(along(timeAxis, iota(time), time), along(batchAxis, lengths, x.shape[batchAxis]!));
}

/** x with zeros in its padding, so that what reads across places (a convolution, a sum) finds nothing there. */
export const zeroPadding = (x: Value, lengths: Value, timeAxis: TimeAxis): Value =>
  mul(x, cast(maskOf(x, lengths, timeAxis), 'float32'));
