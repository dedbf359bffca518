import type { Dim } from '../../graph/dims.ts';
import {
  abs,
  add,
  and,
  cast,
  constant,
  expandDims,
  greater,
  iota,
  less,
  mul,
  not,
  reshape,
  sub,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type AttendCall, hiddenScore } from './attend.ts';

/**
 * What is added to the scores [batch, heads, queries, keys] before the softmax: `hiddenScore` where a query may not look, ALiBi's penalty
 * elsewhere; `undefined` where every query sees every key alike. Same at every layer, so that a model computes it once.
 * `positions` are those of the queries among the keys: int32 [queries].
 */
export function scoreBias(
  { lengths, causal = false, allowed, slopes }: AttendCall,
  { positions, keys }: { positions: Value; keys: Dim },
): Value | undefined {
  const queries = positions.shape[0]!;
  const rows = reshape(positions, [queries, 1]);
  const seen: Value[] = [];
  if (causal) seen.push(not(greater(reshape(iota(keys), [1, keys]), rows)));
  if (lengths) seen.push(less(iota(keys), reshape(lengths, [lengths.shape[0]!, 1, 1, 1])));
  if (allowed) seen.push(allowed);
  const terms: Value[] = [];
  if (seen.length > 0) terms.push(where(seen.reduce(and), 0, hiddenScore));
  if (slopes) terms.push(distancePenalty(slopes, cast(sub(rows, iota(keys)), 'float32')));
  return terms.length > 0 ? terms.reduce((a, b) => add(a, b)) : undefined;
}

/** −slope · |distance| for distances[…, queries, keys] → [heads, …, queries, keys]. */
export const distancePenalty = (slopes: readonly number[], distances: Value): Value =>
  mul(
    constant(
      slopes.map((s) => -s),
      [slopes.length, ...distances.shape.map(() => 1)],
    ),
    expandDims(abs(distances), 0),
  );
