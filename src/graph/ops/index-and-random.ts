import { usageError } from '../../core/errors.ts';
import { type Dim, dimProduct, type Shape, shapeText } from '../dims.ts';
import { int, type LowerContext, type Op, text } from '../op.ts';
import { sizeOf, tensor } from '../tensor.ts';
import type { DType } from '../value.ts';

/** gather(table, indices): rows of the first axis; table[N, …], indices[…] int32 → [… of indices, … of a row]. */
const gather: Op<Record<string, never>> = {
  infer([table, indices]) {
    if (indices!.dtype !== 'int32' || table!.shape.length === 0)
      throw usageError(
        `expected a table of at least one axis and int32 indices, received ${shapeText(table!.shape)} and ${indices!.dtype}.`,
      );
    return [{ dtype: table!.dtype, shape: [...indices!.shape, ...table!.shape.slice(1)] }];
  },
  gradient: ({ g, inputs: [table, indices], cotangents: [dy] }) => [
    g.scatterAdd(indices!, dy!, table!.shape[0]!),
    null,
  ],
  lower: (c) => c.emit('Gather', c.inputs, { axis: int(0) }),
  evaluate([table, indices]) {
    const row = sizeOf(table!.shape.slice(1));
    const data = new Float64Array(indices!.data.length * row);
    indices!.data.forEach((at, i) => {
      data.set(table!.data.subarray(at * row, (at + 1) * row), i * row);
    });
    return [tensor([...indices!.shape, ...table!.shape.slice(1)], data)];
  },
  stack: null,
  examples: [
    { inputs: [[4, 3], { shape: [2, 5], below: 4 }], attrs: {} },
    { inputs: [[6], { shape: [3], below: 6 }], attrs: {} },
  ],
};

/** scatterAdd(indices, updates, size): zeros[size, …] with updates[i] added to row indices[i]; equal indices add up. */
const scatterAdd: Op<{ size: Dim }> = {
  infer([indices, updates], { size }) {
    return [{ dtype: 'float32', shape: [size, ...updates!.shape.slice(indices!.shape.length)] }];
  },
  gradient: ({ g, inputs: [indices], cotangents: [dy] }) => [null, g.gather(dy!, indices!)],
  lower(c) {
    const [, updates] = c.node.inputs;
    const rank = c.node.inputs[0]!.shape.length;
    const zero = c.constant('float32', [], [0]);
    const [blank] = c.emit('Expand', [zero, c.shape([c.attrs.size, ...updates!.shape.slice(rank)])]);
    const [wide] = c.emit('Cast', [c.inputs[0]!], { to: int(7) });
    const [paths] = c.emit('Unsqueeze', [wide, c.constant('int64', [1], [rank])]);
    return c.emit('ScatterND', [blank, paths, c.inputs[1]!], { reduction: text('add') });
  },
  evaluate([indices, updates], { attrs, sizes }) {
    const rowShape = updates!.shape.slice(indices!.shape.length);
    const row = sizeOf(rowShape);
    const [size] = sizes([attrs.size]);
    const data = new Float64Array(size! * row);
    indices!.data.forEach((at, i) => {
      for (let j = 0; j < row; j++) data[at * row + j]! += updates!.data[i * row + j]!;
    });
    return [tensor([size!, ...rowShape], data)];
  },
  stack: null,
  examples: [
    { inputs: [{ shape: [5], below: 3 }, [5, 2]], attrs: { size: 3 } },
    { inputs: [{ shape: [2, 3], below: 4 }, [2, 3]], attrs: { size: 4 } },
  ],
};

/** 0, 1, …, size − 1 as int32. */
const iota: Op<{ size: Dim }> = {
  infer: (_, { size }) => [{ dtype: 'int32', shape: [size] }],
  gradient: null,
  lower: (c) => [iotaNodes(c, c.attrs.size)],
  evaluate: (_, { attrs, sizes }) => {
    const [n] = sizes([attrs.size]);
    return [
      tensor(
        [n!],
        Float64Array.from({ length: n! }, (__, i) => i),
      ),
    ];
  },
  stack: null,
  examples: [{ inputs: [], attrs: { size: 4 } }],
};

function iotaNodes(c: LowerContext<unknown>, size: Dim): string {
  const scalar = (n: number) => c.constant('int64', [], [n]);
  const [end] = c.emit('Squeeze', [c.dim(size)]);
  const [range] = c.emit('Range', [scalar(0), end, scalar(1)]);
  return c.emit('Cast', [range], { to: int(6) })[0];
}

/** A dimension as a scalar, so that a program can compute with sizes that are known only when it runs. */
const dimension: Op<{ dim: Dim; dtype: Exclude<DType, 'bool'> }> = {
  infer: (_, { dtype }) => [{ dtype, shape: [] }],
  gradient: null,
  lower(c) {
    const [scalar] = c.emit('Squeeze', [c.dim(c.attrs.dim)]);
    return c.emit('Cast', [scalar], { to: int(c.attrs.dtype === 'float32' ? 1 : 6) });
  },
  evaluate: (_, { attrs, sizes }) => [tensor([], sizes([attrs.dim]))],
  stack: null,
  examples: [{ inputs: [], attrs: { dim: 7, dtype: 'float32' } }],
};

