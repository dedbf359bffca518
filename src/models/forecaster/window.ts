import {
  add,
  cast,
  div,
  equal,
  greater,
  iota,
  max,
  maximum,
  mul,
  reshape,
  sqrt,
  sub,
  sum,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { ForecasterConfig } from './architectures.ts';

/** A window of steps as the network reads it, and the way back from what it answers. */
export interface ReadWindow {
  /** [batch, time, targets], 0 where nothing was seen. */
  readonly x: Value;
  /** What is taken off before and added after, and what is divided by before: [batch, 1, targets] each. */
  readonly anchor: Value;
  readonly scale: Value | undefined;
}

/** Keeps a window whose values are all alike from being blown up. */
const least = 1e-4;

/**
 * Reads a window relative to itself, so that what was learned at one level holds at another: values[batch, time, targets] where `seen` (of
 * that shape) is 1; what stands elsewhere, NaN too, is never used. `shift`: the last value that was seen of each target becomes 0;
 * `standardise`: mean and deviation of those that were seen become 0 and 1 (Kim et al. 2022).
 */
export function readWindow(values: Value, seen: Value, how: ForecasterConfig['window']): ReadWindow {
  const known = where(greater(seen, 0.5), values, 0);
  const count = maximum(sum(seen, 1, { keep: true }), 1);
  if (how === 'none') return { x: known, anchor: mul(count, 0), scale: undefined };
  if (how === 'shift') {
    const anchor = lastSeen(known, seen);
    return { x: mul(sub(known, anchor), seen), anchor, scale: undefined };
  }
  const mean = div(sum(known, 1, { keep: true }), count);
  const off = mul(sub(known, mean), seen);
  const scale = sqrt(add(div(sum(mul(off, off), 1, { keep: true }), count), least));
  return { x: div(off, scale), anchor: mean, scale };
}

/** The last value of each target that was seen; 0 where none was. → [batch, 1, targets] */
function lastSeen(known: Value, seen: Value): Value {
  const time = known.shape[1]!;
  const places = mul(seen, add(cast(reshape(iota(time), [1, time, 1]), 'float32'), 1));
  const last = max(places, 1, { keep: true });
  const chosen = mul(cast(equal(places, last), 'float32'), seen);
  return sum(mul(known, chosen), 1, { keep: true });
}
