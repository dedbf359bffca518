import { usageError } from '../../core/errors.ts';
import { broadcastShapes, shapeText } from '../dims.ts';
import {
  type Example,
  type ExampleInput,
  type Functions,
  float,
  type GradientContext,
  int,
  type LowerContext,
  type Op,
  type StackContext,
} from '../op.ts';
import { broadcastReader, eachIndex, sizeOf, type Tensor, tensor } from '../tensor.ts';
import type { DType, Type, Value } from '../value.ts';

type None = Record<string, never>;

/** NumPy broadcasting over any number of inputs. */
function broadcastType(dtype: DType, inputs: readonly Value[]): Type[] {
  let shape = inputs[0]!.shape;
  for (const input of inputs.slice(1)) {
    const joint = broadcastShapes(shape, input.shape);
    if (!joint)
      throw usageError(
        `expected shapes that broadcast (equal, or 1, from the right), received ${inputs.map((v) => shapeText(v.shape)).join(' and ')}.`,
      );
    shape = joint;
  }
  return [{ dtype, shape }];
}

function requireDType(inputs: readonly Value[], allowed: readonly DType[]): void {
  for (const { dtype } of inputs)
    if (!allowed.includes(dtype)) throw usageError(`expected ${allowed.join(' or ')}, received ${dtype}.`);
  if (inputs.some((v) => v.dtype !== inputs[0]!.dtype))
    throw usageError(
      `expected inputs of one type, received ${inputs.map((v) => v.dtype).join(' and ')}; use cast.`,
    );
}

function zip(inputs: readonly Tensor[], compute: (...values: number[]) => number): Tensor[] {
  const rank = Math.max(...inputs.map((t) => t.shape.length));
  const shape = Array.from({ length: rank }, (_, i) => {
    const sizes = inputs.map((t) => t.shape[i - rank + t.shape.length] ?? 1);
    return sizes.find((s) => s !== 1) ?? 1;
  });
  const readers = inputs.map((t) => broadcastReader(t, rank));
  const data = new Float64Array(sizeOf(shape));
  eachIndex(shape, (index, flat) => {
    data[flat] = compute(...readers.map((read) => read(index)));
  });
  return [tensor(shape, data)];
}

/** Gives stacked inputs of lower rank the missing axes between time and the rest, so that broadcasting still aligns. */
function alignStacked({ g, step, inputs, stacked, time }: StackContext<unknown>): Value[] {
  const rank = Math.max(...step.map((v) => v.shape.length));
  return inputs.map((input, i) => {
    const own = step[i]!.shape;
    if (!stacked[i] || own.length === rank) return input;
    return g.reshape(input, [time, ...new Array<number>(rank - own.length).fill(1), ...own]);
  });
}

interface Elementwise {
  onnx: string;
  takes?: readonly DType[];
  gives?: DType;
  compute: (...values: number[]) => number;
  gradient: ((c: GradientContext<None>) => (Value | null)[]) | null;
  examples: readonly ExampleInput[][];
}

const elementwise =
  (name: string) =>
  ({ onnx, takes = ['float32'], gives, compute, gradient, examples }: Elementwise): Op<None> => ({
    infer(inputs) {
      requireDType(inputs, takes);
      return broadcastType(gives ?? inputs[0]!.dtype, inputs);
    },
    gradient:
      gradient &&
      ((c) => gradient(c).map((d, i) => (d && c.wants[i] ? c.g.sumTo(d, c.inputs[i]!.shape) : null))),
    lower: (c) => c.emit(onnx, c.inputs),
    evaluate: (inputs) => zip(inputs, compute),
    stack: (c) => c.g.apply(name, alignStacked(c), {}),
    examples: examples.map((inputs) => ({ inputs, attrs: {} })),
  });

type Rule = (c: { g: Functions; x: Value; y: Value; dy: Value }) => Value;

/** A function of one number; `rule` gives dx from x, y and dy. */
const unary = (
  name: string,
  onnx: string,
  compute: (x: number) => number,
  rule: Rule | null,
  examples: readonly ExampleInput[][] = [[[2, 3]], [[]]],
): Op<None> =>
  elementwise(name)({
    onnx,
    compute,
    gradient:
      rule &&
      (({ g, inputs, outputs, cotangents }) => [
        rule({ g, x: inputs[0]!, y: outputs[0]!, dy: cotangents[0]! }),
      ]),
    examples,
  });

