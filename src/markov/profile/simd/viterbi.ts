import { addI32, type Code, get, i32, set } from '../../hmm/wasm.ts';
import { outsideCost } from '../filters.ts';
import type { SearchProfile } from '../search-profile.ts';
import * as w from './code.ts';
import { growingKernel, striped, vectors } from './memory.ts';

/** Five hundredths of bits, from a base: scores fit a word of 16 bits (Eddy 2011). */
const scale = 500 / Math.LN2;
const base = 12_000;
const least = -32_768;

const [ROWS, TABLES, LETTERS, STEPS, SKIPS, MOVE, END, BOUND, BEST] = [0, 4, 8, 12, 16, 20, 24, 28, 32];
const first = 64;

const [count, i, q, stop, odds, steps, b, j, c, e, letters, skips, changed, width] = Array.from(
  { length: 14 },
  (_, n) => n,
) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const [m, ins, del, begins, best, bestDel, now, down, was] = [14, 15, 16, 17, 18, 19, 20, 21, 22];

// A node's vectors: match, insert, delete (48 bytes); its steps: begin, and into match from match, insert, delete;
// from match to delete and insert, insert to insert (112 bytes); delete to delete in a table of its own.
const below = (local: number): Code => w.shiftUp(get(local), w.words(least), 2);
const lowest = w.words(least);

const matchPass: Code = [
  ...set(now, w.wordsAdd(get(begins), w.load(get(steps), 0))),
  ...set(now, w.wordsMax(get(now), w.wordsAdd(get(m), w.load(get(steps), 16)))),
  ...set(now, w.wordsMax(get(now), w.wordsAdd(get(ins), w.load(get(steps), 32)))),
  ...set(now, w.wordsMax(get(now), w.wordsAdd(get(del), w.load(get(steps), 48)))),
  ...set(now, w.wordsAdd(get(now), w.load(get(odds)))),
  ...set(best, w.wordsMax(get(best), get(now))),
  ...set(m, w.load(get(q), 0)),
  ...set(ins, w.load(get(q), 16)),
  ...set(del, w.load(get(q), 32)),
  ...w.store(get(q), get(now), 0),
  ...w.store(get(q), get(down), 32),
  ...set(down, w.wordsAdd(get(now), w.load(get(steps), 64))),
  ...set(bestDel, w.wordsMax(get(bestDel), get(down))),
  ...w.store(
    get(q),
    w.wordsMax(w.wordsAdd(get(m), w.load(get(steps), 80)), w.wordsAdd(get(ins), w.load(get(steps), 96))),
    16,
  ),
  ...w.next(odds, 16),
  ...w.next(steps, 112),
  ...w.next(q, 48),
];

/** One run of deletes on through all nodes, a lane's last one going on in the next lane. */
const deletePass: Code = [
  ...set(down, below(down)),
  ...set(skips, w.loadInt(i32(0), SKIPS)),
  ...set(q, i32(first)),
  ...set(was, w.words(0)),
  ...w.repeatWhile(
    [
      ...set(now, w.load(get(q), 32)),
      ...set(was, [...get(was), ...w.wordsGreater(get(down), get(now)), 0xfd, 0x50]),
      ...set(now, w.wordsMax(get(now), get(down))),
      ...w.store(get(q), get(now), 32),
      ...set(down, w.wordsAdd(get(now), w.load(get(skips)))),
      ...w.next(skips, 16),
      ...w.next(q, 48),
    ],
    w.greaterI32(get(stop), get(q)),
  ),
  ...set(changed, w.anyTrue(get(was))),
];

