import { add, concat, reshape, slice, softplus, sub } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { medianOf } from './spec.ts';

/**
 * Quantiles that cannot cross: raw numbers [..., levels] → quantiles of the same shape. The raw number in the median's place is the
 * median; each level further away adds softplus of its own (below the median: takes it off), which is never negative. The sums are
 * formed one after the other, so that rounding cannot make two of them cross either.
 * @example levels 0.1, 0.5, 0.9: [a, b, c] → [b − softplus(a), b, b + softplus(c)]
 */
export function risingQuantiles(raw: Value, levels: readonly number[]): Value {
  const axis = raw.shape.length - 1;
  const middle = medianOf(levels);
  const part = (k: number) => slice(raw, axis, k, k + 1);
  const found: Value[] = new Array(levels.length);
  found[middle] = part(middle);
  for (let k = middle + 1; k < levels.length; k++) found[k] = add(found[k - 1]!, softplus(part(k)));
  for (let k = middle - 1; k >= 0; k--) found[k] = sub(found[k + 1]!, softplus(part(k)));
  return concat(found, axis);
}

/** A last axis of size 1 dropped. */
export const withoutLast = (x: Value): Value => reshape(x, x.shape.slice(0, -1));
