import { usageError } from '../../core/errors.ts';
import {
  broadcastShapes,
  type Dim,
  dimAdd,
  dimFloorDiv,
  dimProduct,
  dimSub,
  type Shape,
  sameShape,
  shapeText,
} from '../dims.ts';
import { int, ints, type Op } from '../op.ts';
import { broadcastReader, eachIndex, sizeOf, stridesOf, tensor } from '../tensor.ts';

const replaceAt = (shape: Shape, axis: number, dim: Dim): Shape =>
  shape.map((d, i) => (i === axis ? dim : d));

/** reshape(x, shape): the same elements in row-major order. */
const reshape: Op<{ shape: Shape }> = {
  infer([x], { shape }) {
    if (dimProduct(x!.shape) !== dimProduct(shape))
      throw usageError(
        `expected a shape with as many elements as ${shapeText(x!.shape)}, received ${shapeText(shape)}.`,
      );
    return [{ dtype: x!.dtype, shape }];
  },
  gradient: ({ g, inputs: [x], cotangents: [dy] }) => [g.reshape(dy!, x!.shape)],
  lower: (c) => c.emit('Reshape', [c.inputs[0]!, c.shape(c.attrs.shape)]),
  evaluate: ([x], { attrs, sizes }) => [tensor(sizes(attrs.shape), x!.data)],
  stack: ({ g, inputs: [x], attrs, time }) => [g.reshape(x!, [time, ...attrs.shape])],
  examples: [
    { inputs: [[2, 6]], attrs: { shape: [3, 4] } },
    { inputs: [[4]], attrs: { shape: [1, 4, 1] } },
  ],
};

/** transpose(x, order): axis i of the result is axis order[i] of x. */
const transpose: Op<{ order: readonly number[] }> = {
  infer([x], { order }) {
    if (order.length !== x!.shape.length || [...order].sort((a, b) => a - b).some((axis, i) => axis !== i))
      throw usageError(
        `expected an order of the axes of ${shapeText(x!.shape)}, received [${order.join(', ')}].`,
      );
    return [{ dtype: x!.dtype, shape: order.map((axis) => x!.shape[axis]!) }];
  },
  gradient: ({ g, cotangents: [dy], attrs: { order } }) => [g.transpose(dy!, inverse(order))],
  lower: (c) => c.emit('Transpose', c.inputs, { perm: ints(c.attrs.order) }),
  evaluate([x], { attrs: { order } }) {
    const strides = stridesOf(x!.shape);
    const shape = order.map((axis) => x!.shape[axis]!);
    const data = new Float64Array(x!.data.length);
    eachIndex(shape, (index, flat) => {
      data[flat] = x!.data[order.reduce((at, axis, i) => at + index[i]! * strides[axis]!, 0)]!;
    });
    return [tensor(shape, data)];
  },
  stack: ({ g, inputs: [x], attrs }) => [g.transpose(x!, [0, ...attrs.order.map((axis) => axis + 1)])],
  examples: [
    { inputs: [[2, 3]], attrs: { order: [1, 0] } },
    { inputs: [[2, 3, 4]], attrs: { order: [2, 0, 1] } },
  ],
};

function inverse(order: readonly number[]): number[] {
  const result = new Array<number>(order.length);
  order.forEach((axis, i) => {
    result[axis] = i;
  });
  return result;
}

/** broadcastTo(x, shape): repeats along axes of size 1 and along new leading axes. */
const broadcastTo: Op<{ shape: Shape }> = {
  infer([x], { shape }) {
    const joint = broadcastShapes(x!.shape, shape);
    if (!joint || !sameShape(joint, shape))
      throw usageError(
        `expected a shape that broadcasts to ${shapeText(shape)}, received ${shapeText(x!.shape)}.`,
      );
    return [{ dtype: x!.dtype, shape }];
  },
  gradient: ({ g, inputs: [x], cotangents: [dy] }) => [g.sumTo(dy!, x!.shape)],
  lower: (c) => c.emit('Expand', [c.inputs[0]!, c.shape(c.attrs.shape)]),
  evaluate([x], { attrs, sizes }) {
    const shape = sizes(attrs.shape);
    const read = broadcastReader(x!, shape.length);
    const data = new Float64Array(sizeOf(shape));
    eachIndex(shape, (index, flat) => {
      data[flat] = read(index);
    });
    return [tensor(shape, data)];
  },
  stack({ g, step: [own], inputs: [x], attrs, time }) {
    const missing = attrs.shape.length - own!.shape.length;
    const lifted = g.reshape(x!, [time, ...new Array<number>(missing).fill(1), ...own!.shape]);
    return [g.broadcastTo(lifted, [time, ...attrs.shape])];
  },
  examples: [
    { inputs: [[3, 1]], attrs: { shape: [2, 3, 4] } },
    { inputs: [[]], attrs: { shape: [2, 2] } },
  ],
};

