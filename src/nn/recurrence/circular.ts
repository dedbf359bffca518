import { usageError } from '../../core/errors.ts';
import { type Dim, dimMul } from '../../graph/dims.ts';
import {
  add,
  cast,
  expandDims,
  floor,
  gather,
  iota,
  less,
  mul,
  randomUniform,
  reshape,
  size,
  sub,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { Cell } from '../cells.ts';
import { module } from '../module.ts';
import { type RecurrentOptions, type RecurrentResult, recurrent } from '../recurrent.ts';

/**
 * A recurrent layer for circular sequences: a first pass over the whole circle gives the state that the second starts from, so that the first
 * places know what lies before them. It is what reading the doubled sequence gives, at the second copy. How much a result
 * depends on where the circle was cut falls with what the state still remembers after one round. As `recurrent` otherwise.
 */
export const circularRecurrent = (
  cell: Cell,
  { passes = 2, ...options }: RecurrentOptions & { passes?: number },
) => {
  if (!Number.isInteger(passes) || passes < 1)
    throw usageError(`circularRecurrent: expected 1 or more passes, received ${passes}.`);
  return module({
    params: { inner: recurrent(cell, options) },
    apply: (own, x: Value, { lengths }: { lengths?: Value | undefined } = {}): RecurrentResult => {
      let result = own.inner(x, { lengths });
      for (let pass = 1; pass < passes; pass++) result = own.inner(x, { lengths, initial: result.final });
      return result;
    },
  });
};

/**
 * Circles cut elsewhere: step t of the result is step (t + shift) mod length, padding stays. x[time, batch, …] (timeAxis 0) or [batch, time,
 * …] (1), int32 shifts from 0 to length − 1 and lengths, both [batch].
 * @example rotate of 'ACGTA' by 2 // 'GTAAC'
 */
export function rotate(
  x: Value,
  shifts: Value,
  { lengths, timeAxis = 1 }: { lengths: Value; timeAxis?: 0 | 1 },
): Value {
  const [a, b, ...rest] = x.shape as [Dim, Dim, ...Dim[]];
  const [time, batch] = timeAxis === 0 ? [a, b] : [b, a];
  const along = (v: Value) => expandDims(v, 1 - timeAxis);
  const across = (v: Value) => expandDims(v, timeAxis);
  const places = along(iota(time));
  const [shift, length] = [across(shifts), across(lengths)];
  const moved = add(places, shift);
  const wrapped = where(less(moved, length), moved, sub(moved, length));
  const from = where(less(places, length), wrapped, places);
  const rows =
    timeAxis === 0
      ? add(mul(from, size(batch, 'int32')), across(iota(batch)))
      : add(mul(across(iota(batch)), size(time, 'int32')), from);
  return gather(reshape(x, [dimMul(a, b), ...rest]), rows);
}

/** In training, cuts each circle at a random place (see `rotate`); in prediction, leaves them. Labels by place must be cut alike: give both. */
export const randomRotation = ({ timeAxis = 1 as 0 | 1 } = {}) =>
  module({
    params: {},
    apply: ({ context }, values: readonly Value[], lengths: Value): Value[] => {
      if (!context.training) return [...values];
      if (!context.random)
        throw usageError(
          'randomRotation: a training context needs a random key (seed and step); see trainingContext.',
        );
      const draw = randomUniform(context.random, lengths.shape, context.site());
      const shifts = cast(floor(mul(draw, cast(lengths, 'float32'))), 'int32');
      return values.map((x) => rotate(x, shifts, { lengths, timeAxis }));
    },
  });
