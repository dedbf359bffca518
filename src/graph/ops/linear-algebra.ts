import { usageError } from '../../core/errors.ts';
import { broadcastShapes, type Dim, dimAdd, dimFloorDiv, dimSub, type Shape, shapeText } from '../dims.ts';
import { type Functions, int, ints, type Op } from '../op.ts';
import { broadcastReader, eachIndex, sizeOf, stridesOf, tensor } from '../tensor.ts';
import type { Value } from '../value.ts';

export interface MatmulAttrs {
  readonly transA: boolean;
  readonly transB: boolean;
}

const matrixOf = (shape: Shape, transposed: boolean): [Dim, Dim] => {
  const rows = shape[shape.length - 2]!;
  const columns = shape[shape.length - 1]!;
  return transposed ? [columns, rows] : [rows, columns];
};

/**
 * a[…, M, K] · b[…, K, N] → […, M, N]; leading axes broadcast. `transA`, `transB`: the last two axes are taken swapped,
 * which costs nothing at run time, whereas a transposition does.
 */
const matmul: Op<MatmulAttrs> = {
  infer([a, b], { transA, transB }) {
    const resultShape = () => {
      if (a!.shape.length < 2 || b!.shape.length < 2) return undefined;
      const [m, k] = matrixOf(a!.shape, transA);
      const [k2, n] = matrixOf(b!.shape, transB);
      const lead = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
      return k === k2 && lead ? [...lead, m, n] : undefined;
    };
    const shape = resultShape();
    if (!shape || a!.dtype !== 'float32' || b!.dtype !== 'float32')
      throw usageError(
        `expected float32 matrices […, M, K] and […, K, N], received ${a!.dtype}${shapeText(a!.shape)}${transA ? 'ᵀ' : ''} and ${b!.dtype}${shapeText(b!.shape)}${transB ? 'ᵀ' : ''}.`,
      );
    return [{ dtype: 'float32', shape }];
  },
  // Y = AB:  dA = dY·Bᵀ,  dB = Aᵀ·dY  (and their transposes where A or B was taken transposed)
  gradient({ g, inputs: [a, b], cotangents: [dy], attrs: { transA, transB }, wants }) {
    const da = () =>
      transA ? g.matmul(b!, dy!, { transA: transB, transB: true }) : g.matmul(dy!, b!, { transB: !transB });
    return [
      wants[0] ? g.sumTo(da(), a!.shape) : null,
      wants[1] ? rightGradient(g, a!, b!, dy!, { transA, transB }) : null,
    ];
  },
  lower(c) {
    const { transA, transB } = c.attrs;
    if (!transA && !transB) return c.emit('MatMul', c.inputs);
    return c.emit(
      'FusedMatMul',
      c.inputs,
      { transA: int(Number(transA)), transB: int(Number(transB)) },
      { domain: 'com.microsoft' },
    );
  },
  evaluate([a, b], { attrs: { transA, transB } }) {
    const swap = (t: typeof a, yes: boolean) => (yes ? transposeLast(t!) : t!);
    const p = swap(a, transA);
    const q = swap(b, transB);
    const rank = Math.max(p.shape.length, q.shape.length);
    const lead = Array.from({ length: rank - 2 }, (_, i) => {
      const x = p.shape[i - rank + p.shape.length] ?? 1;
      return x === 1 ? (q.shape[i - rank + q.shape.length] ?? 1) : x;
    });
    const depth = p.shape[p.shape.length - 1]!;
    const shape = [...lead, p.shape[p.shape.length - 2]!, q.shape[q.shape.length - 1]!];
    const left = broadcastLead(p, rank);
    const right = broadcastLead(q, rank);
    const data = new Float64Array(sizeOf(shape));
    eachIndex(shape, (index, flat) => {
      const row = index[rank - 2]!;
      const column = index[rank - 1]!;
      let sum = 0;
      for (let k = 0; k < depth; k++) sum += left(index, row, k) * right(index, k, column);
      data[flat] = sum;
    });
    return [tensor(shape, data)];
  },
  stack({ g, inputs: [a, b], step, stacked, attrs }) {
    const lift = (v: Value, i: number) => {
      const missing = Math.max(...step.map((s) => s.shape.length)) - step[i]!.shape.length;
      if (!stacked[i] || missing === 0) return v;
      return g.reshape(v, [v.shape[0]!, ...new Array<number>(missing).fill(1), ...step[i]!.shape]);
    };
    return [g.matmul(lift(a!, 0), lift(b!, 1), attrs)];
  },
  examples: [
    {
      inputs: [
        [2, 3],
        [3, 4],
      ],
      attrs: { transA: false, transB: false },
    },
    {
      inputs: [
        [3, 2],
        [3, 4],
      ],
      attrs: { transA: true, transB: false },
    },
    {
      inputs: [
        [2, 3],
        [4, 3],
      ],
      attrs: { transA: false, transB: true },
    },
    {
      inputs: [
        [3, 2],
        [4, 3],
      ],
      attrs: { transA: true, transB: true },
    },
    {
      inputs: [
        [5, 2, 3],
        [3, 4],
      ],
      attrs: { transA: false, transB: false },
    },
    {
      inputs: [
        [5, 2, 3],
        [4, 3],
      ],
      attrs: { transA: false, transB: true },
    },
    {
      inputs: [
        [2, 3, 2, 3],
        [2, 1, 3, 2],
      ],
      attrs: { transA: false, transB: false },
    },
    {
      inputs: [
        [3, 4, 2],
        [3, 4, 5],
      ],
      attrs: { transA: true, transB: false },
    },
    {
      inputs: [
        [3, 2],
        [4, 3, 5],
      ],
      attrs: { transA: true, transB: false },
    },
  ],
};

