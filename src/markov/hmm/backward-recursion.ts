import { type Loop, padded, shared } from './dense.ts';
import * as w from './wasm.ts';

/** The backward recursion over many positions at once, last to first, and what training adds up from it. */
export interface BackwardRecursion {
  /** Most positions of one call. */
  readonly most: number;
  /** Numbers between rows of what is written and read here. */
  readonly stride: number;
  /** To be written before a call: scaled emissions and forward rows of `count` positions [count, stride] … */
  readonly emissions: Float64Array;
  readonly alpha: Float64Array;
  /**
   * … and rows [count + 1, stride], of which row `count` is to be emission·β of the position after the last. Afterwards
   * row r + 1 is that of the position after the r-th, and row 0 what the call for earlier positions begins with.
   */
  readonly onward: Float64Array;
  /** Afterwards `alpha` is divided by z = Σ α·β of its position, and this is α·β/z: posteriors [count, stride]. */
  readonly gamma: Float64Array;
  /** The z of each position, the last position first: 0 or NaN where forward and backward paths never meet. */
  readonly overlaps: Float64Array;
  /** With `pairs`: Σ over positions of alpha(s)·onward(u), added to `sums` [states, states]. */
  run(count: number, sums: Float64Array | null): void;
}

const most = 128;

interface Layout {
  n: number;
  stride: number;
  /** Where each part begins, in numbers: rows of onward, alpha, gamma and emissions, then overlaps and sums. */
  onward: number;
  alpha: number;
  gamma: number;
  emissions: number;
  overlaps: number;
  sums: number;
}

function layoutOf(n: number): Layout {
  const stride = padded(n);
  const onward = n * stride;
  const alpha = onward + (most + 4) * stride;
  const gamma = alpha + (most + 4) * stride;
  const emissions = gamma + most * stride;
  const overlaps = emissions + most * stride;
  return { n, stride, onward, alpha, gamma, emissions, overlaps, sums: overlaps + most };
}

/** `m` is row-major [from, to]. Null where there is no SIMD. With `pairs` it also adds up pairs of states. */
export function backwardRecursion(m: Float64Array, n: number, pairs: boolean): BackwardRecursion | null {
  const at = layoutOf(n);
  const { stride } = at;
  const loop: Loop | null = shared(`backward ${pairs ? 'pairs' : 'recursion'} ${n}`, () =>
    w.wasmLoop(program(at, pairs), { numbers: at.sums + n * stride, integers: 6, pairs: 12 }),
  );
  if (!loop) return null;
  const { memory, run } = loop;
  const own: BackwardRecursion = {
    most,
    stride,
    emissions: memory.subarray(at.emissions, at.overlaps),
    alpha: memory.subarray(at.alpha, at.gamma),
    onward: memory.subarray(at.onward, at.alpha),
    gamma: memory.subarray(at.gamma, at.emissions),
    overlaps: memory.subarray(at.overlaps, at.sums),
    run(count, sums) {
      if (loop.owner !== own) {
        loop.owner = own;
        for (let r = 0; r < n; r++) for (let c = 0; c < n; c++) memory[c * stride + r] = m[r * n + c]!;
      }
      // Pairs are added up four rows at a time; what lies behind the last row must not count.
      memory.fill(0, at.alpha + count * stride, at.alpha + (count + 3) * stride);
      memory.fill(0, at.onward + (count + 1) * stride, at.onward + (count + 4) * stride);
      memory.fill(0, at.sums, at.sums + n * stride);
      run(8 * (at.onward + (count - 1) * stride));
      if (!sums) return;
      for (let s = 0, i = 0; s < n; s++)
        for (let u = at.sums + s * stride, end = u + n; u < end; u++) sums[i++]! += memory[u]!;
    },
  };
  return own;
}

/** Locals, the argument (0, the address of row count − 1 of onward) left out. */
const [p, q, stop, row, left, out] = [1, 2, 3, 4, 5, 6];
const [both, overlap, size, held] = [7, 8, 9, 10];

