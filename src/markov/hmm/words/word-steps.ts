import { type Loop, shared } from '../dense.ts';
import * as w from '../wasm.ts';
import type { WordTables } from './tables.ts';

/** Steps over words, one after the other: rows come out. */
export interface WordSteps {
  /** Most words of one call. */
  readonly most: number;
  /** Numbers between rows. */
  readonly stride: number;
  /** Row 0 is to be written before a call; row r + 1 is that after the r-th word, not scaled: its sum is in `totals`. */
  readonly rows: Float64Array;
  /** Sums of rows: of row r + 1 as row r divided by its own sum goes on. 0 or NaN from an impossible word on. */
  readonly totals: Float64Array;
  /** For `best` and few states: the state that each number of row r + 1 came from, [most, stride]; else null. */
  readonly from: Float64Array | null;
  run(words: Int32Array, count: number): void;
}

const most = 512;

/**
 * `sum`: row ← matrix·(row / sum of row), where the division does not hold up the product; `best`: row ← max(matrix + row).
 * Row 0 counts as of sum one. Null where there is no SIMD.
 */
export function wordSteps(tables: WordTables, kind: 'sum' | 'best'): WordSteps | null {
  const { states: n, words, matrices } = tables;
  const stride = 2 * Math.ceil(n / 2);
  const size = n * stride;
  const at = { rows: words * size, totals: 0, from: 0, words: 0 };
  at.totals = at.rows + (most + 1) * stride;
  at.from = at.totals + most;
  const tells = kind === 'best' && n <= unrolled;
  at.words = at.from + (tells ? (most + 1) * stride : 0);
  const loop: Loop | null = shared(`words ${kind} ${n} ${words}`, () =>
    w.wasmLoop(program(n, stride, kind, at), { numbers: at.words + most / 2, integers: 6, pairs: 15 }),
  );
  if (!loop) return null;
  const { memory, run } = loop;
  const places = new Int32Array(memory.buffer, 8 * at.words, most);
  const own: WordSteps = {
    ...{ most, stride },
    rows: memory.subarray(at.rows, at.totals),
    totals: memory.subarray(at.totals, at.from),
    from: tells ? memory.subarray(at.from + stride, at.words) : null,
    run(sequence, count) {
      if (loop.owner !== tables) {
        loop.owner = tables;
        const empty = kind === 'sum' ? 0 : Number.NEGATIVE_INFINITY;
        memory.fill(empty, 0, at.rows);
        for (let word = 0; word < words; word++)
          for (let r = 0; r < n; r++)
            for (let c = 0; c < n; c++)
              memory[word * size + c * stride + r] = matrices[(word * n + r) * n + c]!;
      }
      for (let i = 0; i < count; i++) places[i] = 8 * size * sequence[i]!;
      run(8 * at.words + 4 * count);
    },
  };
  return own;
}

const [p, q, stop, row, word, out] = [1, 2, 3, 4, 5, 6];
const [both, sum, scale, value] = [7, 8, 9, 10];
const held = 11;

/** Columns are unrolled where a matrix is small. */
const unrolled = 8;

/** The argument is the address behind the last word; words are addresses of matrices. */
function program(
  n: number,
  stride: number,
  kind: 'sum' | 'best',
  at: Record<'rows' | 'totals' | 'from' | 'words', number>,
): number[] {
  const sums = kind === 'sum';
  const bands: number[] = [];
  for (let from = 0; from < stride; from += 16)
    bands.push(...band({ n, stride, sums, told: at.from - at.rows }, from, Math.min(8, (stride - from) / 2)));
  return [
    ...w.set(row, w.i32(8 * at.rows)),
    ...w.set(word, w.i32(8 * at.words)),
    ...w.set(out, w.i32(8 * at.totals)),
    ...w.set(scale, w.pair(1)),
    ...w.repeat(word, w.get(0), [
      ...w.set(stop, w.addI32(w.get(row), w.i32(8 * n))),
      ...(sums ? w.set(sum, w.pair(0)) : []),
      ...bands,
      ...(sums ? w.storeNumber(w.get(out), w.laneSum(sum)) : []),
      ...(sums ? w.set(scale, w.inverseSum(sum)) : []),
      ...w.step(out, 8),
      ...w.step(word, 4),
      ...w.step(row, 8 * stride),
    ]),
  ];
}

interface Shape {
  n: number;
  stride: number;
  sums: boolean;
  /** From a row to what tells where it came from, in numbers. */
  told: number;
}

function band({ n, stride, sums, told }: Shape, from: number, lanes: number): number[] {
  const tells = !sums && n <= unrolled;
  const sum_ = Array.from({ length: lanes }, (_, i) => held + i);
  const term = (i: number, column: number) => w.loadPair(w.get(p), 8 * stride * column + 16 * i);
  const onto = (h: number, i: number, column: number) => {
    const next = sums ? w.mul(term(i, column), w.get(both)) : w.add(term(i, column), w.get(both));
    return w.set(h, sums ? w.add(w.get(h), next) : w.larger(w.get(h), next));
  };
  const told_ = sum_.map((h) => h + lanes);
  /** The same, and which column it was: of equal ones the first. */
  const ontoFrom = (h: number, i: number, column: number) => {
    const better = w.greater(w.get(value), w.get(h));
    return [
      ...w.set(value, w.add(term(i, column), w.get(both))),
      ...w.set(told_[i]!, w.chosen(w.pair(column), w.get(told_[i]!), better)),
      ...w.set(h, w.larger(w.get(h), w.get(value))),
    ];
  };
  const begin = w.set(p, w.addI32(w.loadI32(w.get(word), 0), w.i32(8 * from)));
  const clear = [
    ...sum_.flatMap((h) => w.set(h, w.pair(sums ? 0 : Number.NEGATIVE_INFINITY))),
    ...(tells ? sum_.flatMap((h) => w.set(h + lanes, w.pair(0))) : []),
  ];
  const columns =
    n <= unrolled
      ? Array.from({ length: n }, (_, c) => [
          ...w.set(both, w.loadBoth(w.get(row), 8 * c)),
          ...sum_.flatMap((h, i) => (tells ? ontoFrom : onto)(h, i, c)),
        ]).flat()
      : [
          ...w.set(q, w.get(row)),
          ...w.repeat(q, w.get(stop), [
            ...w.set(both, w.loadBoth(w.get(q), 0)),
            ...sum_.flatMap((h, i) => onto(h, i, 0)),
            ...w.step(p, 8 * stride),
            ...w.step(q, 8),
          ]),
        ];
  const store = sum_.flatMap((h, i) => [
    ...(sums ? w.set(h, w.mul(w.get(h), w.get(scale))) : []),
    ...(sums ? w.set(sum, w.add(w.get(sum), w.get(h))) : []),
    ...w.storePair(w.get(row), w.get(h), 8 * (stride + from) + 16 * i),
    ...(tells ? w.storePair(w.get(row), w.get(told_[i]!), 8 * (told + stride + from) + 16 * i) : []),
  ]);
  return [...begin, ...clear, ...columns, ...store];
}
