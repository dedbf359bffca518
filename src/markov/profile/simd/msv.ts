import { addI32, type Code, get, i32, set } from '../../hmm/wasm.ts';
import { outsideCost } from '../filters.ts';
import type { SearchProfile } from '../search-profile.ts';
import * as w from './code.ts';
import { growingKernel, striped, vectors } from './memory.ts';
import { segmentGain } from './ssv.ts';

/** Thirds of bits, from a base: scores fit a byte (Eddy 2011). */
const scale = 3 / Math.LN2;
const base = 190;

// Parameters in memory: bytes of a row of vectors, where tables and letters begin, and the costs.
const [ROW, TABLES, LETTERS, BIAS, END, BEGIN, BEST] = [0, 4, 8, 12, 16, 20, 24];
const first = 64;

// Locals: 0 the number of letters, then integers, then vectors.
const [count, i, q, row, costs, stop, b, j, letters, tables] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const [before, begins, best, value, bias, kept] = [10, 11, 12, 13, 14, 15];

/**
 * One letter after another: match[k] = max(match[k − 1] of the letter before, begin) + odds, all of it as bytes that
 * saturate; odds are costs, to which a bias is added so that none is negative.
 */
const body: Code = [
  ...set(row, w.loadInt(i32(0), ROW)),
  ...set(letters, w.loadInt(i32(0), LETTERS)),
  ...set(tables, w.loadInt(i32(0), TABLES)),
  ...set(bias, w.splatByte(w.loadInt(i32(0), BIAS))),
  ...set(stop, addI32(i32(first), get(row))),
  ...set(i, i32(0)),
  ...set(j, i32(0)),
  ...set(q, i32(first)),
  ...w.repeatWhile([...w.store(get(q), w.constant(0)), ...w.next(q, 16)], w.greaterI32(get(stop), get(q))),
  ...w.repeatWhile(
    [
      ...set(b, w.subI32(w.maxI32(get(j), i32(base)), w.loadInt(i32(0), BEGIN))),
      ...set(b, w.maxI32(get(b), i32(0))),
      ...set(begins, w.splatByte(get(b))),
      ...set(best, w.constant(0)),
      ...set(costs, addI32(get(tables), w.mulI32(get(row), w.loadByte(addI32(get(letters), get(i)))))),
      ...set(before, w.shiftUp(w.load(w.subI32(get(stop), i32(16))), w.constant(0), 1)),
      ...set(q, i32(first)),
      ...w.repeatWhile(
        [
          ...set(kept, w.load(get(q))),
          ...set(
            value,
            w.bytesSub(w.bytesAdd(w.bytesMax(get(before), get(begins)), get(bias)), w.load(get(costs))),
          ),
          ...set(best, w.bytesMax(get(best), get(value))),
          ...w.store(get(q), get(value)),
          ...set(before, get(kept)),
          ...w.next(costs, 16),
          ...w.next(q, 16),
        ],
        w.greaterI32(get(stop), get(q)),
      ),
      ...w.bytesMaxAcross(best),
      ...set(b, w.firstByte(get(best))),
      // A score that no longer fits passes the filter.
      ...w.when(w.greaterI32(addI32(get(b), w.loadInt(i32(0), BIAS)), i32(254)), [
        ...w.storeInt(i32(0), i32(-1), BEST),
        ...w.leave,
      ]),
      ...set(j, w.maxI32(get(j), w.subI32(get(b), w.loadInt(i32(0), END)))),
      ...w.next(i, 1),
    ],
    w.greaterI32(get(count), get(i)),
  ),
  ...w.storeInt(i32(0), get(j), BEST),
];

const kernel = growingKernel(body, { integers: 9, pairs: 6 });

const cost = (log: number) => Math.min(255, Math.max(0, Math.round(-scale * log)));

/** `multipleSegmentViterbi` in thirds of bits, 16 nodes at a time; infinite where a byte does not hold the score. */
export function fastMsv({ nodes, odds }: SearchProfile): ((codes: Uint8Array) => number) | null {
  const logs = odds.map((row) => row.map(Math.log));
  const largest = Math.max(...logs.map((row) => Math.max(...row.subarray(1))));
  const bias = Math.max(0, Math.round(scale * largest));
  let length = 0;
  const costs = logs.map((row) => {
    const bytes: number[] = [];
    length = striped(nodes, 16, (index, node) => {
      const log = node > 0 ? row[node]! : Number.NEGATIVE_INFINITY;
      bytes[index] =
        log === Number.NEGATIVE_INFINITY ? 255 : Math.min(255, Math.max(0, Math.round(-scale * log) + bias));
    });
    return Uint8Array.from(bytes);
  });
  const row = 16 * length;
  const tables = first + row;
  const letters = tables + costs.length * row;
  const begin = cost(Math.log(2 / (nodes * (nodes + 1))));
  const end = cost(Math.log(0.5));
  const owner = {};
  const gain = segmentGain(costs.map((table) => Int8Array.from(table, (c) => Math.min(127, c - bias))));
  if (!gain || !kernel(letters)) return null;
  const several = (codes: Uint8Array, move: number): number => {
    const loop = kernel(vectors(letters + codes.length))!;
    const bytes = new Uint8Array(loop.memory);
    const numbers = new Int32Array(loop.memory);
    if (loop.owner !== owner) {
      loop.owner = owner;
      for (const [code, table] of costs.entries()) bytes.set(table, tables + code * row);
      for (const [at, value] of [
        [ROW, row],
        [TABLES, tables],
        [LETTERS, letters],
        [BIAS, bias],
        [END, end],
      ] as const)
        numbers[at / 4] = value;
    }
    numbers[BEGIN / 4] = begin + move;
    bytes.set(codes, letters);
    loop.run(codes.length);
    return numbers[BEST / 4]!;
  };
  return (codes) => {
    const move = cost(Math.log(3 / (codes.length + 3)));
    // The best segment alone, unless it is so good that another one could follow it, or does not fit.
    const one = base - begin - move + gain(codes);
    const fits = one - end <= base && one + bias <= 254;
    const best = fits ? Math.max(0, one - end) : several(codes, move);
    return best < 0 ? Number.POSITIVE_INFINITY : (best - move - base) / scale - outsideCost;
  };
}