/** dB; where B is one matrix shared by a stack of A, the stack is flattened first: one large product instead of many and a sum. */
function rightGradient(g: Functions, a: Value, b: Value, dy: Value, { transA, transB }: MatmulAttrs): Value {
  if (b.shape.length === 2 && a.shape.length > 2 && !transA) {
    const rows = (v: Value) => g.reshape(v, [g.product(v.shape.slice(0, -1)), v.shape[v.shape.length - 1]!]);
    const [x, d] = [rows(a), rows(dy)];
    return transB ? g.matmul(d, x, { transA: true }) : g.matmul(x, d, { transA: true });
  }
  const db = transB
    ? g.matmul(dy, a, { transA: true, transB: transA })
    : g.matmul(a, dy, { transA: !transA });
  return g.sumTo(db, b.shape);
}

function transposeLast(t: { shape: readonly number[]; data: Float64Array }) {
  const [rows, columns] = [t.shape[t.shape.length - 2]!, t.shape[t.shape.length - 1]!];
  const data = new Float64Array(t.data.length);
  for (let base = 0; base < data.length; base += rows * columns)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) data[base + j * rows + i] = t.data[base + i * columns + j]!;
  return tensor([...t.shape.slice(0, -2), columns, rows], data);
}

function broadcastLead(t: { shape: readonly number[]; data: Float64Array }, rank: number) {
  const strides = stridesOf(t.shape);
  const own = t.shape.length;
  const reader = (index: readonly number[], row: number, column: number) => {
    let flat = row * strides[own - 2]! + column;
    for (let i = 0; i < own - 2; i++) if (t.shape[i] !== 1) flat += index[rank - own + i]! * strides[i]!;
    return t.data[flat]!;
  };
  return reader;
}

export interface ConvAttrs {
  readonly stride: number;
  readonly dilation: number;
  readonly groups: number;
  /** Zeros added before and after the time axis. */
  readonly pad: readonly [number, number];
}

export const convLength = (time: Dim, kernel: number, { stride, dilation, pad }: ConvAttrs): Dim =>
  dimAdd(dimFloorDiv(dimAdd(time, pad[0] + pad[1] - dilation * (kernel - 1) - 1), stride), 1);