function program(at: Layout, pairs: boolean): number[] {
  const { n, stride } = at;
  const bytes = 8 * stride;
  const bands: number[] = [];
  for (let from = 0; from < stride; from += 16)
    bands.push(...band(at, from, Math.min(8, (stride - from) / 2)));
  return [
    ...w.set(row, w.get(0)),
    ...w.set(left, w.negativeI32(w.get(0))),
    ...w.set(out, w.i32(8 * at.overlaps)),
    ...w.repeat(left, w.i32(1 - 8 * at.onward), [
      ...w.set(stop, w.addI32(w.get(row), w.i32(bytes + 8 * n))),
      ...w.set(overlap, w.pair(0)),
      ...w.set(size, w.pair(0)),
      ...bands,
      ...w.storeNumber(w.get(out), w.laneSum(overlap)),
      ...w.set(overlap, w.inverseSum(overlap)),
      ...w.set(size, w.inverseSum(size)),
      ...scaled(at),
      ...w.step(out, 8),
      ...w.step(row, -bytes),
      ...w.step(left, bytes),
    ]),
    ...(pairs ? pairSums(at) : []),
  ];
}

/** Some states of β = P·onward, put where gamma will be; emission·β goes to the row before, both summed on the way. */
function band({ stride, onward, alpha, gamma, emissions }: Layout, from: number, lanes: number): number[] {
  const sums = Array.from({ length: lanes }, (_, i) => held + i);
  const lane = (part: number, i: number) => 8 * (part - onward + from) + 16 * i;
  return [
    ...w.set(p, w.i32(8 * from)),
    ...w.set(q, w.addI32(w.get(row), w.i32(8 * stride))),
    ...sums.flatMap((sum) => w.set(sum, w.pair(0))),
    ...w.repeat(q, w.get(stop), [
      ...w.set(both, w.loadBoth(w.get(q), 0)),
      ...sums.flatMap((sum, i) =>
        w.set(sum, w.add(w.get(sum), w.mul(w.loadPair(w.get(p), 16 * i), w.get(both)))),
      ),
      ...w.step(p, 8 * stride),
      ...w.step(q, 8),
    ]),
    ...sums.flatMap((sum, i) => [
      ...w.set(overlap, w.add(w.get(overlap), w.mul(w.loadPair(w.get(row), lane(alpha, i)), w.get(sum)))),
      ...w.set(size, w.add(w.get(size), w.get(sum))),
      ...w.storePair(w.get(row), w.get(sum), lane(gamma, i)),
      ...w.storePair(
        w.get(row),
        w.mul(w.get(sum), w.loadPair(w.get(row), lane(emissions, i))),
        lane(onward, i),
      ),
    ]),
  ];
}

/** alpha ← α/z, gamma ← α·β/z, and the row before is divided by Σ β. */
function scaled({ stride, onward, alpha, gamma }: Layout): number[] {
  return Array.from({ length: stride / 2 }, (_, i) => {
    const [a, g] = [8 * (alpha - onward) + 16 * i, 8 * (gamma - onward) + 16 * i];
    return [
      ...w.set(both, w.mul(w.loadPair(w.get(row), a), w.get(overlap))),
      ...w.storePair(w.get(row), w.get(both), a),
      ...w.storePair(w.get(row), w.mul(w.get(both), w.loadPair(w.get(row), g)), g),
      ...w.storePair(w.get(row), w.mul(w.loadPair(w.get(row), 16 * i), w.get(size)), 16 * i),
    ];
  }).flat();
}

/** sums[s, u] += Σ alpha[r, s]·onward[r + 1, u], four positions at a time. */
function pairSums({ n, stride, onward, alpha, sums }: Layout): number[] {
  const bytes = 8 * stride;
  const four = [overlap, size, held, held + 1];
  const lane = (i: number) => {
    const products = four
      .map((a, k) => w.mul(w.get(a), w.loadPair(w.get(left), bytes * (k + 1) + 16 * i)))
      .reduce((sum, term) => w.add(sum, term));
    return w.storePair(w.get(p), w.add(w.loadPair(w.get(p), 16 * i), products), 16 * i);
  };
  return [
    ...w.set(row, w.i32(8 * onward)),
    ...w.repeat(row, w.addI32(w.get(0), w.i32(1)), [
      ...w.set(p, w.i32(8 * sums)),
      ...w.set(q, w.get(row)),
      ...w.set(stop, w.addI32(w.get(row), w.i32(8 * n))),
      ...w.repeat(q, w.get(stop), [
        ...four.flatMap((a, k) => w.set(a, w.loadBoth(w.get(q), 8 * (alpha - onward) + bytes * k))),
        ...w.set(left, w.get(row)),
        ...w.set(out, w.addI32(w.get(row), w.i32(bytes))),
        ...w.repeat(left, w.get(out), [...lane(0), ...lane(1), ...w.step(p, 32), ...w.step(left, 32)]),
        ...w.step(q, 8),
      ]),
      ...w.step(row, 4 * bytes),
    ]),
  ];
}
