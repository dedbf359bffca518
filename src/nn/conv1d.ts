import { usageError } from '../core/errors.ts';
import { add, cast, conv1d as correlate, div, floor, maximum } from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { heUniform, type Initializer } from './initializers.ts';
import { module, parameter } from './module.ts';

/** `same`: as many places out as in (at stride 1), the odd zero on the right; `valid`: none; a number: that many on each side. */
export type Padding = 'same' | 'valid' | number;

export interface ConvShape {
  kernel: number;
  stride?: number;
  dilation?: number;
  padding?: Padding;
}

export interface Conv1dOptions extends ConvShape {
  in: number;
  out: number;
  groups?: number;
  bias?: boolean;
  initial?: Initializer;
}

/** Zeros before and after, for a kernel and a padding. */
export function paddingSides({ kernel, dilation = 1, padding = 'same' }: ConvShape): [number, number] {
  if (padding === 'valid') return [0, 0];
  if (padding !== 'same') return [padding, padding];
  const total = dilation * (kernel - 1);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/**
 * Convolution over time, channel-first: x[batch, in, time] → [batch, out, time′], weight[out, in / groups, kernel], bias[out].
 * It is a cross-correlation, as everywhere in the field. A batch of varying lengths must hold zeros in its padding (`zeroPadding`)
 * and has the lengths `convLengths` afterwards.
 * @example conv1d({ in: 4, out: 64, kernel: 19 }) // one-hot DNA [batch, 4, time] → motif matches [batch, 64, time]
 */
export function conv1d({
  in: channels,
  out,
  kernel,
  stride = 1,
  dilation = 1,
  groups = 1,
  padding = 'same',
  bias = true,
  initial = heUniform,
}: Conv1dOptions) {
  if (channels % groups !== 0 || out % groups !== 0)
    throw usageError(`conv1d: ${groups} groups divide neither evenly: in ${channels}, out ${out}.`);
  const sides = paddingSides({ kernel, dilation, padding });
  return module({
    params: {
      weight: parameter([out, channels / groups, kernel], { initial }),
      bias: bias ? parameter([out]) : undefined,
    },
    // Other zeros than those it was made with are for who knows what lies beside x.
    apply: (own, x: Value, pad: readonly [number, number] = sides) =>
      correlate(x, own.weight, { stride, dilation, groups, pad, bias: own.bias }),
  });
}

/**
 * How long sequences are after a convolution: ⌊(length + padding − dilation · (kernel − 1) − 1) / stride⌋ + 1, at least 0.
 * int32 [batch] → int32 [batch].
 */
export function convLengths(lengths: Value, shape: ConvShape): Value {
  const { kernel, stride = 1, dilation = 1 } = shape;
  const [before, after] = paddingSides(shape);
  const change = before + after - dilation * (kernel - 1);
  if (change === 0 && stride === 1) return lengths;
  const room = add(lengths, change + stride - 1);
  return maximum(stride === 1 ? room : floorDivide(room, stride), 0);
}

/** ⌊a / by⌋ for int32; exact up to 2²⁴. */
export const floorDivide = (a: Value, by: number): Value => cast(floor(div(cast(a, 'float32'), by)), 'int32');