/**
 * Cross-correlation of x[batch, in, time] with w[out, in/groups, kernel] → [batch, out, time′], plus b[out] where a third input is given: the
 * kernel adds it on the way, which saves a pass over the result.
 */
const conv1d: Op<ConvAttrs> = {
  infer([x, w, b], attrs) {
    const [outputs, perGroup, kernel] = w!.shape;
    const fits =
      x!.shape.length === 3 &&
      w!.shape.length === 3 &&
      typeof perGroup === 'number' &&
      typeof kernel === 'number' &&
      x!.shape[1] === perGroup * attrs.groups &&
      typeof outputs === 'number' &&
      outputs % attrs.groups === 0 &&
      (!b || (b.shape.length === 1 && b.shape[0] === outputs));
    if (!fits)
      throw usageError(
        `expected x[batch, in, time], w[out, in/${attrs.groups}, kernel] and perhaps b[out], received ${[x!, w!, ...(b ? [b] : [])].map((v) => shapeText(v.shape)).join(', ')}.`,
      );
    return [{ dtype: 'float32', shape: [x!.shape[0]!, outputs, convLength(x!.shape[2]!, kernel, attrs)] }];
  },
  gradient: ({ g, inputs: [x, w], cotangents: [dy], attrs, wants }) => [
    wants[0] ? convInputGradient(g, x!, w!, dy!, attrs) : null,
    wants[1] ? convWeightGradient(g, x!, w!, dy!, attrs) : null,
    wants[2] ? g.sum(dy!, [0, 2]) : null,
  ],
  // As a convolution over pictures one row high: where its weights are constants, ONNX Runtime has a faster kernel for those alone.
  lower(c) {
    const [x, w, ...bias] = c.inputs as [string, string];
    const [y] = c.emit('Conv', [c.picture(x), c.picture(w), ...bias], {
      kernel_shape: ints([1, c.node.inputs[1]!.shape[2] as number]),
      strides: ints([1, c.attrs.stride]),
      dilations: ints([1, c.attrs.dilation]),
      pads: ints([0, c.attrs.pad[0], 0, c.attrs.pad[1]]),
      group: int(c.attrs.groups),
    });
    return [c.line(y)];
  },
  evaluate([x, w, bias], { attrs, sizes }) {
    const { stride, dilation, groups, pad } = attrs;
    const [batch, , time] = x!.shape as [number, number, number];
    const [outputs, perGroup, kernel] = w!.shape as [number, number, number];
    const [length] = sizes([convLength(time, kernel, attrs)]);
    const shape = [batch, outputs, length!];
    const read = broadcastReader(x!, 3);
    const data = new Float64Array(sizeOf(shape));
    eachIndex(shape, ([b, o, t], flat) => {
      const first = Math.floor(o! / (outputs / groups)) * perGroup;
      let sum = bias ? bias.data[o!]! : 0;
      for (let c = 0; c < perGroup; c++)
        for (let k = 0; k < kernel; k++) {
          const at = t! * stride + k * dilation - pad[0];
          if (at >= 0 && at < time)
            sum += read([b!, first + c, at]) * w!.data[(o! * perGroup + c) * kernel + k]!;
        }
      data[flat] = sum;
    });
    return [tensor(shape, data)];
  },
  stack: null,
  examples: [
    {
      inputs: [[2, 3, 6], [4, 3, 3], [4]],
      attrs: { stride: 1, dilation: 1, groups: 1, pad: [1, 1] },
    },
    {
      inputs: [
        [2, 3, 8],
        [4, 3, 3],
      ],
      attrs: { stride: 1, dilation: 1, groups: 1, pad: [1, 1] },
    },
    {
      inputs: [
        [2, 2, 9],
        [3, 2, 4],
      ],
      attrs: { stride: 2, dilation: 1, groups: 1, pad: [0, 3] },
    },
    {
      inputs: [
        [1, 4, 10],
        [6, 2, 3],
      ],
      attrs: { stride: 1, dilation: 2, groups: 2, pad: [2, 0] },
    },
    {
      inputs: [
        [2, 4, 11],
        [4, 1, 2],
      ],
      attrs: { stride: 3, dilation: 2, groups: 4, pad: [0, 0] },
    },
    {
      inputs: [
        [1, 2, 4],
        [2, 2, 2],
      ],
      attrs: { stride: 1, dilation: 1, groups: 1, pad: [3, 2] },
    },
  ],
};

