import type { DType } from './value.ts';

/** A tensor of the reference evaluator: row-major doubles; integers and booleans (0 or 1) are held as doubles too. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const tensor = (shape: readonly number[], data: ArrayLike<number>): Tensor => ({
  shape,
  data: data instanceof Float64Array ? data : Float64Array.from(data),
});

export const zeros = (shape: readonly number[]): Tensor => tensor(shape, new Float64Array(sizeOf(shape)));

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

/** Calls `visit` with every index of a shape, in row-major order; the array passed is reused. */
export function eachIndex(shape: readonly number[], visit: (index: number[], flat: number) => void): void {
  const index = new Array<number>(shape.length).fill(0);
  const total = sizeOf(shape);
  for (let flat = 0; flat < total; flat++) {
    visit(index, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** The element of `source` that broadcasting places at `index` of a larger result. */
export function broadcastReader(source: Tensor, rank: number): (index: readonly number[]) => number {
  const strides = stridesOf(source.shape);
  const skip = rank - source.shape.length;
  return (index) => {
    let flat = 0;
    for (let i = 0; i < strides.length; i++)
      if (source.shape[i] !== 1) flat += index[skip + i]! * strides[i]!;
    return source.data[flat]!;
  };
}

/** What a typed array of each element type is called in JavaScript; booleans are bytes. */
export const arrayOf = {
  float32: Float32Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const satisfies Record<DType, unknown>;