export interface SliceAttrs {
  readonly axis: number;
  readonly start: Dim;
  readonly end: Dim;
  readonly step: number;
}
/** slice(x, axis, start, end, step): elements start, start + step, … before end. */
const slice: Op<SliceAttrs> = {
  infer([x], { axis, start, end, step }) {
    if (axis < 0 || axis >= x!.shape.length || step < 1)
      throw usageError(
        `expected an axis of ${shapeText(x!.shape)} and a step of at least 1, received axis ${axis}, step ${step}.`,
      );
    const size = x!.shape[axis]!;
    if (
      typeof size === 'number' &&
      typeof end === 'number' &&
      typeof start === 'number' &&
      (start < 0 || end > size || start > end)
    )
      throw usageError(`expected a range within 0…${size} of axis ${axis}, received ${start}…${end}.`);
    const length = dimFloorDiv(dimAdd(dimSub(end, start), step - 1), step);
    return [{ dtype: x!.dtype, shape: replaceAt(x!.shape, axis, length) }];
  },
  gradient({ g, inputs: [x], cotangents: [dy], attrs: { axis, start, step } }) {
    const size = x!.shape[axis]!;
    if (step === 1) return [g.pad(dy!, axis, start, dimSub(size, dimAdd(start, dy!.shape[axis]!)))];
    // Put step − 1 zeros after each element, then pad or cut to the length of x.
    const { shape } = dy!;
    const spread = g.pad(
      g.reshape(dy!, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]),
      axis + 1,
      0,
      step - 1,
    );
    const wide = g.product([shape[axis]!, step]);
    const flat = g.reshape(spread, replaceAt(shape, axis, wide));
    return [g.pad(flat, axis, start, dimSub(size, dimAdd(start, wide)))];
  },
  lower(c) {
    const { axis, start, end, step } = c.attrs;
    const vector = (n: number) => c.constant('int64', [1], [n]);
    return c.emit('Slice', [c.inputs[0]!, c.dim(start), c.dim(end), vector(axis), vector(step)]);
  },
  evaluate([x], { attrs, sizes }) {
    const [start, end] = sizes([attrs.start, attrs.end]) as [number, number];
    const strides = stridesOf(x!.shape);
    const shape = x!.shape.map((d, i) => (i === attrs.axis ? Math.ceil((end - start) / attrs.step) : d));
    const data = new Float64Array(sizeOf(shape));
    eachIndex(shape, (index, flat) => {
      let at = 0;
      index.forEach((n, i) => {
        at += (i === attrs.axis ? start + n * attrs.step : n) * strides[i]!;
      });
      data[flat] = x!.data[at]!;
    });
    return [tensor(shape, data)];
  },
  stack: ({ g, inputs: [x], attrs }) => [g.slice(x!, attrs.axis + 1, attrs.start, attrs.end, attrs.step)],
  examples: [
    { inputs: [[4, 5]], attrs: { axis: 1, start: 1, end: 4, step: 1 } },
    { inputs: [[7, 2]], attrs: { axis: 0, start: 1, end: 7, step: 3 } },
    { inputs: [[8]], attrs: { axis: 0, start: 0, end: 7, step: 2 } },
  ],
};

/** Reverses one axis. */
const reverse: Op<{ axis: number }> = {
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  gradient: ({ g, cotangents: [dy], attrs }) => [g.reverse(dy!, attrs.axis)],
  lower(c) {
    const vector = (n: number) => c.constant('int64', [1], [n]);
    return c.emit('Slice', [c.inputs[0]!, vector(-1), vector(-(2 ** 62)), vector(c.attrs.axis), vector(-1)]);
  },
  evaluate([x], { attrs: { axis } }) {
    const strides = stridesOf(x!.shape);
    const data = new Float64Array(x!.data.length);
    eachIndex(x!.shape, (index, flat) => {
      data[flat] = x!.data[flat + (x!.shape[axis]! - 1 - 2 * index[axis]!) * strides[axis]!]!;
    });
    return [tensor(x!.shape, data)];
  },
  stack: ({ g, inputs: [x], attrs }) => [g.reverse(x!, attrs.axis + 1)],
  examples: [
    { inputs: [[4]], attrs: { axis: 0 } },
    { inputs: [[2, 3, 2]], attrs: { axis: 1 } },
  ],
};