export interface RandomAttrs {
  readonly shape: Shape;
  /** Distinguishes draws that share seed and step. */
  readonly site: number;
}
const rounds = [0x85ebca6b, 0xc2b2ae35] as const;

/**
 * Uniform numbers in [0, 1) that depend only on (seed, step, site) and the element's position, so that a resumed run draws the same:
 * a counter hashed with murmur3's finaliser (Appleby 2011), 24 bits kept. Inputs: seed and step, int32 scalars.
 */
const randomUniform: Op<RandomAttrs> = {
  infer: (_, { shape }) => [{ dtype: 'float32', shape }],
  gradient: null,
  lower(c) {
    const { shape, site } = c.attrs;
    const constant = (n: number) => c.constant('int32', [], [n | 0]);
    const [stepped] = c.emit('Mul', [c.inputs[1]!, constant(0x9e3779b1)]);
    const [mixed] = c.emit('Add', [stepped, c.inputs[0]!]);
    const [start] = c.emit('Add', [mixed, constant(site)]);
    // The key is hashed before it meets the counter, or neighbouring steps would draw shifted copies of one another.
    const key = hashNodes(c, start);
    const [counters] = c.emit('Mul', [iotaNodes(c, dimProduct(shape)), constant(0x9e3779b1)]);
    const [keyed] = c.emit('Add', [counters, key]);
    const hashed = hashNodes(c, keyed);
    const unsigned = (name: string) => c.emit('Cast', [name], { to: int(12) })[0];
    const [top] = c.emit('BitShift', [unsigned(hashed), c.constant('uint32', [], [8])], {
      direction: text('RIGHT'),
    });
    const [whole] = c.emit('Cast', [top], { to: int(6) });
    const [real] = c.emit('Cast', [whole], { to: int(1) });
    const [scaled] = c.emit('Mul', [real, c.constant('float32', [], [2 ** -24])]);
    return c.emit('Reshape', [scaled, c.shape(shape)]);
  },
  evaluate([seed, step], { attrs, sizes }) {
    const shape = sizes(attrs.shape);
    const key = murmur((Math.imul(step!.data[0]!, 0x9e3779b1) + seed!.data[0]! + attrs.site) | 0);
    const data = Float64Array.from(
      { length: sizeOf(shape) },
      (_, i) => (murmur((Math.imul(i, 0x9e3779b1) + key) | 0) >>> 8) * 2 ** -24,
    );
    return [tensor(shape, data)];
  },
  stack: null,
  examples: [
    {
      inputs: [
        { shape: [], below: 100 },
        { shape: [], below: 9 },
      ],
      attrs: { shape: [3, 4], site: 77 },
    },
    {
      inputs: [
        { shape: [], below: 100 },
        { shape: [], below: 9 },
      ],
      attrs: { shape: [1000], site: 0xfedcba98 },
    },
  ],
};

/** murmur3's 32-bit finaliser on int32 values (shifts need uint32: ONNX has no logical shift of signed integers). */
function hashNodes(c: LowerContext<unknown>, name: string): string {
  const shiftXor = (value: string, bits: number) => {
    const [unsigned] = c.emit('Cast', [value], { to: int(12) });
    const [shifted] = c.emit('BitShift', [unsigned, c.constant('uint32', [], [bits])], {
      direction: text('RIGHT'),
    });
    const [mixed] = c.emit('BitwiseXor', [unsigned, shifted]);
    return c.emit('Cast', [mixed], { to: int(6) })[0];
  };
  const multiply = (value: string, by: number) =>
    c.emit('Mul', [value, c.constant('int32', [], [by | 0])])[0];
  const first = multiply(shiftXor(name, 16), rounds[0]);
  const second = multiply(shiftXor(first, 13), rounds[1]);
  return shiftXor(second, 16);
}

function murmur(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), rounds[0]);
  z = Math.imul(z ^ (z >>> 13), rounds[1]);
  return (z ^ (z >>> 16)) | 0;
}

/** Values known when the graph is built. */
const constant: Op<{ dtype: DType; shape: readonly number[]; data: ArrayLike<number> }> = {
  infer: (_, { dtype, shape }) => [{ dtype, shape }],
  gradient: null,
  lower: (c) => [c.constant(c.attrs.dtype, c.attrs.shape, c.attrs.data)],
  evaluate: (_, { attrs }) => [tensor(attrs.shape, attrs.data)],
  stack: null,
  examples: [{ inputs: [], attrs: { dtype: 'float32', shape: [2], data: [1.5, -2] } }],
};

/** A value that the caller supplies when the program runs, or a parameter of a scan's body. */
const input: Op<{ name: string; dtype: DType; shape: Shape }> = {
  infer: (_, { dtype, shape }) => [{ dtype, shape }],
  gradient: null,
  lower: () => {
    throw new Error('an input is bound by the program that has it');
  },
  evaluate: (_, { attrs }) => {
    throw usageError(`no value was given for input "${attrs.name}".`);
  },
  stack: null,
  examples: [],
};

export const indexOps = { gather, scatterAdd, iota, dimension, randomUniform, constant, input } as const;
