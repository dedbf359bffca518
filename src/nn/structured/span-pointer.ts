import { usageError } from '../../core/errors.ts';
import { type Dim, dimMul } from '../../graph/dims.ts';
import {
  add,
  and,
  argMax,
  expandDims,
  gather,
  iota,
  less,
  logSoftmax,
  max,
  mul,
  neg,
  not,
  reshape,
  size,
  split,
  sub,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { hiddenScore } from '../attention/attend.ts';
import { linear } from '../linear.ts';
import { weightedMean } from '../losses.ts';
import { mask } from '../mask.ts';
import { module } from '../module.ts';

/** log p of each place to be the first, and to be the last, of the span: [batch, time]; hidden in padding. */
export interface SpanPointers {
  readonly start: Value;
  readonly end: Value;
}

/** Where an answer begins and where it ends (Vinyals et al. 2015): x[batch, time, in] and lengths int32 [batch] → `SpanPointers`. */
export const spanPointer = ({ in: inputs }: { in: number }) =>
  module({
    params: { scores: linear({ in: inputs, out: 2 }) },
    apply: (own, x: Value, { lengths }: { lengths?: Value | undefined } = {}): SpanPointers => {
      const [batch, time] = x.shape as [Dim, Dim];
      const real = lengths && mask(lengths, time);
      const [start, end] = split(own.scores(x), 2, [1, 1]).map((column) => {
        const scores = reshape(column, [batch, time]);
        return logSoftmax(real ? where(real, scores, hiddenScore) : scores);
      });
      return { start: start!, end: end! };
    },
  });

/** −½ (log p(start) + log p(end)) at the true first and last place, int32 [batch] each: the mean over the batch. */
export function spanLoss(
  { start, end }: SpanPointers,
  first: Value,
  last: Value,
  { sampleWeights }: { sampleWeights?: Value | undefined } = {},
): Value {
  const losses = mul(neg(add(atPlace(start, first), atPlace(end, last))), 0.5);
  return weightedMean(losses, sampleWeights);
}

/** x[b, place[b]]: [batch, time] → [batch]. */
function atPlace(x: Value, place: Value): Value {
  const [batch, time] = x.shape as [Dim, Dim];
  const rows = mul(iota(batch), size(time, 'int32'));
  return gather(reshape(x, [dimMul(batch, time)]), add(rows, place));
}

/** The most probable span of at most `longest` places, its end not before its start: int32 [batch] each, and log p(start) + log p(end). */
export function bestSpan(
  { start, end }: SpanPointers,
  { longest = 30 } = {},
): { start: Value; end: Value; score: Value } {
  if (!Number.isInteger(longest) || longest < 1)
    throw usageError(`bestSpan: expected spans of 1 or more places, received ${longest}.`);
  const places = iota(start.shape[1]!);
  const ahead = sub(places, expandDims(places, 1));
  const open = and(not(less(ahead, 0)), less(ahead, longest));
  const scores = where(open, add(expandDims(start, 2), expandDims(end, 1)), 2 * hiddenScore);
  const perStart = max(scores, 2);
  const from = argMax(perStart, 1);
  return { start: from, end: atPlace(argMax(scores, 2), from), score: max(perStart, 1) };
}
