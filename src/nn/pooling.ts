import { type Dim, dimMul } from '../graph/dims.ts';
import {
  add,
  cast,
  div,
  gather,
  greater,
  iota,
  matmul,
  max,
  maximum,
  mul,
  reshape,
  size,
  softmax,
  sub,
  sum,
  tanh,
  transpose,
  where,
} from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { glorotUniform } from './initializers.ts';
import { mask, maskOf, type TimeAxis, zeroPadding } from './mask.ts';
import { module, parameter } from './module.ts';

/** Below any real number of a float32 computation; −∞ would turn into NaN where it meets a 0. */
export const lowest = -3.4e38;

/** What stands where a whole sequence is empty: 0, never NaN. */
const orZero = (pooled: Value, lengths: Value): Value =>
  where(greater(reshape(lengths, [lengths.shape[0]!, 1]), 0), pooled, 0);

/** The largest value of each channel over the real places; 0 for an empty sequence. → [batch, channels] */
export const maxOverTime = (x: Value, lengths: Value, timeAxis: TimeAxis = 1): Value =>
  orZero(max(where(maskOf(x, lengths, timeAxis), x, lowest), timeAxis), lengths);

/** The mean of each channel over the real places; 0 for an empty sequence. → [batch, channels] */
export function meanOverTime(x: Value, lengths: Value, timeAxis: TimeAxis = 1): Value {
  const count = reshape(cast(maximum(lengths, 1), 'float32'), [lengths.shape[0]!, 1]);
  return div(sum(zeroPadding(x, lengths, timeAxis), timeAxis), count);
}

/** The channels at the last real place (the first one of an empty sequence): [time, batch, c] or [batch, time, c] → [batch, c]. */
export function lastOverTime(x: Value, lengths: Value, timeAxis: 0 | 1 = 1): Value {
  const [a, b, channels] = x.shape as [Dim, Dim, Dim];
  const rows = reshape(x, [dimMul(a, b), channels]);
  const at = maximum(sub(lengths, 1), 0);
  const [batch, time] = timeAxis === 0 ? [b, a] : [a, b];
  const index =
    timeAxis === 0
      ? add(mul(at, size(batch, 'int32')), iota(batch))
      : add(mul(iota(batch), size(time, 'int32')), at);
  return gather(rows, index);
}

export interface AttentionPoolOptions {
  /** Channels of what is pooled. */
  in: number;
  /** Width of the scoring layer. */
  hidden?: number;
  timeAxis?: 0 | 1;
}

/**
 * Additive attention over time (Bahdanau, Cho and Bengio 2015): score = tanh(x · weight + bias) · vector, weights = softmax over the
 * real places, pooled = Σ weights · x. The weights say where the model looked: they are 0 in padding and add up to 1.
 * x[batch, time, in] (timeAxis 1) or [time, batch, in] (0) → pooled [batch, in], weights [batch, time].
 */
export const attentionPool = ({ in: channels, hidden = channels, timeAxis = 1 }: AttentionPoolOptions) =>
  module({
    params: {
      weight: parameter([channels, hidden], { initial: glorotUniform }),
      bias: parameter([hidden]),
      vector: parameter([hidden, 1], { initial: glorotUniform }),
    },
    apply: ({ weight, bias, vector }, x: Value, lengths: Value): { pooled: Value; weights: Value } => {
      const [a, b] = x.shape as [Dim, Dim];
      const scores = reshape(matmul(tanh(add(matmul(x, weight), bias)), vector), [a, b]);
      const weights = maskedSoftmax(timeAxis === 0 ? transpose(scores) : scores, lengths);
      const [batch, time] = weights.shape as [Dim, Dim];
      const pooled =
        timeAxis === 0
          ? sum(mul(x, reshape(transpose(weights), [time, batch, 1])), 0)
          : reshape(matmul(reshape(weights, [batch, 1, time]), x), [batch, channels]);
      return { pooled, weights };
    },
  });

/** Softmax over the first lengths[b] of scores[batch, time]; 0 elsewhere, and everywhere for an empty sequence. */
export function maskedSoftmax(scores: Value, lengths: Value): Value {
  const real = mask(lengths, scores.shape[1]!);
  return mul(softmax(where(real, scores, lowest)), cast(real, 'float32'));
}
