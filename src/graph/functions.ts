import { SeqwrightError, usageError } from '../core/errors.ts';
import { type Dim, dimMul, dimProduct, type Shape, sameShape } from './dims.ts';
import type { DrawRule } from './ops/draw-rules.ts';
import { type OpName, ops } from './ops/table.ts';
import { currentScope, type DType, makeNode, type Type, type Value } from './value.ts';

/** A value, or a number that takes the type of what it meets. */
export type Operand = Value | number;

/** Applies an op by name. The named functions below are what code should use; this one serves rules that treat ops alike. */
export function apply(
  op: string,
  inputs: readonly Value[],
  attrs: object,
  _options?: { all: true },
): Value[] {
  let types: Type[];
  try {
    types = ops[op as OpName].infer(inputs, attrs);
  } catch (error) {
    if (!(error instanceof SeqwrightError)) throw error;
    const where = currentScope();
    throw usageError(`${where ? `${where}: ` : ''}${op}: ${error.message}`);
  }
  return makeNode(op, inputs, attrs, types).outputs;
}

const one = (op: OpName, inputs: readonly Value[], attrs: object = {}): Value => apply(op, inputs, attrs)[0]!;

/** A value that is supplied when the program runs. A dimension may be a name: `input('x', ['batch', 4])`. */
export const input = (name: string, shape: Shape, dtype: DType = 'float32'): Value =>
  one('input', [], { name, shape, dtype });

/** A tensor of known values; `data` in row-major order. */
export function constant(data: ArrayLike<number>, shape: readonly number[], dtype: DType = 'float32'): Value {
  const size = shape.reduce((a, b) => a * b, 1);
  if (data.length !== size)
    throw usageError(
      `constant: expected ${size} numbers for shape [${shape.join(', ')}], received ${data.length}.`,
    );
  return one('constant', [], { dtype, shape, data });
}

const scalars = new Map<string, Value>();
/** A scalar constant. */
export function scalar(value: number, dtype: DType = 'float32'): Value {
  const key = `${dtype} ${Object.is(value, -0) ? '-0' : value}`;
  let known = scalars.get(key);
  if (!known) {
    known = makeNode('constant', [], { dtype, shape: [], data: [value] }, [{ dtype, shape: [] }], {
      scope: '',
    }).outputs[0]!;
    scalars.set(key, known);
  }
  return known;
}

const isValue = (x: Operand): x is Value => typeof x !== 'number';
function operands(...items: Operand[]): Value[] {
  const dtype = items.find(isValue)?.dtype ?? 'float32';
  return items.map((x) => (isValue(x) ? x : scalar(x, dtype)));
}

export const neg = (x: Value): Value => one('neg', [x]);
export const exp = (x: Value): Value => one('exp', [x]);
export const log = (x: Value): Value => one('log', [x]);
export const sqrt = (x: Value): Value => one('sqrt', [x]);
export const tanh = (x: Value): Value => one('tanh', [x]);
export const sigmoid = (x: Value): Value => one('sigmoid', [x]);
export const relu = (x: Value): Value => one('relu', [x]);
/** log(1 + eˣ), stable for large |x|. */
export const softplus = (x: Value): Value => one('softplus', [x]);
export const erf = (x: Value): Value => one('erf', [x]);
export const abs = (x: Value): Value => one('abs', [x]);
export const sign = (x: Value): Value => one('sign', [x]);
/** 1 where x > 0, else 0, as float32. Numbers below 10⁻³⁸ may give anything between. */
export const isPositive = (x: Value): Value => one('isPositive', [x]);
export const floor = (x: Value): Value => one('floor', [x]);
export const not = (x: Value): Value => one('not', [x]);
/** The same value, through which no gradient flows. */
export const stopGradient = (x: Value): Value => one('stopGradient', [x]);

export const add = (a: Operand, b: Operand): Value => one('add', operands(a, b));
export const sub = (a: Operand, b: Operand): Value => one('sub', operands(a, b));
export const mul = (a: Operand, b: Operand): Value => one('mul', operands(a, b));
export const div = (a: Operand, b: Operand): Value => one('div', operands(a, b));
export const maximum = (a: Operand, b: Operand): Value => one('maximum', operands(a, b));
export const minimum = (a: Operand, b: Operand): Value => one('minimum', operands(a, b));
export const less = (a: Operand, b: Operand): Value => one('less', operands(a, b));
export const greater = (a: Operand, b: Operand): Value => one('less', operands(b, a));
export const equal = (a: Operand, b: Operand): Value => one('equal', operands(a, b));
export const and = (a: Value, b: Value): Value => one('and', [a, b]);
export const or = (a: Value, b: Value): Value => one('or', [a, b]);
/** `a` where the condition holds, else `b`. */
export const where = (condition: Value, a: Operand, b: Operand): Value =>
  one('where', [condition, ...operands(a, b)]);
