import { type Loop, shared } from '../dense.ts';
import * as w from '../wasm.ts';
import type { WordTables } from './tables.ts';

/** Steps back over words, and how often each word led from each state to each. */
export interface WordCounts {
  readonly most: number;
  readonly stride: number;
  /** To be written before a call: forward rows [count + 1, stride], however scaled … */
  readonly alpha: Float64Array;
  /** … and backward row `count`, of sum one. Afterwards row 0 is that before the first word, of the sum `begins`. */
  readonly beta: Float64Array;
  /** Σ alpha·beta of each word, the last first: 0 or NaN where they never meet. */
  readonly overlaps: Float64Array;
  /** Makes all counts zero. */
  clear(): void;
  run(words: Int32Array, count: number): void;
  /** Expected counts [words, to, stride of from]. */
  readonly counts: Float64Array;
}

const most = 512;

interface Layout {
  n: number;
  stride: number;
  counts: number;
  alpha: number;
  beta: number;
  overlaps: number;
  words: number;
}

/** Null where there is no SIMD. */
export function wordCounts(tables: WordTables): WordCounts | null {
  const { states: n, words, matrices } = tables;
  const stride = 2 * Math.ceil(n / 2);
  const size = n * stride;
  const counts = words * size;
  const alpha = 2 * counts;
  const beta = alpha + (most + 1) * stride;
  const overlaps = beta + (most + 1) * stride;
  const at: Layout = { n, stride, counts, alpha, beta, overlaps, words: overlaps + most };
  const loop: Loop | null = shared(`word counts ${n} ${words}`, () =>
    w.wasmLoop(program(at), { numbers: at.words + most / 2, integers: 6, pairs: 13 }),
  );
  if (!loop) return null;
  const { memory, run } = loop;
  const places = new Int32Array(memory.buffer, 8 * at.words, most);
  return {
    ...{ most, stride },
    alpha: memory.subarray(alpha, beta),
    beta: memory.subarray(beta, overlaps),
    overlaps: memory.subarray(overlaps, at.words),
    counts: memory.subarray(counts, alpha),
    clear() {
      memory.fill(0, counts, alpha);
      if (loop.owner === tables) return;
      loop.owner = tables;
      memory.fill(0, 0, counts);
      for (let row = 0; row < words * n; row++)
        memory.set(matrices.subarray(row * n, (row + 1) * n), row * stride);
    },
    run(sequence, count) {
      // Backwards, so that the loop counts up.
      for (let i = 0; i < count; i++) places[i] = 8 * size * sequence[count - 1 - i]!;
      memory.fill(0, beta + count * stride + n, beta + (count + 1) * stride);
      // The argument: the row of alpha of the last word; it is told from the number of words by the loop's own locals.
      run(count);
    },
  };
}

const [p, q, stop, row, word, out] = [1, 2, 3, 4, 5, 6];
const [both, overlap, size, scale, factor] = [7, 8, 9, 10, 11];
const held = 12;

function program(at: Layout): number[] {
  const { n, stride } = at;
  const bytes = 8 * stride;
  const lanes = stride / 2;
  const bands: number[] = [];
  for (let from = 0; from < stride; from += 2 * mostLanes)
    bands.push(...band(at, from, Math.min(mostLanes, (stride - from) / 2)));
  const count = w.get(0);
  return [
    // row: the row of alpha before the word; the one of beta stands as far behind it as the two parts do.
    ...w.set(row, w.addI32(w.i32(8 * at.alpha - bytes), w.mulI32(count, w.i32(bytes)))),
    ...w.set(word, w.i32(8 * at.words)),
    ...w.set(out, w.i32(8 * at.overlaps)),
    ...w.set(scale, w.pair(1)),
    ...w.repeat(out, w.addI32(w.i32(8 * at.overlaps), w.mulI32(count, w.i32(8))), [
      ...w.set(overlap, w.pair(0)),
      ...w.set(size, w.pair(0)),
      ...w.set(stop, w.addI32(w.get(row), w.i32(8 * (at.beta - at.alpha) + bytes + 8 * n))),
      ...bands,
      ...w.storeNumber(w.get(out), w.laneSum(overlap)),
      ...w.set(factor, w.mul(w.inverseSum(overlap), w.get(scale))),
      ...w.set(scale, w.inverseSum(size)),
      // counts[to, from] += beta(to)·alpha(from)·factor
      ...w.set(p, w.addI32(w.loadI32(w.get(word), 0), w.i32(8 * at.counts))),
      ...w.set(q, w.addI32(w.get(row), w.i32(8 * (at.beta - at.alpha) + bytes))),
      ...w.repeat(q, w.get(stop), [
        ...w.set(both, w.mul(w.loadBoth(w.get(q), 0), w.get(factor))),
        ...Array.from({ length: lanes }, (_, i) =>
          w.storePair(
            w.get(p),
            w.add(w.loadPair(w.get(p), 16 * i), w.mul(w.loadPair(w.get(row), 16 * i), w.get(both))),
            16 * i,
          ),
        ).flat(),
        ...w.step(p, bytes),
        ...w.step(q, 8),
      ]),
      ...w.step(out, 8),
      ...w.step(word, 4),
      ...w.step(row, -bytes),
    ]),
  ];
}

const mostLanes = 8;

/** Some states of the backward row before a word: matrix·(row after it), times the scale of that row. */
function band({ stride, alpha, beta }: Layout, from: number, lanes: number): number[] {
  const sums = Array.from({ length: lanes }, (_, i) => held + i);
  const after = 8 * (beta - alpha);
  return [
    ...w.set(p, w.addI32(w.loadI32(w.get(word), 0), w.i32(8 * from))),
    ...w.set(q, w.addI32(w.get(row), w.i32(after + 8 * stride))),
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
      ...w.set(sum, w.mul(w.get(sum), w.get(scale))),
      ...w.set(size, w.add(w.get(size), w.get(sum))),
      ...w.set(overlap, w.add(w.get(overlap), w.mul(w.loadPair(w.get(row), 8 * from + 16 * i), w.get(sum)))),
      ...w.storePair(w.get(row), w.get(sum), after + 8 * from + 16 * i),
    ]),
  ];
}