const body: Code = [
  ...set(width, w.loadInt(i32(0), ROWS)),
  ...set(letters, w.loadInt(i32(0), LETTERS)),
  ...set(stop, addI32(i32(first), w.mulI32(get(width), i32(3)))),
  ...set(q, i32(first)),
  ...w.repeatWhile([...w.store(get(q), lowest), ...w.next(q, 16)], w.greaterI32(get(stop), get(q))),
  ...set(i, i32(0)),
  ...set(j, i32(least)),
  ...set(c, i32(least)),
  ...set(b, addI32(i32(base), w.loadInt(i32(0), MOVE))),
  ...w.repeatWhile(
    [
      ...set(
        odds,
        addI32(w.loadInt(i32(0), TABLES), w.mulI32(get(width), w.loadByte(addI32(get(letters), get(i))))),
      ),
      ...set(begins, w.splatWord(get(b))),
      ...[best, bestDel, down].flatMap((local) => set(local, lowest)),
      ...set(m, w.shiftUp(w.load(w.subI32(get(stop), i32(48))), lowest, 2)),
      ...set(ins, w.shiftUp(w.load(w.subI32(get(stop), i32(32))), lowest, 2)),
      ...set(del, w.shiftUp(w.load(w.subI32(get(stop), i32(16))), lowest, 2)),
      ...set(steps, w.loadInt(i32(0), STEPS)),
      ...set(q, i32(first)),
      ...w.repeatWhile(matchPass, w.greaterI32(get(stop), get(q))),
      ...w.wordsMaxAcross(best),
      ...set(e, w.firstWord(get(best))),
      ...w.when(w.greaterI32(get(e), i32(32_766)), [
        ...w.storeInt(i32(0), i32(0x7fffffff), BEST),
        ...w.leave,
      ]),
      ...set(e, addI32(get(e), w.loadInt(i32(0), END))),
      ...set(j, w.maxI32(get(j), get(e))),
      ...set(c, w.maxI32(get(c), get(e))),
      ...set(b, addI32(w.maxI32(get(j), i32(base)), w.loadInt(i32(0), MOVE))),
      ...w.wordsMaxAcross(bestDel),
      // Deletes of more than one node matter only where they can be better than to begin behind them.
      ...w.when(
        w.greaterI32(addI32(w.firstWord(get(bestDel)), w.loadInt(i32(0), BOUND)), get(b)),
        w.repeatWhile(deletePass, get(changed)),
        w.store(i32(first), below(down), 32),
      ),
      ...w.next(i, 1),
    ],
    w.greaterI32(get(count), get(i)),
  ),
  ...w.storeInt(i32(0), get(c), BEST),
];

const kernel = growingKernel(body, { integers: 13, pairs: 9 });

const word = (p: number) => Math.min(32_767, Math.max(least, Math.round(scale * Math.log(p))));

/** `profileViterbi` of a local profile in fractions of bits, 8 nodes at a time; infinite where a word does not hold the score. */
export function fastViterbi(p: SearchProfile): ((codes: Uint8Array) => number) | null {
  const { nodes } = p;
  let length = 0;
  const stripe = (at: (node: number) => number) => {
    const out: number[] = [];
    length = striped(nodes, 8, (index, node) => {
      out[index] = node > 0 ? at(node) : least;
    });
    return Int16Array.from(out);
  };
  const stepTables = [
    stripe((k) => word(p.begin[k]!)),
    stripe((k) => word(p.mm[k - 1]!)),
    stripe((k) => word(p.im[k - 1]!)),
    stripe((k) => word(p.dm[k - 1]!)),
    stripe((k) => word(p.md[k]!)),
    stripe((k) => word(p.mi[k]!)),
    stripe((k) => Math.min(-1, word(p.ii[k]!))), // An insert that costs nothing would never end.
  ];
  const skipTable = stripe((k) => word(p.dd[k]!));
  const oddsTables = p.odds.map((row) => stripe((k) => word(row[k]!)));
  let bound = least;
  for (let k = 2; k + 2 <= nodes; k++)
    bound = Math.max(bound, word(p.dd[k]!) + word(p.dm[k + 1]!) - word(p.begin[k + 2]!));
  const width = 16 * length;
  const steps = first + 3 * width;
  const skips = steps + 7 * width;
  const tables = skips + width;
  const letters = tables + oddsTables.length * width;
  const owner = {};
  if (!kernel(letters)) return null;
  return (codes) => {
    const loop = kernel(vectors(letters + codes.length))!;
    const numbers = new Int32Array(loop.memory);
    if (loop.owner !== owner) {
      loop.owner = owner;
      const all = new Int16Array(loop.memory);
      for (let q = 0; q < length; q++)
        for (const [t, table] of stepTables.entries())
          all.set(table.subarray(8 * q, 8 * q + 8), steps / 2 + 56 * q + 8 * t);
      all.set(skipTable, skips / 2);
      for (const [code, table] of oddsTables.entries()) all.set(table, tables / 2 + code * 8 * length);
      for (const [at, value] of [
        [ROWS, width],
        [TABLES, tables],
        [LETTERS, letters],
        [STEPS, steps],
        [SKIPS, skips],
        [END, word(0.5)],
        [BOUND, bound],
      ] as const)
        numbers[at / 4] = value;
    }
    const move = word(3 / (codes.length + 3));
    numbers[MOVE / 4] = move;
    new Uint8Array(loop.memory).set(codes, letters);
    loop.run(codes.length);
    const best = numbers[BEST / 4]!;
    if (best === 0x7fffffff) return Number.POSITIVE_INFINITY;
    return best <= least ? Number.NEGATIVE_INFINITY : (best + move - base) / scale - outsideCost;
  };
}
