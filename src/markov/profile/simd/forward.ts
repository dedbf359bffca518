import { addI32, type Code, get, i32, set } from '../../hmm/wasm.ts';
import { lengthModel, type SearchProfile } from '../search-profile.ts';
import * as w from './code.ts';
import { growingKernel, striped, vectors } from './memory.ts';

const [WIDTH, TABLES, LETTERS, STEPS, SKIPS, LOOP, MOVE, C, COUNT] = [0, 4, 8, 12, 16, 20, 24, 28, 32];
const first = 64;
const large = 1e4;

const [count, i, q, stop, odds, steps, letters, skips, scales, width, pass] = Array.from(
  { length: 11 },
  (_, n) => n,
) as [number, number, number, number, number, number, number, number, number, number, number];
const [m, ins, del, b, e, now, down, n, j, c, loop, move, half] = Array.from(
  { length: 13 },
  (_, k) => 11 + k,
) as [number, number, number, number, number, number, number, number, number, number, number, number, number];

const below = (local: number): Code => w.shiftUp(get(local), w.floats(0), 4);

const matchPass: Code = [
  ...set(now, w.floatsMul(get(b), w.load(get(steps), 0))),
  ...set(now, w.floatsAdd(get(now), w.floatsMul(get(m), w.load(get(steps), 16)))),
  ...set(now, w.floatsAdd(get(now), w.floatsMul(get(ins), w.load(get(steps), 32)))),
  ...set(now, w.floatsAdd(get(now), w.floatsMul(get(del), w.load(get(steps), 48)))),
  ...set(now, w.floatsMul(get(now), w.load(get(odds)))),
  ...set(e, w.floatsAdd(get(e), get(now))),
  ...set(m, w.load(get(q), 0)),
  ...set(ins, w.load(get(q), 16)),
  ...set(del, w.load(get(q), 32)),
  ...w.store(get(q), get(now), 0),
  ...w.store(get(q), get(down), 32),
  ...set(down, w.floatsMul(get(now), w.load(get(steps), 64))),
  ...w.store(
    get(q),
    w.floatsAdd(w.floatsMul(get(m), w.load(get(steps), 80)), w.floatsMul(get(ins), w.load(get(steps), 96))),
    16,
  ),
  ...w.next(odds, 16),
  ...w.next(steps, 112),
  ...w.next(q, 48),
];

/** The first run of deletes takes those of a lane along; each further one what comes from the lane below. */
const deletePass = (adds: boolean): Code => [
  ...set(down, below(down)),
  ...set(skips, w.loadInt(i32(0), SKIPS)),
  ...set(q, i32(first)),
  ...w.repeatWhile(
    [
      ...set(now, w.floatsAdd(w.load(get(q), 32), get(down))),
      ...w.store(get(q), get(now), 32),
      ...set(down, w.floatsMul(adds ? get(now) : get(down), w.load(get(skips)))),
      ...w.next(skips, 16),
      ...w.next(q, 48),
    ],
    w.greaterI32(get(stop), get(q)),
  ),
];

const scaleRow: Code = [
  ...set(now, w.floatsDiv(w.floats(1), get(e))),
  ...w.storeFloat(get(scales), get(e)),
  ...w.next(scales, 4),
  ...[n, j, c, b].flatMap((local) => set(local, w.floatsMul(get(local), get(now)))),
  ...set(q, i32(first)),
  ...w.repeatWhile(
    [...w.store(get(q), w.floatsMul(w.load(get(q)), get(now))), ...w.next(q, 16)],
    w.greaterI32(get(stop), get(q)),
  ),
];

