import { product } from './product.ts';
import * as w from './wasm.ts';

/** Multiplies a vector by a fixed dense matrix. */
export interface DenseProduct {
  /** y[yAt + r] = Σ_c m[r, c]·x[xAt + c], or the largest of m[r, c] + x[xAt + c]; x and y may be one array. */
  apply(x: Float64Array, xAt: number, y: Float64Array, yAt: number): void;
}

/** Smaller matrices are multiplied sooner in JavaScript than their vector is copied to where SIMD can see it. */
const smallest = 8;

/** Sums over columns c of m[r, c]·x[c], for a row-major n × n matrix. */
export function denseProduct(m: Float64Array, n: number, { simd = true } = {}): DenseProduct {
  const fast = simd && n >= smallest ? simdProduct(m, n, 'sum') : null;
  return fast ?? { apply: (x, xAt, y, yAt) => product(m, n, x, xAt, y, yAt) };
}

/** The largest over columns c of m[r, c] + x[c]: the product of the max-plus algebra, for logarithms. */
export function denseMaximum(m: Float64Array, n: number, { simd = true } = {}): DenseProduct {
  const fast = simd && n >= smallest ? simdProduct(m, n, 'max') : null;
  return fast ?? { apply: (x, xAt, y, yAt) => maximum(m, n, x, xAt, y, yAt) };
}

function maximum(
  m: Float64Array,
  n: number,
  x: Float64Array,
  xAt: number,
  y: Float64Array,
  yAt: number,
): void {
  for (let r = 0, i = 0; r < n; r++) {
    let best = Number.NEGATIVE_INFINITY;
    for (let c = xAt; c < xAt + n; c++) {
      const value = m[i++]! + x[c]!;
      if (value > best) best = value;
    }
    y[yAt + r] = best;
  }
}

export const padded = (n: number) => 4 * Math.ceil(n / 4);

/**
 * The matrix is kept by columns, padded to a multiple of 4 rows, so that a lane belongs to a row and terms are
 * added in the order of the plain loop: both give the same bits.
 */
function simdProduct(m: Float64Array, n: number, kind: 'sum' | 'max'): DenseProduct | null {
  const rows = padded(n);
  const [xBase, yBase] = [n * rows, n * rows + padded(n)];
  const loop = shared(`${kind} ${n}`, () => wasmLoopOf(n, rows, xBase, yBase, kind));
  if (!loop) return null;
  const { memory, run } = loop;
  const own: DenseProduct = {
    apply(x, xAt, y, yAt) {
      if (loop.owner !== own) {
        loop.owner = own;
        for (let r = 0; r < n; r++) for (let c = 0; c < n; c++) memory[c * rows + r] = m[r * n + c]!;
      }
      for (let c = 0; c < n; c++) memory[xBase + c] = x[xAt + c]!;
      run(0);
      for (let r = 0; r < n; r++) y[yAt + r] = memory[yBase + r]!;
    },
  };
  return own;
}

export type Loop = NonNullable<ReturnType<typeof w.wasmLoop>> & { owner: object | null };
const loops = new Map<string, Loop | null>();

/** One loop per size, for all models: each memory reserves address space, of which there is not enough for one a model. */
export function shared(name: string, make: () => ReturnType<typeof w.wasmLoop>): Loop | null {
  let loop = loops.get(name);
  if (loop === undefined) {
    const made = make();
    loop = made ? { ...made, owner: null } : null;
    loops.set(name, loop);
  }
  return loop;
}

function wasmLoopOf(n: number, rows: number, xBase: number, yBase: number, kind: 'sum' | 'max') {
  // Locals: 1 into the matrix, 2 into x, then the shared x and up to 8 sums of a band of 16 rows.
  const [p, q, both] = [1, 2, 3];
  const body: number[] = [];
  for (let from = 0; from < rows; ) {
    const lanes = Math.min(8, (rows - from) / 2);
    const sums = Array.from({ length: lanes }, (_, i) => both + 1 + i);
    const x = w.get(both);
    const term = (i: number) => w.loadPair(w.get(p), 16 * i);
    const gathered = sums.flatMap((s, i) =>
      w.set(s, kind === 'sum' ? w.add(w.get(s), w.mul(term(i), x)) : w.larger(w.get(s), w.add(term(i), x))),
    );
    body.push(
      ...w.set(p, w.i32(8 * from)),
      ...w.set(q, w.i32(8 * xBase)),
      ...sums.flatMap((s) => w.set(s, w.pair(kind === 'sum' ? 0 : Number.NEGATIVE_INFINITY))),
      ...w.repeat(q, w.i32(8 * (xBase + n)), [
        ...w.set(both, w.loadBoth(w.get(q), 0)),
        ...gathered,
        ...w.step(p, 8 * rows),
        ...w.step(q, 8),
      ]),
      ...sums.flatMap((s, i) => w.storePair(w.i32(8 * (yBase + from)), w.get(s), 16 * i)),
    );
    from += 2 * lanes;
  }
  return w.wasmLoop(body, { numbers: yBase + rows, integers: 2, pairs: 9 });
}