export interface PadAttrs {
  readonly axis: number;
  readonly before: Dim;
  readonly after: Dim;
  /** What is added, where it is not 0. */
  readonly value?: number;
}
/** pad(x, axis, before, after): zeros, or another number, added to one axis; negative numbers cut. */
const pad: Op<PadAttrs> = {
  infer: ([x], { axis, before, after }) => [
    { dtype: x!.dtype, shape: replaceAt(x!.shape, axis, dimAdd(dimAdd(x!.shape[axis]!, before), after)) },
  ],
  gradient: ({ g, cotangents: [dy], attrs: { axis, before, after } }) => [
    g.pad(dy!, axis, dimSub(0, before), dimSub(0, after)),
  ],
  lower(c) {
    const { axis, before, after, value } = c.attrs;
    const pads = c.shape([before, after]);
    const filling = value ? c.constant('float32', [], [value]) : '';
    return c.emit('Pad', [c.inputs[0]!, pads, filling, c.constant('int64', [1], [axis])]);
  },
  evaluate([x], { attrs, sizes }) {
    const [before, after] = sizes([attrs.before, attrs.after]) as [number, number];
    const size = x!.shape[attrs.axis]!;
    const shape = x!.shape.map((d, i) => (i === attrs.axis ? size + before + after : d));
    const strides = stridesOf(x!.shape);
    const data = new Float64Array(sizeOf(shape)).fill(attrs.value ?? 0);
    eachIndex(shape, (index, flat) => {
      const at = index[attrs.axis]! - before;
      if (at < 0 || at >= size) return;
      data[flat] = x!.data[index.reduce((sum, n, i) => sum + (i === attrs.axis ? at : n) * strides[i]!, 0)]!;
    });
    return [tensor(shape, data)];
  },
  stack: ({ g, inputs: [x], attrs: { axis, before, after, value } }) => [
    g.pad(x!, axis + 1, before, after, value),
  ],
  examples: [
    { inputs: [[2, 3]], attrs: { axis: 1, before: 1, after: 2 } },
    { inputs: [[5, 2]], attrs: { axis: 0, before: -1, after: -2 } },
    { inputs: [[4]], attrs: { axis: 0, before: -1, after: 3 } },
    { inputs: [[2, 3]], attrs: { axis: 1, before: 0, after: 2, value: -7 } },
  ],
};

/** concat(values, axis) */
const concat: Op<{ axis: number }> = {
  infer(inputs, { axis }) {
    const [first] = inputs;
    const alike = inputs.every(
      (v) =>
        v.dtype === first!.dtype &&
        v.shape.length === first!.shape.length &&
        v.shape.every((d, i) => i === axis || d === first!.shape[i]),
    );
    if (!alike)
      throw usageError(
        `expected values alike but for axis ${axis}, received ${inputs.map((v) => shapeText(v.shape)).join(', ')}.`,
      );
    const total = inputs.reduce<Dim>((sum, v) => dimAdd(sum, v.shape[axis]!), 0);
    return [{ dtype: first!.dtype, shape: replaceAt(first!.shape, axis, total) }];
  },
  gradient: ({ g, inputs, cotangents: [dy], attrs: { axis } }) =>
    g.split(
      dy!,
      axis,
      inputs.map((v) => v.shape[axis]!),
    ),
  lower: (c) => c.emit('Concat', c.inputs, { axis: int(c.attrs.axis) }),
  evaluate(inputs, { attrs: { axis } }) {
    const total = inputs.reduce((sum, t) => sum + t.shape[axis]!, 0);
    const shape = inputs[0]!.shape.map((d, i) => (i === axis ? total : d));
    const inner = sizeOf(shape.slice(axis + 1));
    const outer = sizeOf(shape.slice(0, axis));
    const data = new Float64Array(sizeOf(shape));
    let at = 0;
    for (let o = 0; o < outer; o++)
      for (const t of inputs) {
        const block = t.shape[axis]! * inner;
        data.set(t.data.subarray(o * block, (o + 1) * block), at);
        at += block;
      }
    return [tensor(shape, data)];
  },
  stack: ({ g, step, inputs, stacked, attrs, time }) => [
    g.concat(
      inputs.map((v, i) => (stacked[i] ? v : g.broadcastTo(v, [time, ...step[i]!.shape]))),
      attrs.axis + 1,
    ),
  ],
  examples: [
    {
      inputs: [
        [2, 3],
        [2, 1],
      ],
      attrs: { axis: 1 },
    },
    {
      inputs: [
        [1, 2],
        [3, 2],
        [2, 2],
      ],
      attrs: { axis: 0 },
    },
  ],
};

