import { addI32, type Code, get, i32, set } from '../../hmm/wasm.ts';
import * as w from './code.ts';
import { growingKernel, type Kernel, vectors } from './memory.ts';

/**
 * The best single segment (Knudsen's filter in HMMER 3.1): diagonals stay in registers, several vectors of them side by
 * side, and go down the sequence until its end. Bytes with a sign start at -128, which is where a segment begins: below it
 * they cannot fall, so that beginning anew costs nothing.
 */
const widest = 8;
const [ROW, LETTERS, FROM, WIDTH, WRAP, BEST] = [0, 4, 8, 12, 16, 20];
const first = 64;

// Locals: 0 the number of letters; where we are in letters and table; then the best value and the diagonals.
const [count, i, q, row, at, stop, letters] = [0, 1, 2, 3, 4, 5, 6];
const best = 7;
const diagonal = (d: number) => best + 1 + d;
const floor = w.constant(128);

/** One letter: every diagonal takes the cost of its next node. */
const step = (width: number): Code => [
  ...set(at, addI32(w.mulI32(get(row), w.loadByte(addI32(get(letters), get(i)))), get(q))),
  ...Array.from({ length: width }, (_, d) => [
    ...set(diagonal(d), w.signedSub(get(diagonal(d)), w.load(get(at), first + 16 * d))),
    ...set(best, w.signedMax(get(best), get(diagonal(d)))),
  ]).flat(),
  ...w.next(i, 1),
  ...w.next(q, 16),
];

const done: Code = [
  ...w.signedMaxAcross(best),
  ...w.storeInt(i32(0), w.maxI32(w.firstSigned(get(best)), w.loadInt(i32(0), BEST)), BEST),
  ...w.leave,
];

/**
 * A band of `width` vectors from FROM on. The last ones of a row of vectors go on at its beginning, a lane higher: the table
 * repeats its beginning, and each diagonal's lanes are shifted when it is its turn.
 */
const band = (width: number): Code => [
  ...Array.from({ length: width }, (_, d) => set(diagonal(d), floor)).flat(),
  ...w.repeatWhile(
    [
      // As many letters as there are until the band's last vector is the row's last.
      ...set(stop, addI32(get(i), [...w.subI32(w.loadInt(i32(0), WRAP), get(q)), ...i32(4), 0x75])),
      ...w.when(w.greaterI32(get(stop), get(count)), set(stop, get(count))),
      ...w.when(w.greaterI32(get(stop), get(i)), w.repeatWhile(step(width), w.greaterI32(get(stop), get(i)))),
      ...Array.from({ length: width }, (_, t) => [
        ...w.when(w.equalI32(get(i), get(count)), done),
        ...(t > 0 ? shifted(diagonal(width - t)) : []),
        ...step(width),
      ]).flat(),
      ...shifted(diagonal(0)),
      ...set(q, i32(0)),
    ],
    w.greaterI32(get(count), get(i)),
  ),
  ...done,
];

const shifted = (local: number): Code => set(local, w.shiftUp(get(local), floor, 1));

const body: Code = [
  ...set(row, w.loadInt(i32(0), ROW)),
  ...set(letters, w.loadInt(i32(0), LETTERS)),
  ...set(q, w.loadInt(i32(0), FROM)),
  ...set(i, i32(0)),
  ...set(best, floor),
  ...[widest, 4, 2, 1].flatMap((width) =>
    w.when(w.equalI32(w.loadInt(i32(0), WIDTH), i32(width)), band(width)),
  ),
];

const kernel = growingKernel(body, { integers: 6, pairs: 1 + widest });

/**
 * How much the best ungapped segment gains over its beginning, for costs by letter code in striped vectors of bytes with a
 * sign; 255 stands for that or more. Null where there is no SIMD.
 */
export function segmentGain(costs: readonly Int8Array[]): ((codes: Uint8Array) => number) | null {
  const length = costs[0]!.length / 16;
  const row = 16 * (length + widest);
  const letters = first + costs.length * row;
  const owner = {};
  if (!kernel(letters)) return null;
  return (codes) => {
    const loop = kernel(vectors(letters + codes.length))!;
    const numbers = new Int32Array(loop.memory);
    if (loop.owner !== owner) {
      loop.owner = owner;
      const bytes = new Int8Array(loop.memory);
      for (const [code, table] of costs.entries())
        for (let at = 0; at < row; at++) bytes[first + code * row + at] = table[at % (16 * length)]!;
      numbers[ROW / 4] = row;
      numbers[LETTERS / 4] = letters;
    }
    new Uint8Array(loop.memory, letters).set(codes);
    return bestOfBands(loop, numbers, length, codes.length) + 128;
  };
}

/** Goes through all vectors in bands, as wide ones as there are. */
function bestOfBands(loop: Kernel, numbers: Int32Array, length: number, count: number): number {
  numbers[BEST / 4] = -128;
  for (let from = 0; from < length; ) {
    const width = [widest, 4, 2, 1].find((n) => n <= length - from)!;
    numbers[FROM / 4] = 16 * from;
    numbers[WIDTH / 4] = width;
    numbers[WRAP / 4] = 16 * (length - width);
    loop.run(count);
    from += width;
  }
  return numbers[BEST / 4]!;
}