type BinaryRule = (c: { g: Functions; a: Value; b: Value; y: Value; dy: Value }) => [Value, Value];
const pairs: readonly ExampleInput[][] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [
    [4, 1],
    [2, 1, 5],
  ],
  [[], [2]],
];
const binary = (
  name: string,
  onnx: string,
  compute: (a: number, b: number) => number,
  rule: BinaryRule | null,
  {
    examples = pairs,
    takes = ['float32', 'int32'] as readonly DType[],
    gives = undefined as DType | undefined,
  } = {},
): Op<None> =>
  elementwise(name)({
    onnx,
    takes,
    gives,
    compute,
    gradient:
      rule &&
      (({ g, inputs, outputs, cotangents }) =>
        rule({ g, a: inputs[0]!, b: inputs[1]!, y: outputs[0]!, dy: cotangents[0]! })),
    examples,
  });

const positive: ExampleInput[][] = [[{ shape: [2, 3], positive: true }]];
const twoOverRootPi = 2 / Math.sqrt(Math.PI);

// Every rule multiplies dy by one coefficient that does not contain dy: inside a scan the coefficient then leaves the loop.
export const elementwiseOps = {
  neg: unary(
    'neg',
    'Neg',
    (x) => -x,
    ({ g, dy }) => g.neg(dy),
  ),
  // d eˣ = eˣ
  exp: unary('exp', 'Exp', Math.exp, ({ g, y, dy }) => g.mul(dy, y)),
  // d log x = 1/x
  log: unary('log', 'Log', Math.log, ({ g, x, dy }) => g.div(dy, x), positive),
  // d √x = 1/(2√x)
  sqrt: unary('sqrt', 'Sqrt', Math.sqrt, ({ g, y, dy }) => g.mul(dy, g.div(0.5, y)), positive),
  // d tanh x = 1 − tanh² x
  tanh: unary('tanh', 'Tanh', Math.tanh, ({ g, y, dy }) => g.mul(dy, g.sub(1, g.mul(y, y)))),
  // d σ(x) = σ(x)(1 − σ(x))
  sigmoid: unary(
    'sigmoid',
    'Sigmoid',
    (x) => 1 / (1 + Math.exp(-x)),
    ({ g, y, dy }) => g.mul(dy, g.mul(y, g.sub(1, y))),
  ),
  // d max(x, 0) = [x > 0] (ONNX Runtime's Sign would say the same in one op, six times slower)
  relu: {
    ...unary(
      'relu',
      'Relu',
      (x) => Math.max(x, 0),
      ({ g, y, dy }) => g.mul(dy, g.isPositive(y)),
    ),
    // Between convolutions it stays a picture: ONNX Runtime makes it part of the convolution.
    lower(c: LowerContext<None>) {
      const [x] = c.inputs as [string];
      return c.hasPicture(x) ? [c.line(c.emit('Relu', [c.picture(x)])[0])] : c.emit('Relu', [x]);
    },
  },
  // HardSigmoid is max(0, min(1, αx)): one pass over memory where a comparison and a cast are two.
  isPositive: {
    ...unary('isPositive', 'HardSigmoid', (x) => Number(x > 0), null),
    lower: (c: LowerContext<None>) => c.emit('HardSigmoid', c.inputs, { alpha: float(3e38), beta: float(0) }),
  },
  // d log(1 + eˣ) = σ(x)
  softplus: unary(
    'softplus',
    'Softplus',
    (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    ({ g, x, dy }) => g.mul(dy, g.sigmoid(x)),
  ),
  // d erf x = 2/√π · e^(−x²)
  erf: unary('erf', 'Erf', erf, ({ g, x, dy }) => g.mul(dy, g.mul(g.exp(g.neg(g.mul(x, x))), twoOverRootPi))),
  // d |x| = sign x
  abs: unary('abs', 'Abs', Math.abs, ({ g, x, dy }) => g.mul(dy, g.sign(x))),
  sign: unary('sign', 'Sign', Math.sign, null),
  floor: unary('floor', 'Floor', Math.floor, null),
  not: elementwise('not')({
    onnx: 'Not',
    takes: ['bool'],
    compute: (x) => (x ? 0 : 1),
    gradient: null,
    examples: [[{ shape: [3], bool: true }]],
  }),

  add: binary(
    'add',
    'Add',
    (a, b) => a + b,
    ({ dy }) => [dy, dy],
  ),
  sub: binary(
    'sub',
    'Sub',
    (a, b) => a - b,
    ({ g, dy }) => [dy, g.neg(dy)],
  ),
  mul: binary(
    'mul',
    'Mul',
    (a, b) => a * b,
    ({ g, a, b, dy }) => [g.mul(dy, b), g.mul(dy, a)],
  ),
  // d(a/b) = da/b − (a/b) db/b
  div: binary(
    'div',
    'Div',
    (a, b) => a / b,
    ({ g, b, y, dy }) => [g.div(dy, b), g.mul(dy, g.neg(g.div(y, b)))],
    {
      takes: ['float32'],
      examples: pairs.map(([a, b]) => [a!, { shape: b as readonly number[], positive: true }]),
    },
  ),
  // Ties give the whole gradient to the first.
  maximum: binary('maximum', 'Max', Math.max, ({ g, a, b, dy }) => pick(g, g.less(a, b), dy)),
  minimum: binary('minimum', 'Min', Math.min, ({ g, a, b, dy }) => pick(g, g.less(b, a), dy)),
  less: binary('less', 'Less', (a, b) => (a < b ? 1 : 0), null, { gives: 'bool' }),
  equal: binary('equal', 'Equal', (a, b) => (a === b ? 1 : 0), null, {
    gives: 'bool',
    examples: [
      [
        { shape: [4, 3], below: 2 },
        { shape: [3], below: 2 },
      ],
    ],
  }),
  and: binary('and', 'And', (a, b) => (a && b ? 1 : 0), null, bools()),
  or: binary('or', 'Or', (a, b) => (a || b ? 1 : 0), null, bools()),
} as const;

function bools() {
  const mask: ExampleInput = { shape: [2, 3], bool: true };
  return { takes: ['bool'] as readonly DType[], examples: [[mask, mask]] };
}

/** Sends dy to the second input where `second` holds, else to the first. */
function pick(g: Functions, second: Value, dy: Value): [Value, Value] {
  const toSecond = g.cast(second, 'float32');
  return [g.mul(dy, g.sub(1, toSecond)), g.mul(dy, toSecond)];
}

/**
 * The error function in double precision: its Maclaurin series below 3, a continued fraction above
 * (Abramowitz and Stegun, 7.1.5 and 7.1.14).
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return twoOverRootPi * sum;
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction)));
}

/** where(condition, a, b) */
const where: Op<None> = {
  infer([condition, a, b]) {
    requireDType([condition!], ['bool']);
    requireDType([a!, b!], ['float32', 'int32', 'bool']);
    return broadcastType(a!.dtype, [condition!, a!, b!]);
  },
  gradient({ g, inputs: [condition, a, b], cotangents: [dy], wants }) {
    const chosen = g.cast(condition!, 'float32');
    return [
      null,
      wants[1] ? g.sumTo(g.mul(dy!, chosen), a!.shape) : null,
      wants[2] ? g.sumTo(g.mul(dy!, g.sub(1, chosen)), b!.shape) : null,
    ];
  },
  lower: (c: LowerContext<None>) => c.emit('Where', c.inputs),
  evaluate: (inputs) => zip(inputs, (c, a, b) => (c ? a! : b!)),
  stack: (c) => c.g.apply('where', alignStacked(c), {}),
  examples: [
    { inputs: [{ shape: [2, 3], bool: true }, [2, 3], [3]], attrs: {} },
    { inputs: [{ shape: [4, 1], bool: true }, [], [4, 2]], attrs: {} },
  ],
};

const onnxCode: Record<DType, number> = { float32: 1, int32: 6, bool: 9 };
const castExamples: Example<{ to: DType }>[] = [
  { inputs: [{ shape: [5], bool: true }], attrs: { to: 'float32' } },
  { inputs: [{ shape: [5], below: 4 }], attrs: { to: 'float32' } },
  { inputs: [[2, 2]], attrs: { to: 'float32' } },
];
/** cast(x, to): float → int truncates; anything → bool asks for ≠ 0. */
const cast: Op<{ to: DType }> = {
  infer: ([x], { to }) => [{ dtype: to, shape: x!.shape }],
  gradient: ({ inputs: [x], cotangents: [dy], attrs }) => [
    x!.dtype === 'float32' && attrs.to === 'float32' ? dy! : null,
  ],
  lower: (c) => c.emit('Cast', c.inputs, { to: int(onnxCode[c.attrs.to]) }),
  evaluate: (inputs, { attrs: { to } }) =>
    zip(inputs, (x) => (to === 'float32' ? x : to === 'int32' ? Math.trunc(x) : x ? 1 : 0)),
  stack: ({ g, inputs: [x], attrs }) => [g.cast(x!, attrs.to)],
  examples: castExamples,
};

/** The value itself, through which no gradient flows. */
const stopGradient: Op<None> = {
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  gradient: null,
  lower: (c) => c.emit('Identity', c.inputs),
  evaluate: ([x]) => [x!],
  stack: ({ g, inputs: [x] }) => [g.stopGradient(x!)],
  examples: [{ inputs: [[3]], attrs: {} }],
};

export const choiceOps = { where, cast, stopGradient } as const;