export interface SplitAttrs {
  readonly axis: number;
  readonly sizes: readonly Dim[];
}
/** split(x, axis, sizes): consecutive parts of the given sizes. */
const split: Op<SplitAttrs> = {
  infer([x], { axis, sizes }) {
    const total = sizes.reduce(dimAdd, 0);
    if (total !== x!.shape[axis])
      throw usageError(
        `expected sizes that add up to ${x!.shape[axis]} (axis ${axis}), received ${sizes.join(' + ')}.`,
      );
    return sizes.map((size) => ({ dtype: x!.dtype, shape: replaceAt(x!.shape, axis, size) }));
  },
  gradient: ({ g, outputs, cotangents, attrs: { axis } }) => [
    g.concat(
      outputs.map((y, i) => cotangents[i] ?? g.full(y.shape, 0)),
      axis,
    ),
  ],
  lower: (c) =>
    c.emit(
      'Split',
      [c.inputs[0]!, c.shape(c.attrs.sizes)],
      { axis: int(c.attrs.axis) },
      { outputs: c.attrs.sizes.length },
    ),
  evaluate([x], { attrs: { axis, sizes: dims }, sizes }) {
    const parts = sizes(dims);
    const inner = sizeOf(x!.shape.slice(axis + 1));
    const outer = sizeOf(x!.shape.slice(0, axis));
    const row = x!.shape[axis]! * inner;
    let offset = 0;
    return parts.map((size) => {
      const block = size * inner;
      const data = new Float64Array(outer * block);
      for (let o = 0; o < outer; o++)
        data.set(x!.data.subarray(o * row + offset, o * row + offset + block), o * block);
      offset += block;
      return tensor(
        x!.shape.map((d, i) => (i === axis ? size : d)),
        data,
      );
    });
  },
  stack: ({ g, inputs: [x], attrs }) => g.split(x!, attrs.axis + 1, attrs.sizes),
  examples: [
    { inputs: [[2, 6]], attrs: { axis: 1, sizes: [1, 2, 3] } },
    { inputs: [[4, 3]], attrs: { axis: 0, sizes: [2, 2] } },
  ],
};

export interface ReverseSequenceAttrs {
  readonly timeAxis: 0 | 1;
}
/** Reverses the first lengths[b] steps of each sequence b and leaves its padding in place; axes 0 and 1 are time and batch. */
const reverseSequence: Op<ReverseSequenceAttrs> = {
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  gradient: ({ g, inputs: [, lengths], cotangents: [dy], attrs }) => [
    g.reverseSequence(dy!, lengths!, attrs.timeAxis),
    null,
  ],
  lower(c) {
    const [lengths] = c.emit('Cast', [c.inputs[1]!], { to: int(7) });
    const { timeAxis } = c.attrs;
    return c.emit('ReverseSequence', [c.inputs[0]!, lengths], {
      time_axis: int(timeAxis),
      batch_axis: int(1 - timeAxis),
    });
  },
  evaluate([x, lengths], { attrs: { timeAxis } }) {
    const strides = stridesOf(x!.shape);
    const data = new Float64Array(x!.data.length);
    eachIndex(x!.shape, (index, flat) => {
      const length = lengths!.data[index[1 - timeAxis]!]!;
      const t = index[timeAxis]!;
      data[flat] = x!.data[t < length ? flat + (length - 1 - 2 * t) * strides[timeAxis]! : flat]!;
    });
    return [tensor(x!.shape, data)];
  },
  stack: null,
  examples: [
    { inputs: [[4, 3, 2], { shape: [3], below: 5 }], attrs: { timeAxis: 0 } },
    { inputs: [[3, 4], { shape: [3], below: 5 }], attrs: { timeAxis: 1 } },
  ],
};

export const shapeOps = {
  reshape,
  transpose,
  broadcastTo,
  slice,
  reverse,
  pad,
  concat,
  split,
  reverseSequence,
} as const;