const body: Code = [
  ...set(width, w.loadInt(i32(0), WIDTH)),
  ...set(letters, w.loadInt(i32(0), LETTERS)),
  ...set(scales, w.loadInt(i32(0), COUNT)),
  ...set(loop, w.loadSplatFloat(i32(0), LOOP)),
  ...set(move, w.loadSplatFloat(i32(0), MOVE)),
  ...set(half, w.floats(0.5)),
  ...set(stop, addI32(i32(first), w.mulI32(get(width), i32(3)))),
  ...set(q, i32(first)),
  ...w.repeatWhile([...w.store(get(q), w.floats(0)), ...w.next(q, 16)], w.greaterI32(get(stop), get(q))),
  ...set(i, i32(0)),
  ...set(n, w.floats(1)),
  ...set(j, w.floats(0)),
  ...set(c, w.floats(0)),
  ...set(b, get(move)),
  ...w.repeatWhile(
    [
      ...set(
        odds,
        addI32(w.loadInt(i32(0), TABLES), w.mulI32(get(width), w.loadByte(addI32(get(letters), get(i))))),
      ),
      ...[e, down].flatMap((local) => set(local, w.floats(0))),
      ...set(m, w.shiftUp(w.load(w.subI32(get(stop), i32(48))), w.floats(0), 4)),
      ...set(ins, w.shiftUp(w.load(w.subI32(get(stop), i32(32))), w.floats(0), 4)),
      ...set(del, w.shiftUp(w.load(w.subI32(get(stop), i32(16))), w.floats(0), 4)),
      ...set(steps, w.loadInt(i32(0), STEPS)),
      ...set(q, i32(first)),
      ...w.repeatWhile(matchPass, w.greaterI32(get(stop), get(q))),
      ...deletePass(true),
      ...set(pass, i32(0)),
      // What is left to carry is below what a float can tell, or has gone through all four lanes.
      ...w.repeatWhile(
        [...deletePass(false), ...w.next(pass, 1)],
        [...w.greaterI32(i32(3), get(pass)), ...w.anyTrue(w.floatsGreater(get(down), w.floats(1e-9))), 0x71],
      ),
      ...set(q, i32(first)),
      ...w.repeatWhile(
        [...set(e, w.floatsAdd(get(e), w.load(get(q), 32))), ...w.next(q, 48)],
        w.greaterI32(get(stop), get(q)),
      ),
      ...w.floatsSumAcross(e),
      ...set(n, w.floatsMul(get(n), get(loop))),
      ...set(j, w.floatsAdd(w.floatsMul(get(j), get(loop)), w.floatsMul(get(e), get(half)))),
      ...set(c, w.floatsAdd(w.floatsMul(get(c), get(loop)), w.floatsMul(get(e), get(half)))),
      ...set(b, w.floatsMul(w.floatsAdd(get(n), get(j)), get(move))),
      ...w.when(w.anyTrue(w.floatsGreater(get(e), w.floats(large))), scaleRow),
      ...w.next(i, 1),
    ],
    w.greaterI32(get(count), get(i)),
  ),
  ...w.storeFloat(i32(0), get(c), C),
  ...w.storeInt(i32(0), get(scales), COUNT),
];

const kernel = growingKernel(body, { integers: 10, pairs: 13 });

/** `profileForward`'s score of a local profile in float32, 4 nodes at a time. */
export function fastForward(p: SearchProfile): ((codes: Uint8Array) => number) | null {
  const { nodes } = p;
  let length = 0;
  const stripe = (of: (node: number) => number) => {
    const out: number[] = [];
    length = striped(nodes, 4, (index, node) => {
      out[index] = node > 0 ? of(node) : 0;
    });
    return Float32Array.from(out);
  };
  const stepTables = [
    stripe((k) => p.begin[k]!),
    stripe((k) => p.mm[k - 1]!),
    stripe((k) => p.im[k - 1]!),
    stripe((k) => p.dm[k - 1]!),
    stripe((k) => p.md[k]!),
    stripe((k) => p.mi[k]!),
    stripe((k) => p.ii[k]!),
  ];
  const skipTable = stripe((k) => p.dd[k]!);
  const oddsTables = p.odds.map((row) => stripe((k) => row[k]!));
  const width = 16 * length;
  const steps = first + 3 * width;
  const skips = steps + 7 * width;
  const tables = skips + width;
  const letters = tables + oddsTables.length * width;
  const owner = {};
  if (!kernel(letters)) return null;
  return (codes) => {
    const { loop: stay, move } = lengthModel(codes.length);
    const scales = vectors(letters + codes.length);
    const loop = kernel(scales + 4 * codes.length)!;
    const numbers = new Int32Array(loop.memory);
    const floats = new Float32Array(loop.memory);
    if (loop.owner !== owner) {
      loop.owner = owner;
      for (let q = 0; q < length; q++)
        for (const [t, table] of stepTables.entries())
          floats.set(table.subarray(4 * q, 4 * q + 4), steps / 4 + 28 * q + 4 * t);
      floats.set(skipTable, skips / 4);
      for (const [code, table] of oddsTables.entries()) floats.set(table, tables / 4 + code * 4 * length);
      for (const [at, value] of [
        [WIDTH, width],
        [TABLES, tables],
        [LETTERS, letters],
        [STEPS, steps],
        [SKIPS, skips],
      ] as const)
        numbers[at / 4] = value;
    }
    floats[LOOP / 4] = stay;
    floats[MOVE / 4] = move;
    numbers[COUNT / 4] = scales;
    new Uint8Array(loop.memory).set(codes, letters);
    loop.run(codes.length);
    let score = Math.log(floats[C / 4]! * move);
    for (let at = scales / 4; at < numbers[COUNT / 4]! / 4; at++) score += Math.log(floats[at]!);
    return score;
  };
}