/** dX = dY (zeros put between strided steps) convolved with the reversed weight, inputs and outputs exchanged. */
function convInputGradient(g: Functions, x: Value, w: Value, dy: Value, attrs: ConvAttrs): Value {
  const { dilation, groups, pad } = attrs;
  const [outputs, perGroup, kernel] = w.shape as [number, number, number];
  const reach = dilation * (kernel - 1);
  const byGroup = g.reshape(w, [groups, outputs / groups, perGroup, kernel]);
  const exchanged = g.reshape(g.transpose(byGroup, [0, 2, 1, 3]), [
    groups * perGroup,
    outputs / groups,
    kernel,
  ]);
  const full = spread(g, dy, attrs.stride, dimAdd(x.shape[2]!, pad[0] + pad[1] - reach));
  const [before, after] = [reach - pad[0], reach - pad[1]];
  // Convolution cannot pad by less than nothing: where more was padded than the kernel reaches, the edges are cut off.
  const cut = g.pad(full, 2, Math.min(before, 0), Math.min(after, 0));
  return g.conv1d(cut, g.reverse(exchanged, 2), {
    dilation,
    groups,
    pad: [Math.max(before, 0), Math.max(after, 0)],
  });
}

/** [b, c, n] → [b, c, length] with stride − 1 zeros after each element, cut to `length`. */
function spread(g: Functions, x: Value, stride: number, length: Dim): Value {
  if (stride === 1) return x;
  const [b, c, n] = x.shape as [Dim, Dim, Dim];
  const gaps = g.pad(g.reshape(x, [b, c, n, 1]), 3, 0, stride - 1);
  return g.slice(g.reshape(gaps, [b, c, g.product([n, stride])]), 2, 0, length);
}

/** dW[o, c, k] = Σ over batch and time of dY[o, t] · X[c, t·stride + k·dilation]. */
function convWeightGradient(g: Functions, x: Value, w: Value, dy: Value, attrs: ConvAttrs): Value {
  const { stride, dilation, groups, pad } = attrs;
  const [outputs, perGroup, kernel] = w.shape as [number, number, number];
  const length = dy.shape[2]!;
  const padded = g.pad(x, 2, pad[0], pad[1]);
  const span = dimAdd(g.product([dimSub(length, 1), stride]), 1);
  const shifted = Array.from({ length: kernel }, (_, k) =>
    g.slice(padded, 2, k * dilation, dimAdd(span, k * dilation), stride),
  );
  const split = (v: Value, channels: number) =>
    groups === 1 ? v : g.reshape(v, [v.shape[0]!, groups, channels, length]);
  const batchSum = (v: Value) => g.sum(v, 0);
  const dOut = split(dy, outputs / groups);
  // Few channels: unfold and take one product. Many: one product a shift, which needs no copy of the unfolded input.
  if (perGroup * kernel <= 256) {
    const axis = groups === 1 ? 1 : 2;
    const unfolded = g.concat(
      shifted.map((v) => split(v, perGroup)),
      axis,
    );
    const dw = batchSum(g.matmul(dOut, unfolded, { transB: true }));
    return g.transpose(g.reshape(dw, [outputs, kernel, perGroup]), [0, 2, 1]);
  }
  const each = shifted.map((v) =>
    g.reshape(batchSum(g.matmul(dOut, split(v, perGroup), { transB: true })), [outputs, perGroup, 1]),
  );
  return g.concat(each, 2);
}

export const linearAlgebraOps = { matmul, conv1d } as const;
