import { usageError } from '../../core/errors.ts';
import { dimProduct, type Shape, shapeText } from '../dims.ts';
import { float, type GradientContext, int, type Op } from '../op.ts';
import { eachIndex, sizeOf, stridesOf, type Tensor, tensor } from '../tensor.ts';
import type { Type, Value } from '../value.ts';

export interface ReduceAttrs {
  /** Axes to reduce, non-negative and ascending. */
  readonly axes: readonly number[];
  /** Keep them as axes of size 1. */
  readonly keep: boolean;
}

function reducedType(x: Value, { axes, keep }: ReduceAttrs): Type {
  if (axes.some((axis) => axis < 0 || axis >= x.shape.length))
    throw usageError(`expected axes of ${shapeText(x.shape)}, received [${axes.join(', ')}].`);
  const shape = keep
    ? x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
    : x.shape.filter((_, i) => !axes.includes(i));
  return { dtype: x.dtype, shape };
}

function reduce(
  x: Tensor,
  { axes, keep }: ReduceAttrs,
  start: number,
  step: (a: number, b: number) => number,
): Tensor {
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const strides = stridesOf(kept);
  const data = new Float64Array(sizeOf(kept)).fill(start);
  eachIndex(x.shape, (index, flat) => {
    const at = index.reduce((sum, n, i) => sum + (axes.includes(i) ? 0 : n * strides[i]!), 0);
    data[at] = step(data[at]!, x.data[flat]!);
  });
  return tensor(keep ? kept : kept.filter((_, i) => !axes.includes(i)), data);
}

const reduction = (
  onnx: string,
  start: number,
  step: (a: number, b: number) => number,
  name: 'sum' | 'max',
  gradient: Op<ReduceAttrs>['gradient'],
): Op<ReduceAttrs> => ({
  infer: ([x], attrs) => [reducedType(x!, attrs)],
  gradient,
  lower(c) {
    const axes = c.constant('int64', [c.attrs.axes.length], c.attrs.axes);
    return c.emit(onnx, [c.inputs[0]!, axes], { keepdims: int(Number(c.attrs.keep)) });
  },
  evaluate: ([x], { attrs }) => [reduce(x!, attrs, start, step)],
  stack: ({ g, inputs: [x], attrs }) => [
    g[name](
      x!,
      attrs.axes.map((axis) => axis + 1),
      { keep: attrs.keep },
    ),
  ],
  examples: [
    { inputs: [[2, 3]], attrs: { axes: [0], keep: false } },
    { inputs: [[2, 3, 4]], attrs: { axes: [1, 2], keep: true } },
    { inputs: [[3]], attrs: { axes: [0], keep: false } },
    { inputs: [[2, 3]], attrs: { axes: [1], keep: true } },
    { inputs: [[2, 20]], attrs: { axes: [1], keep: false } },
  ],
});

/** Σ over axes; its gradient repeats dy along them. */
const sum = reduction(
  'ReduceSum',
  0,
  (a, b) => a + b,
  'sum',
  ({ g, inputs: [x], cotangents: [dy], attrs }) => [
    g.broadcastTo(g.keepAxes(dy!, x!.shape, attrs.axes, attrs.keep), x!.shape),
  ],
);

/** Maximum over axes; its gradient goes to the maximal elements, in equal parts where several tie. */
const max = reduction('ReduceMax', Number.NEGATIVE_INFINITY, Math.max, 'max', (c) => {
  const { g, attrs } = c;
  const x = c.inputs[0]!;
  if (isShortLast(x.shape, attrs.axes)) return [maxGradientOfRows(c)];
  const back = (v: Value) => g.keepAxes(v, x.shape, attrs.axes, attrs.keep);
  const hit = g.cast(g.equal(x, back(c.outputs[0]!)), 'float32');
  return [g.mul(hit, g.div(back(c.cotangents[0]!), g.sum(hit, attrs.axes, { keep: true })))];
});

/** Whether the only reduced axis is the last one, and short: pooling windows. */
function isShortLast(shape: Shape, axes: readonly number[]): boolean {
  const last = shape[shape.length - 1];
  return axes.length === 1 && axes[0] === shape.length - 1 && typeof last === 'number' && last <= 16;
}

