import { usageError } from '../../core/errors.ts';
import { add, concat, expandDims, mul, split, sub } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type PhaseOptions, phases } from './phases.ts';

export type RotaryOptions = Omit<PhaseOptions, 'count'>;

/**
 * Rotary positions (Su et al. 2021): turns number i and number i + width / 2 of each query or key as a pair by p · base^(−2i / width), so
 * that products of the two depend on their distance alone. x[batch, heads, time, width] and int32 positions [time] or
 * [batch, time] → as x. Apply it to queries and keys alike.
 */
export function rotary(x: Value, positions: Value, options: RotaryOptions = {}): Value {
  const width = x.shape[3];
  if (typeof width !== 'number' || width % 2 !== 0)
    throw usageError(`rotary: expected an even width of a head, received ${width}.`);
  const { sin, cos } = phases(positions, { count: width / 2, ...options });
  const byHead = (v: Value) => (v.shape.length === 3 ? expandDims(v, 1) : v);
  const [s, c] = [byHead(sin), byHead(cos)];
  const [a, b] = split(x, 3, [width / 2, width / 2]) as [Value, Value];
  return concat([sub(mul(a, c), mul(b, s)), add(mul(b, c), mul(a, s))], 3);
}