export const cast = (x: Value, to: DType): Value => (x.dtype === to ? x : one('cast', [x], { to }));
/** x², x³ and so on are written as products; this is x·x. */
export const square = (x: Value): Value => mul(x, x);

/** a[…, M, K] · b[…, K, N]; leading axes broadcast. */
export const matmul = (a: Value, b: Value, { transA = false, transB = false } = {}): Value =>
  one('matmul', [a, b], { transA, transB });

/** Cross-correlation of x[batch, in, time] with w[out, in/groups, kernel], plus `bias`[out] where one is given. */
export const conv1d = (
  x: Value,
  w: Value,
  {
    stride = 1,
    dilation = 1,
    groups = 1,
    pad: padding = [0, 0],
    bias,
  }: {
    stride?: number;
    dilation?: number;
    groups?: number;
    pad?: readonly [number, number];
    bias?: Value | undefined;
  } = {},
): Value => one('conv1d', bias ? [x, w, bias] : [x, w], { stride, dilation, groups, pad: padding });

const axisOf = (x: Value, axis: number): number => (axis < 0 ? axis + x.shape.length : axis);
const axesOf = (x: Value, axes: number | readonly number[] | undefined): number[] =>
  (axes === undefined ? x.shape.map((_, i) => i) : typeof axes === 'number' ? [axes] : [...axes])
    .map((axis) => axisOf(x, axis))
    .sort((a, b) => a - b);

/** Σ over axes (all of them by default; negative axes count from the end). */
export function sum(x: Value, axes?: number | readonly number[], { keep = false } = {}): Value {
  const list = axesOf(x, axes);
  return list.length === 0 ? x : one('sum', [x], { axes: list, keep });
}
/** Maximum over axes. */
export function max(x: Value, axes?: number | readonly number[], { keep = false } = {}): Value {
  const list = axesOf(x, axes);
  return list.length === 0 ? x : one('max', [x], { axes: list, keep });
}
/** Mean over axes. */
export function mean(x: Value, axes?: number | readonly number[], { keep = false } = {}): Value {
  const count = dimProduct(axesOf(x, axes).map((axis) => x.shape[axis]!));
  return div(sum(x, axes, { keep }), size(count));
}
export const argMax = (x: Value, axis = -1): Value => one('argMax', [x], { axis: axisOf(x, axis) });
/** Over the last axis. */
export const softmax = (x: Value): Value => one('softmax', [x]);
/** Over the last axis. */
export const logSoftmax = (x: Value): Value => one('logSoftmax', [x]);
/** (x − mean) / √(variance + ε) · scale + bias over the last axis. */
export const layerNorm = (x: Value, scale: Value, bias: Value, { epsilon = 1e-5 } = {}): Value =>
  one('layerNorm', [x, scale, bias], { epsilon });

export const reshape = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : one('reshape', [x], { shape: [...shape] });
export const transpose = (
  x: Value,
  order: readonly number[] = x.shape.map((_, i) => x.shape.length - 1 - i),
): Value => (order.every((axis, i) => axis === i) ? x : one('transpose', [x], { order: [...order] }));
export const broadcastTo = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : one('broadcastTo', [x], { shape: [...shape] });
/** Elements start, start + step, … before `end` (the axis' size by default) of one axis. */
export const slice = (
  x: Value,
  axis: number,
  start: Dim,
  end: Dim = x.shape[axisOf(x, axis)]!,
  step = 1,
): Value =>
  start === 0 && end === x.shape[axisOf(x, axis)] && step === 1
    ? x
    : one('slice', [x], { axis: axisOf(x, axis), start, end, step });
export const reverse = (x: Value, axis: number): Value => one('reverse', [x], { axis: axisOf(x, axis) });
/** Zeros, or another number, before and after on one axis; negative numbers cut. */
export const pad = (x: Value, axis: number, before: Dim, after: Dim, value = 0): Value =>
  before === 0 && after === 0
    ? x
    : one('pad', [x], { axis: axisOf(x, axis), before, after, ...(value !== 0 && { value }) });
