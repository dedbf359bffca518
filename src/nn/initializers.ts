import { usageError } from '../core/errors.ts';
import type { RandomStream } from '../core/random.ts';

/** How a parameter starts. `name` is for people; `fill` gives the numbers in row-major order. */
export interface Initializer {
  readonly name: string;
  readonly fill: (shape: readonly number[], random: RandomStream) => Float64Array;
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const draw = (shape: readonly number[], next: () => number) =>
  Float64Array.from({ length: sizeOf(shape) }, next);

/** Every number the same. */
export const constant = (value: number): Initializer => ({
  name: `constant(${value})`,
  fill: (shape) => draw(shape, () => value),
});
export const zeros: Initializer = { ...constant(0), name: 'zeros' };
export const ones: Initializer = { ...constant(1), name: 'ones' };

/** Evenly between −limit and limit. */
export const uniform = (limit: number): Initializer => ({
  name: `uniform(${limit})`,
  fill: (shape, random) => draw(shape, () => limit * (2 * random.uniform() - 1)),
});

/** Normal with mean 0. */
export const normal = (deviation = 1): Initializer => ({
  name: `normal(${deviation})`,
  fill: (shape, random) => draw(shape, () => deviation * random.normal()),
});

/** Normal with mean 0, drawn again where it falls outside `cut` deviations: no weight starts far away. */
export const truncatedNormal = (deviation = 1, { cut = 2 } = {}): Initializer => ({
  name: `truncatedNormal(${deviation})`,
  fill: (shape, random) =>
    draw(shape, () => {
      let z = random.normal();
      while (Math.abs(z) > cut) z = random.normal();
      return deviation * z;
    }),
});

/**
 * How many inputs an output sums over, and how many outputs an input reaches. By the layouts of this room: [in, out] for linear and
 * (gate by gate) recurrent weights, [out, in / groups, kernel] for convolutions, where each counts once for every place of the
 * kernel. An embedding's rows are looked up rather than summed, so embeddings use `normal`, not these rules.
 */
export function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const [first, second, kernel] = shape as [number, number, number];
  if (shape.length === 2) return { fanIn: first, fanOut: second };
  if (shape.length === 3) return { fanIn: second * kernel, fanOut: first * kernel };
  throw usageError(
    `initialiser: expected a weight [in, out] or [out, in / groups, kernel], received shape [${shape.join(', ')}].`,
  );
}

type Variance = (shape: readonly number[]) => number;
const uniformOf = (name: string, variance: Variance): Initializer => ({
  name,
  fill: (shape, random) => uniform(Math.sqrt(3 * variance(shape))).fill(shape, random),
});
const normalOf = (name: string, variance: Variance): Initializer => ({
  name,
  fill: (shape, random) => normal(Math.sqrt(variance(shape))).fill(shape, random),
});

const glorot: Variance = (shape) => 2 / (fans(shape).fanIn + fans(shape).fanOut);
const he: Variance = (shape) => 2 / fans(shape).fanIn;
const lecun: Variance = (shape) => 1 / fans(shape).fanIn;

/** Variance 2 / (fan-in + fan-out), for tanh, sigmoid and read-outs (Glorot and Bengio 2010). */
export const glorotUniform = uniformOf('glorotUniform', glorot);
/** As `glorotUniform`, drawn from a normal distribution. */
export const glorotNormal = normalOf('glorotNormal', glorot);
/** Variance 2 / fan-in, for ReLU and its kin (He et al. 2015). */
export const heUniform = uniformOf('heUniform', he);
/** As `heUniform`, drawn from a normal distribution. */
export const heNormal = normalOf('heNormal', he);
/** Variance 1 / fan-in (LeCun et al. 1998). */
export const lecunNormal = normalOf('lecunNormal', lecun);

/**
 * Orthonormal rows or columns, whichever are fewer, times `gain`: a product with it keeps lengths (Saxe, McClelland and Ganguli 2013).
 * Q of a QR decomposition of normal numbers, with the signs that make it uniform over all such matrices (Mezzadri 2007).
 */
export const orthogonal = (gain = 1): Initializer => ({
  name: `orthogonal(${gain})`,
  fill(shape, random) {
    const columns = shape[shape.length - 1]!;
    const rows = sizeOf(shape) / columns;
    const wide = rows < columns;
    const q = orthonormalColumns(Math.max(rows, columns), Math.min(rows, columns), random);
    return Float64Array.from({ length: rows * columns }, (_, at) => {
      const [r, c] = [Math.floor(at / columns), at % columns];
      return gain * (wide ? q[r]![c]! : q[c]![r]!);
    });
  },
});

/** `count` orthonormal vectors of `length` numbers: Gram and Schmidt, twice, since once loses digits. */
function orthonormalColumns(length: number, count: number, random: RandomStream): Float64Array[] {
  const basis: Float64Array[] = [];
  while (basis.length < count) {
    const v = Float64Array.from({ length }, () => random.normal());
    for (let pass = 0; pass < 2; pass++)
      for (const b of basis) {
        const along = dot(b, v);
        for (let i = 0; i < length; i++) v[i]! -= along * b[i]!;
      }
    const norm = Math.sqrt(dot(v, v));
    if (norm > 1e-8) basis.push(v.map((x) => x / norm));
  }
  return basis;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * Starts each of several gates that share a weight [in, gates · hidden] as a matrix [in, hidden] of its own (a bias [gates · hidden] as
 * vectors), so that fans and orthogonality are those of one gate. `initial` has one entry a gate, or one for all.
 */
export const perGate = (gates: number, initial: Initializer | readonly Initializer[]): Initializer => {
  const list = Array.isArray(initial)
    ? (initial as readonly Initializer[])
    : new Array<Initializer>(gates).fill(initial as Initializer);
  return {
    name: `perGate(${[...new Set(list.map(({ name }) => name))].join(', ')})`,
    fill(shape, random) {
      const width = shape[shape.length - 1]!;
      const hidden = width / gates;
      const own = [...shape.slice(0, -1), hidden];
      const blocks = list.map(({ fill }) => fill(own, random));
      return Float64Array.from({ length: sizeOf(shape) }, (_, at) => {
        const [row, column] = [Math.floor(at / width), at % width];
        return blocks[Math.floor(column / hidden)]![row * hidden + (column % hidden)]!;
      });
    },
  };
};