/** Adds up products of pairs of rows. */
export interface OuterSum {
  /** sums[s, u] += Σ over `count` rows of a[aAt + row·n + s]·b[bAt + row·n + u]. */
  add(a: Float64Array, aAt: number, b: Float64Array, bAt: number, count: number): void;
  /** Row-major [n, n]. */
  sums(): Float64Array;
}

/** Four rows are taken at a time, which saves three of four passes over the sums. */
export function outerSum(n: number, { simd = true } = {}): OuterSum {
  const fast = simd && n >= smallest ? simdOuter(n) : null;
  const sums = fast ? null : new Float64Array(n * n);
  const four = fast?.four ?? ((a, aAt, b, bAt) => addFour(sums!, n, a, aAt, b, bAt));
  const rest = new Float64Array(4 * n);
  const other = new Float64Array(4 * n);
  return {
    add(a, aAt, b, bAt, count) {
      let r = 0;
      for (; r + 3 < count; r += 4) four(a, aAt + r * n, b, bAt + r * n);
      if (r === count) return;
      rest.fill(0);
      other.fill(0);
      for (let i = 0; i < (count - r) * n; i++) {
        rest[i] = a[aAt + r * n + i]!;
        other[i] = b[bAt + r * n + i]!;
      }
      four(rest, 0, other, 0);
    },
    sums: () => fast?.sums() ?? sums!,
  };
}

type FourRows = (a: Float64Array, aAt: number, b: Float64Array, bAt: number) => void;

function addFour(
  sums: Float64Array,
  n: number,
  a: Float64Array,
  aAt: number,
  b: Float64Array,
  bAt: number,
): void {
  for (let s = 0, i = 0; s < n; s++) {
    const at = aAt + s;
    const a0 = a[at]!;
    const a1 = a[at + n]!;
    const a2 = a[at + 2 * n]!;
    const a3 = a[at + 3 * n]!;
    let b0 = bAt;
    let b1 = b0 + n;
    let b2 = b1 + n;
    let b3 = b2 + n;
    for (const stop = i + n; i < stop; i++)
      sums[i]! += a0 * b[b0++]! + a1 * b[b1++]! + a2 * b[b2++]! + a3 * b[b3++]!;
  }
}

function simdOuter(n: number): { four: FourRows; sums: () => Float64Array } | null {
  const columns = padded(n);
  const [aBase, bBase] = [n * columns, n * columns + 4 * columns];
  // Locals: 1 into the sums, 2 into a, 3 into b, then the four shared numbers of a.
  const [p, q, r] = [1, 2, 3];
  const products = (i: number) =>
    [0, 1, 2, 3]
      .map((k) => w.mul(w.get(4 + k), w.loadPair(w.get(r), 8 * columns * k + 16 * i)))
      .reduce((sum, term) => w.add(sum, term));
  const lane = (i: number) => w.storePair(w.get(p), w.add(w.loadPair(w.get(p), 16 * i), products(i)), 16 * i);
  const body = [
    ...w.set(p, w.i32(0)),
    ...w.set(q, w.i32(8 * aBase)),
    ...w.repeat(q, w.i32(8 * (aBase + n)), [
      ...[0, 1, 2, 3].flatMap((k) => w.set(4 + k, w.loadBoth(w.get(q), 8 * columns * k))),
      ...w.set(r, w.i32(8 * bBase)),
      ...w.repeat(r, w.i32(8 * (bBase + columns)), [
        ...lane(0),
        ...lane(1),
        ...w.step(p, 32),
        ...w.step(r, 32),
      ]),
      ...w.step(q, 8),
    ]),
  ];
  const loop = shared(`outer ${n}`, () =>
    w.wasmLoop(body, { numbers: bBase + 4 * columns, integers: 3, pairs: 4 }),
  );
  if (!loop) return null;
  const { memory, run } = loop;
  // The sums of whoever used the loop before are put away, and come back when it is their turn again.
  const own = { kept: new Float64Array(n * columns) };
  const sums = memory.subarray(0, n * columns);
  const claim = () => {
    if (loop.owner === own) return;
    (loop.owner as typeof own | null)?.kept.set(sums);
    sums.set(own.kept);
    loop.owner = own;
  };
  return {
    four(a, aAt, b, bAt) {
      claim();
      for (let k = 0; k < 4; k++)
        for (let s = 0; s < n; s++) {
          memory[aBase + k * columns + s] = a[aAt + k * n + s]!;
          memory[bBase + k * columns + s] = b[bAt + k * n + s]!;
        }
      run(0);
    },
    sums() {
      claim();
      const out = new Float64Array(n * n);
      for (let s = 0; s < n; s++) out.set(memory.subarray(s * columns, s * columns + n), s * n);
      return out;
    },
  };
}