/** The largest value of each window of neighbours on the last axis: x[batch, channels, time] → [batch, channels, ⌈time / window⌉]; see the op. */
export const maxPool = (x: Value, window: number, stride = window): Value =>
  one('maxPool', [x], { window, stride });
export const concat = (values: readonly Value[], axis: number): Value =>
  values.length === 1 ? values[0]! : one('concat', values, { axis: axisOf(values[0]!, axis) });
/** Consecutive parts of the given sizes along an axis. */
export const split = (x: Value, axis: number, sizes: readonly Dim[]): Value[] =>
  sizes.length === 1 ? [x] : apply('split', [x], { axis: axisOf(x, axis), sizes: [...sizes] });
/** Reverses the first lengths[b] steps of every sequence b; axis `timeAxis` is time, the other of the first two is batch. */
export const reverseSequence = (x: Value, lengths: Value, timeAxis: 0 | 1 = 0): Value =>
  one('reverseSequence', [x, lengths], { timeAxis });
/** Adds axes of size 1 at the given places of the result. */
export function expandDims(x: Value, ...axes: number[]): Value {
  const shape: Dim[] = [...x.shape];
  for (const axis of axes) shape.splice(axis < 0 ? shape.length + axis + 1 : axis, 0, 1);
  return reshape(x, shape);
}

/** Rows of `table` (its first axis) at int32 indices. */
export const gather = (table: Value, indices: Value): Value => one('gather', [table, indices]);
/** zeros[size, …] with each update added at the row that its index names. */
export const scatterAdd = (indices: Value, updates: Value, rows: Dim): Value =>
  one('scatterAdd', [indices, updates], { size: rows });
/** 0, 1, …, n − 1 as int32. */
export const iota = (n: Dim): Value => one('iota', [], { size: n });
/** A dimension as a scalar. */
export const size = (dim: Dim, dtype: 'float32' | 'int32' = 'float32'): Value =>
  typeof dim === 'number' ? scalar(dim, dtype) : one('dimension', [], { dim, dtype });
/** Every element `value`. */
export const full = (shape: Shape, value: number, dtype: DType = 'float32'): Value =>
  broadcastTo(scalar(value, dtype), shape);
/** 1 where labels equal the class, else 0: int32 labels[…] → float32[…, classes]. */
export const oneHot = (labels: Value, classes: number): Value =>
  cast(equal(expandDims(labels, -1), iota(classes)), 'float32');

/** A source of randomness: int32 scalars that a run sets once and at every step. */
export interface RandomKey {
  readonly seed: Value;
  readonly step: Value;
}
/** Uniform numbers in [0, 1) that depend only on seed, step, `site` and position. */
export const randomUniform = (key: RandomKey, shape: Shape, site: number): Value =>
  one('randomUniform', [key.seed, key.step], { shape: [...shape], site });

/**
 * Draws a token for each row of log-probabilities [rows, vocabulary]. The row's uniform number in [0, 1) is (high · 2²⁶ + low) / 2⁵³, two int32
 * [rows]. → the tokens, their log-probabilities, and those under `rules`, each [rows].
 */
export function drawToken(
  logs: Value,
  words: { readonly high: Value; readonly low: Value },
  { rules = [], excluded = [] }: { rules?: readonly DrawRule[]; excluded?: readonly number[] } = {},
): { token: Value; log: Value; drawn: Value } {
  const [token, log, drawn] = apply('drawToken', [logs, words.high, words.low], { rules, excluded });
  return { token: token!, log: log!, drawn: drawn! };
}

/** Sum of several values of one shape. */
export function sumOf(values: readonly Value[]): Value {
  return values.reduce((a, b) => add(a, b));
}

/** Sums `x` over the axes along which `shape` was broadcast to it: the gradient of broadcasting. */
export function sumTo(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.shape.length - shape.length;
  const leading = Array.from({ length: extra }, (_, i) => i);
  const reduced = sum(x, leading);
  const repeated = shape.flatMap((d, i) => (d === 1 && reduced.shape[i] !== 1 ? [i] : []));
  return sum(reduced, repeated, { keep: true });
}

/** Puts reduced axes back as size 1, so that a reduction's result broadcasts against what it came from. */
export const keepAxes = (y: Value, shape: Shape, axes: readonly number[], kept: boolean): Value =>
  kept
    ? y
    : reshape(
        y,
        shape.map((d, i) => (axes.includes(i) ? 1 : d)),
      );

/** The product of dimensions. */
export const product = (dims: Shape): Dim => dims.reduce<Dim>(dimMul, 1);
