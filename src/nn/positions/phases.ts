import { usageError } from '../../core/errors.ts';
import { add, constant, gather, mul, sub } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { floorDivide } from '../conv1d.ts';

export interface PhaseOptions {
  /** How many angles stand for one position. */
  count: number;
  /** Angle i turns by base^(−i / count) a place. */
  base?: number;
  /** The largest position to be expected; a larger one gets the angles of its remainder. */
  limit?: number;
}

// Positions are written in this base; one table of sines and cosines a digit.
const radix = 128;

/** Positions of a genome and more: what int32 holds. */
export const largestPosition = 2 ** 31 - 1;

/**
 * sin and cos of position · base^(−i / count): int32 positions[…] → two values […, count]. Exact for genome coordinates: p · f as a
 * float32 product would be off by whole turns from about 10⁶ on, so the angle is put together from the digits of the position, whose
 * sines and cosines are tabulated in double precision, by the addition theorem.
 */
export function phases(
  positions: Value,
  { count, base = 10_000, limit = largestPosition }: PhaseOptions,
): { sin: Value; cos: Value } {
  if (positions.dtype !== 'int32')
    throw usageError(`positions: expected int32 positions, received ${positions.dtype}.`);
  const digits = Math.max(1, Math.ceil(Math.log(limit + 1) / Math.log(radix)));
  let rest = positions;
  let angle: { sin: Value; cos: Value } | undefined;
  for (let digit = 0; digit < digits; digit++) {
    const upper = quotient(rest);
    const rows = sub(rest, mul(upper, radix));
    const turn = digitTable(radix ** digit, { count, base });
    const own = { sin: gather(turn.sin, rows), cos: gather(turn.cos, rows) };
    angle = angle ? turned(angle, own) : own;
    rest = upper;
  }
  return angle!;
}

/** ⌊p / radix⌋ for any int32 p: what rounding p to float32 puts wrong is small enough to be divided exactly. */
function quotient(p: Value): Value {
  const near = floorDivide(p, radix);
  return add(near, floorDivide(sub(p, mul(near, radix)), radix));
}

function digitTable(place: number, { count, base }: { count: number; base: number }) {
  const angles = Array.from({ length: radix * count }, (_, at) => {
    const [digit, i] = [Math.floor(at / count), at % count];
    return digit * place * base ** (-i / count);
  });
  return {
    sin: constant(angles.map(Math.sin), [radix, count]),
    cos: constant(angles.map(Math.cos), [radix, count]),
  };
}

const turned = (a: { sin: Value; cos: Value }, b: { sin: Value; cos: Value }) => ({
  sin: add(mul(a.sin, b.cos), mul(a.cos, b.sin)),
  cos: sub(mul(a.cos, b.cos), mul(a.sin, b.sin)),
});
