import { usageError } from '../core/errors.ts';
import { dimMul, type Shape } from '../graph/dims.ts';
import {
  add,
  cast,
  div,
  full,
  maximum,
  mul,
  layerNorm as normalizeRows,
  reshape,
  size,
  sqrt,
  square,
  sub,
  sum,
} from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { ones } from './initializers.ts';
import { maskOf } from './mask.ts';
import { module, parameter } from './module.ts';

/** Each row of the last axis brought to mean 0 and variance 1, then scaled and shifted: x[…, size] → […, size] (Ba et al. 2016). */
export const layerNorm = ({
  size: width,
  epsilon = 1e-5,
  affine = true,
}: {
  size: number;
  epsilon?: number;
  affine?: boolean;
}) =>
  module({
    params: {
      weight: affine ? parameter([width], { initial: ones }) : undefined,
      bias: affine ? parameter([width]) : undefined,
    },
    apply: ({ weight, bias }, x: Value) =>
      normalizeRows(x, weight ?? full([width], 1), bias ?? full([width], 0), { epsilon }),
  });

export interface BatchNormOptions {
  channels: number;
  epsilon?: number;
  /** The share of the newest batch in the running statistics, as PyTorch counts it. */
  momentum?: number;
}

/**
 * Each channel brought to mean 0 and variance 1 (Ioffe and Szegedy 2015): x[batch, channels] or [batch, channels, time]. In training by
 * the statistics of the batch, of real places only where `lengths` is given; these also move the running statistics, which
 * prediction uses. The batch is normalised by its biased variance, the running variance is the unbiased one.
 */
export const batchNorm = ({ channels, epsilon = 1e-5, momentum = 0.1 }: BatchNormOptions) =>
  module({
    params: {
      weight: parameter([channels], { initial: ones }),
      bias: parameter([channels]),
      runningMean: parameter([channels], { trainable: false }),
      runningVariance: parameter([channels], { initial: ones, trainable: false }),
    },
    apply: ({ weight, bias, runningMean, runningVariance, context }, x: Value, lengths?: Value) => {
      if (x.shape.length < 2 || x.shape.length > 3 || x.shape[1] !== channels)
        throw usageError(
          `batchNorm: expected [batch, ${channels}] or [batch, ${channels}, time], received [${x.shape.join(', ')}].`,
        );
      const alongChannels = (v: Value) => (x.shape.length === 2 ? v : reshape(v, [channels, 1]));
      if (!context.training) {
        const scale = div(weight, sqrt(add(runningVariance, epsilon)));
        const shift = sub(bias, mul(runningMean, scale));
        return add(mul(x, alongChannels(scale)), alongChannels(shift));
      }
      const { mean, centred, variance, count } = batchStatistics(x, lengths);
      const toward = (before: Value, now: Value) =>
        add(mul(before, 1 - momentum), mul(reshape(now, [channels]), momentum));
      context.update(runningMean, (before) => toward(before, mean));
      const unbiased = mul(variance, div(count, maximum(sub(count, 1), 1)));
      context.update(runningVariance, (before) => toward(before, unbiased));
      const scale = div(reshape(weight, variance.shape), sqrt(add(variance, epsilon)));
      return add(mul(centred, scale), alongChannels(bias));
    },
  });

/** Mean and biased variance of each channel over batch and real places, with size 1 on those axes. */
function batchStatistics(x: Value, lengths: Value | undefined) {
  const axes = x.shape.length === 2 ? [0] : [0, 2];
  const real = lengths && x.shape.length === 3 ? cast(maskOf(x, lengths, 2), 'float32') : undefined;
  const inside = (v: Value) => (real ? mul(v, real) : v);
  const count = real ? maximum(sum(real), 1) : size(places(x.shape));
  const mean = div(sum(inside(x), axes, { keep: true }), count);
  const centred = sub(x, mean);
  const variance = div(sum(inside(square(centred)), axes, { keep: true }), count);
  return { mean, centred, variance, count };
}

const places = ([batch, , time = 1]: Shape) => dimMul(batch!, time);