// The same gradient on the transposed windows: broadcasting along a last axis of a few places costs several times a transposition.
function maxGradientOfRows({ g, inputs, outputs, cotangents }: GradientContext<ReduceAttrs>): Value {
  const x = inputs[0]!;
  const window = x.shape[x.shape.length - 1]!;
  const count = dimProduct(x.shape.slice(0, -1));
  const flat = (v: Value) => g.reshape(v, [count]);
  const across = g.transpose(g.reshape(x, [count, window]));
  const hit = g.cast(g.equal(across, flat(outputs[0]!)), 'float32');
  const ties = flat(g.matmul(g.full([1, window], 1), hit)); // a sum over a short first axis is the slowest of all
  const dx = g.mul(hit, g.div(flat(cotangents[0]!), ties));
  return g.reshape(g.transpose(dx), x.shape);
}

/** Index of the largest element along an axis (the first where several tie), int32. */
const argMax: Op<{ axis: number }> = {
  infer: ([x], { axis }) => [{ ...reducedType(x!, { axes: [axis], keep: false }), dtype: 'int32' }],
  gradient: null,
  lower(c) {
    const [index] = c.emit('ArgMax', c.inputs, { axis: int(c.attrs.axis), keepdims: int(0) });
    return c.emit('Cast', [index], { to: int(6) });
  },
  evaluate([x], { attrs: { axis } }) {
    const best = reduce(x!, { axes: [axis], keep: true }, Number.NEGATIVE_INFINITY, Math.max);
    const strides = stridesOf(best.shape);
    const data = new Float64Array(best.data.length).fill(-1);
    eachIndex(x!.shape, (index, flat) => {
      const at = index.reduce((total, n, i) => total + (i === axis ? 0 : n * strides[i]!), 0);
      if (data[at] === -1 && x!.data[flat] === best.data[at]) data[at] = index[axis]!;
    });
    return [
      tensor(
        x!.shape.filter((_, i) => i !== axis),
        data,
      ),
    ];
  },
  stack: ({ g, inputs: [x], attrs }) => [g.argMax(x!, attrs.axis + 1)],
  examples: [{ inputs: [[3, 4]], attrs: { axis: 1 } }],
};

/** softmax over the last axis. */
const softmax: Op<Record<string, never>> = {
  infer: ([x]) => [{ dtype: 'float32', shape: x!.shape }],
  // dX = Y ⊙ (dY − Σ dY ⊙ Y)
  gradient({ g, outputs: [y], cotangents: [dy] }) {
    const along = g.sum(g.mul(dy!, y!), -1, { keep: true });
    return [g.mul(y!, g.sub(dy!, along))];
  },
  lower: (c) => c.emit('Softmax', c.inputs, { axis: int(-1) }),
  evaluate: ([x]) => [alongLast(x!, (row) => row.map((v) => Math.exp(v - logSumExp(row))))],
  stack: ({ g, inputs: [x] }) => [g.softmax(x!)],
  examples: [
    { inputs: [[2, 3]], attrs: {} },
    { inputs: [[4]], attrs: {} },
  ],
};

/** log softmax over the last axis. */
const logSoftmax: Op<Record<string, never>> = {
  infer: ([x]) => [{ dtype: 'float32', shape: x!.shape }],
  // dX = dY − softmax(X) · Σ dY
  gradient({ g, outputs: [y], cotangents: [dy] }) {
    return [g.sub(dy!, g.mul(g.exp(y!), g.sum(dy!, -1, { keep: true })))];
  },
  lower: (c) => c.emit('LogSoftmax', c.inputs, { axis: int(-1) }),
  evaluate: ([x]) => [alongLast(x!, (row) => row.map((v) => v - logSumExp(row)))],
  stack: ({ g, inputs: [x] }) => [g.logSoftmax(x!)],
  examples: [{ inputs: [[2, 3]], attrs: {} }],
};

function logSumExp(row: Float64Array): number {
  const top = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return top + Math.log(row.reduce((total, v) => total + Math.exp(v - top), 0));
}

function alongLast(x: Tensor, f: (row: Float64Array) => Float64Array): Tensor {
  const width = x.shape[x.shape.length - 1]!;
  const data = new Float64Array(x.data.length);
  for (let at = 0; at < data.length; at += width) data.set(f(x.data.subarray(at, at + width)), at);
  return tensor(x.shape, data);
}

