import { type Loop, padded, shared } from './dense.ts';
import * as w from './wasm.ts';

/**
 * A recursion over many positions at once, so that nothing but emissions goes in and rows come out:
 * `forward`: row ← scaled (Pᵀ·row)·emission, with the scale of each; `viterbi`: row ← max(ln P + row) + emission.
 */
export interface Recursion {
  /** Most positions of one call. */
  readonly most: number;
  /** Where the emissions [count, stride] are to be written before a call. */
  readonly emissions: Float64Array;
  /** Numbers between rows of emissions. */
  readonly stride: number;
  /** Rows `at` + states … of `rows` from the row at `at`, over `count` positions. */
  run(rows: Float64Array, at: number, count: number): void;
  /** The sums by which forward rows were divided: 0 from an impossible position on, or NaN. */
  readonly totals: Float64Array;
}

const most = 128;

/** `m` is row-major [to, from]: probabilities, or for `viterbi` their logarithms. Null where there is no SIMD. */
export function recursion(m: Float64Array, n: number, kind: 'forward' | 'viterbi'): Recursion | null {
  const stride = padded(n);
  const xBase = n * stride;
  const eBase = xBase + (most + 1) * stride;
  const tBase = eBase + most * stride;
  const loop: Loop | null = shared(`${kind} recursion ${n}`, () =>
    w.wasmLoop(program(n, stride, kind, { xBase, eBase, tBase }), {
      numbers: tBase + most,
      integers: 6,
      pairs: 10,
    }),
  );
  if (!loop) return null;
  const { memory, run } = loop;
  const own: Recursion = {
    most,
    stride,
    emissions: memory.subarray(eBase, tBase),
    totals: memory.subarray(tBase, tBase + most),
    run(rows, at, count) {
      if (loop.owner !== own) {
        loop.owner = own;
        for (let r = 0; r < n; r++) for (let c = 0; c < n; c++) memory[c * stride + r] = m[r * n + c]!;
      }
      for (let s = 0; s < n; s++) memory[xBase + s] = rows[at + s]!;
      run(8 * (xBase + count * stride));
      if (n === stride) rows.set(memory.subarray(xBase + n, xBase + (count + 1) * n), at + n);
      else
        for (let r = 1; r <= count; r++)
          for (let s = 0; s < n; s++) rows[at + r * n + s] = memory[xBase + r * stride + s]!;
    },
  };
  return own;
}

/** Emissions [count, groups] from position `first` on as those of each state, in rows of `stride`. */
export function spread(
  emit: Float64Array,
  { emitting, group, groups }: { emitting: number; group: Int32Array; groups: number },
  count: number,
  out: Float64Array,
  stride: number,
  first = 0,
): void {
  for (let r = 0; r < count; r++)
    for (let s = 0; s < emitting; s++) out[r * stride + s] = emit[(first + r) * groups + group[s]!]!;
}

/** The argument is the address of the last row; rows lie behind one another, as do emissions and totals. */
function program(
  n: number,
  stride: number,
  kind: 'forward' | 'viterbi',
  { xBase, eBase, tBase }: Record<'xBase' | 'eBase' | 'tBase', number>,
): number[] {
  const [p, q, stop, row, emit, out] = [1, 2, 3, 4, 5, 6];
  const [both, sum] = [7, 8];
  const sums = kind === 'forward';
  const band = (from: number, lanes: number): number[] => {
    const held = Array.from({ length: lanes }, (_, i) => 9 + i);
    const term = (i: number) => w.loadPair(w.get(p), 16 * i);
    const x = w.get(both);
    const emission = (i: number) => w.loadPair(w.get(emit), 8 * from + 16 * i);
    return [
      ...w.set(p, w.i32(8 * from)),
      ...w.set(q, w.get(row)),
      ...held.flatMap((h) => w.set(h, w.pair(sums ? 0 : Number.NEGATIVE_INFINITY))),
      ...w.repeat(q, w.get(stop), [
        ...w.set(both, w.loadBoth(w.get(q), 0)),
        ...held.flatMap((h, i) =>
          w.set(h, sums ? w.add(w.get(h), w.mul(term(i), x)) : w.larger(w.get(h), w.add(term(i), x))),
        ),
        ...w.step(p, 8 * stride),
        ...w.step(q, 8),
      ]),
      ...held.flatMap((h, i) => [
        ...w.set(h, sums ? w.mul(w.get(h), emission(i)) : w.add(w.get(h), emission(i))),
        ...(sums ? w.set(sum, w.add(w.get(sum), w.get(h))) : []),
        ...w.storePair(w.get(row), w.get(h), 8 * (stride + from) + 16 * i),
      ]),
    ];
  };
  const bands: number[] = [];
  for (let from = 0; from < stride; from += 16) bands.push(...band(from, Math.min(8, (stride - from) / 2)));
  const scaled = Array.from({ length: stride / 2 }, (_, i) => 8 * stride + 16 * i).flatMap((offset) =>
    w.storePair(w.get(row), w.mul(w.loadPair(w.get(row), offset), w.get(both)), offset),
  );
  const scale = [
    ...w.storeNumber(w.get(out), w.laneSum(sum)),
    ...w.set(both, w.inverseSum(sum)),
    ...scaled,
    ...w.step(out, 8),
  ];
  return [
    ...w.set(row, w.i32(8 * xBase)),
    ...w.set(emit, w.i32(8 * eBase)),
    ...w.set(out, w.i32(8 * tBase)),
    ...w.repeat(row, w.get(0), [
      ...w.set(stop, w.addI32(w.get(row), w.i32(8 * n))),
      ...(sums ? w.set(sum, w.pair(0)) : []),
      ...bands,
      ...(sums ? scale : []),
      ...w.step(emit, 8 * stride),
      ...w.step(row, 8 * stride),
    ]),
  ];
}
