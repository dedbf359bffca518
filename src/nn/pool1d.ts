import { usageError } from '../core/errors.ts';
import { type Dim, dimAdd, dimFloorDiv, dimMul, dimSub } from '../graph/dims.ts';
import {
  add,
  cast,
  div,
  iota,
  max,
  maximum,
  minimum,
  mul,
  pad,
  reshape,
  sub,
  sum,
  where,
} from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { floorDivide } from './conv1d.ts';
import { maskOf, zeroPadding } from './mask.ts';
import { lowest } from './pooling.ts';

export interface Pooled {
  readonly x: Value;
  readonly lengths: Value;
}

/**
 * The largest value of each run of `window` neighbouring places, channel-first: x[batch, channels, time] → [batch, channels, ⌈time /
 * window⌉]. The last run of a sequence may be shorter, so nothing is dropped; padding takes no part and comes out as 0.
 */
export function maxPool1d(x: Value, lengths: Value, { window }: { window: number }): Pooled {
  if (checked(window) === 1) return { x, lengths };
  const inside = toWindows(where(maskOf(x, lengths, 2), x, lowest), window, lowest);
  const pooled = max(windows(inside, window), 3);
  const after = pooledLengths(lengths, window);
  return { x: zeroed(pooled, after), lengths: after };
}

/** As `maxPool1d`, with the mean over the places of the run that are real. */
export function meanPool1d(x: Value, lengths: Value, { window }: { window: number }): Pooled {
  if (checked(window) === 1) return { x, lengths };
  const sums = sum(windows(zeroPadding(toWindows(x, window), lengths, 2), window), 3);
  const after = pooledLengths(lengths, window);
  const starts = mul(iota(sums.shape[2]!), window);
  const count = minimum(maximum(sub(reshape(lengths, [lengths.shape[0]!, 1, 1]), starts), 1), window);
  return { x: div(sums, cast(count, 'float32')), lengths: after };
}

function checked(window: number): number {
  if (!Number.isInteger(window) || window < 1)
    throw usageError(`pool1d: expected a window of 1 or more places, received ${window}.`);
  return window;
}

const pooledLengths = (lengths: Value, window: number): Value =>
  floorDivide(add(lengths, window - 1), window);

/** Time filled up with a number to a whole number of windows. */
function toWindows(x: Value, window: number, filling = 0): Value {
  const time = x.shape[2]!;
  const count = dimFloorDiv(dimAdd(time, window - 1), window);
  return pad(x, 2, 0, dimSub(dimMul(count, window), time), filling);
}

function windows(x: Value, window: number): Value {
  const [batch, channels, time] = x.shape as [Dim, Dim, Dim];
  return reshape(x, [batch, channels, dimFloorDiv(time, window), window]);
}

// Runs without any real place hold `lowest`; `where` rather than a product, whose gradient would be as large.
const zeroed = (pooled: Value, lengths: Value): Value => where(maskOf(pooled, lengths, 2), pooled, 0);