export interface LayerNormAttrs {
  readonly epsilon: number;
}
/**
 * layerNorm(x, scale, bias) over the last axis; outputs y, mean and 1/deviation (Ba, Kiros and Hinton 2016). One op, because ONNX
 * Runtime has a fused kernel that also returns the two statistics that its gradient needs.
 */
const layerNorm: Op<LayerNormAttrs> = {
  infer([x, scale, bias]) {
    const width = x!.shape[x!.shape.length - 1];
    if (scale!.shape.length !== 1 || scale!.shape[0] !== width || bias!.shape[0] !== width)
      throw usageError(
        `expected scale and bias of shape [${width}], received ${shapeText(scale!.shape)} and ${shapeText(bias!.shape)}.`,
      );
    const statistic: Type = { dtype: 'float32', shape: [...x!.shape.slice(0, -1), 1] };
    return [{ dtype: 'float32', shape: x!.shape }, statistic, statistic];
  },
  // x̂ = (x − μ)ρ, y = x̂γ + β:  dx = ρ(dx̂ − mean dx̂ − x̂ mean(dx̂ x̂)) + dμ/n − dρ ρ²x̂/n,  dx̂ = dy γ
  gradient({ g, inputs: [x, scale], outputs: [, mean, rho], cotangents: [dy, dMean, dRho], wants }) {
    const n = x!.shape[x!.shape.length - 1]!;
    const normal = g.mul(g.sub(x!, mean!), rho!);
    const terms: Value[] = [];
    if (dy) {
      const d = g.mul(dy, scale!);
      const centred = g.sub(d, g.mean(d, -1, { keep: true }));
      terms.push(g.mul(rho!, g.sub(centred, g.mul(normal, g.mean(g.mul(d, normal), -1, { keep: true })))));
    }
    if (dMean) terms.push(g.broadcastTo(g.div(dMean, g.size(n)), x!.shape));
    if (dRho) terms.push(g.neg(g.mul(g.div(g.mul(dRho, g.mul(rho!, rho!)), g.size(n)), normal)));
    return [
      wants[0] ? g.sumOf(terms) : null,
      wants[1] && dy ? g.sumTo(g.mul(dy, normal), scale!.shape) : null,
      wants[2] && dy ? g.sumTo(dy, scale!.shape) : null,
    ];
  },
  lower: (c) =>
    c.emit(
      'LayerNormalization',
      c.inputs,
      { axis: int(-1), epsilon: float(c.attrs.epsilon) },
      { outputs: 3 },
    ),
  evaluate([x, scale, bias], { attrs }) {
    const width = x!.shape[x!.shape.length - 1]!;
    const rows = x!.data.length / width;
    const mean = new Float64Array(rows);
    const rho = new Float64Array(rows);
    const y = new Float64Array(x!.data.length);
    for (let r = 0; r < rows; r++) {
      const row = x!.data.subarray(r * width, (r + 1) * width);
      mean[r] = row.reduce((a, b) => a + b, 0) / width;
      const variance = row.reduce((a, b) => a + (b - mean[r]!) ** 2, 0) / width;
      rho[r] = 1 / Math.sqrt(variance + attrs.epsilon);
      row.forEach((v, i) => {
        y[r * width + i] = (v - mean[r]!) * rho[r]! * scale!.data[i]! + bias!.data[i]!;
      });
    }
    const statistic = [...x!.shape.slice(0, -1), 1];
    return [tensor(x!.shape, y), tensor(statistic, mean), tensor(statistic, rho)];
  },
  stack: ({ inputs, stacked, g, attrs }) => {
    if (stacked[1] || stacked[2]) throw new Error('layerNorm: scale and bias that change from step to step');
    return g.apply('layerNorm', inputs, attrs, { all: true });
  },
  examples: [
    { inputs: [[2, 4], [4], [4]], attrs: { epsilon: 1e-5 } },
    { inputs: [[2, 2, 3], [3], [3]], attrs: { epsilon: 1e-3 } },
  ],
};

export const reduceOps = { sum, max, argMax, softmax, logSoftmax, layerNorm } as const;
