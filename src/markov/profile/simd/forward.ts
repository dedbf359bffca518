import { addI32, type Code, get, i32, set } from '../../hmm/wasm.ts';
import * as w from './code.ts';
import { growingKernel } from './memory.ts';

/**
 * Where the passes' parameters stand in memory: bytes of a row of vectors; where odds, steps, skips, letters, scales, records
 * and rows begin; how far rows are apart (0: one row is used again and again); the length model.
 */
export const places = {
  width: 0,
  odds: 4,
  steps: 8,
  skips: 12,
  letters: 16,
  scales: 20,
  records: 24,
  rows: 28,
  stride: 32,
  loop: 36,
  move: 40,
  again: 44,
  end: 48,
} as const;
/** Bytes of a position's record: N, B, E, J, C and the scale, as floats. */
export const recordSize = 32;
/** Rows are scaled once the sum over a row's ends passes this. */
const large = 1e4;

export const parameter = (name: keyof typeof places): Code => w.loadInt(i32(0), places[name]);
export const factor = (name: keyof typeof places): Code => w.loadSplatFloat(i32(0), places[name]);
export const none = w.floats(0);

const [count, i, q, to, stop, odds, steps, letters, skips, record, width, pass, start, span, stride] =
  Array.from({ length: 15 }, (_, k) => k) as [
    ...[number, number, number, number, number, number, number, number],
    ...[number, number, number, number, number, number, number],
  ];
const [m, ins, del, b, e, now, down, n, j, c, loop, move, again, end, ends] = Array.from(
  { length: 15 },
  (_, k) => 15 + k,
) as [
  ...[number, number, number, number, number, number, number, number],
  ...[number, number, number, number, number, number, number],
];

/** A node's steps: begin, into match from match, insert and delete; from match to delete and insert, insert to insert. */
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
  ...w.store(get(to), get(now), 0),
  ...w.store(get(to), get(down), 32),
  ...set(down, w.floatsMul(get(now), w.load(get(steps), 64))),
  ...w.store(
    get(to),
    w.floatsAdd(w.floatsMul(get(m), w.load(get(steps), 80)), w.floatsMul(get(ins), w.load(get(steps), 96))),
    16,
  ),
  ...w.next(odds, 16),
  ...w.next(steps, 112),
  ...w.next(q, 48),
  ...w.next(to, 48),
];

/** The first run of deletes takes those of a lane along; each further one what comes from the lane below. */
const deletePass = (first: boolean): Code => [
  ...set(down, w.shiftUp(get(down), none, 4)),
  ...set(skips, parameter('skips')),
  ...set(to, addI32(get(start), get(stride))),
  ...set(stop, addI32(get(to), get(span))),
  ...w.repeatWhile(
    [
      ...set(now, w.floatsAdd(w.load(get(to), 32), get(down))),
      ...w.store(get(to), get(now), 32),
      ...set(down, w.floatsMul(first ? get(now) : get(down), w.load(get(skips)))),
      ...w.next(skips, 16),
      ...w.next(to, 48),
    ],
    w.greaterI32(get(stop), get(to)),
  ),
];

const overNewRow = (body: Code, by: number): Code => [
  ...set(to, addI32(get(start), get(stride))),
  ...set(stop, addI32(get(to), get(span))),
  ...w.repeatWhile([...body, ...w.next(to, by)], w.greaterI32(get(stop), get(to))),
];

const scaleRow: Code = [
  ...w.storeFloat(get(record), get(e), 20),
  ...set(now, w.floatsDiv(w.floats(1), get(e))),
  ...[n, b, e, j, c].flatMap((local) => set(local, w.floatsMul(get(local), get(now)))),
  ...overNewRow(w.store(get(to), w.floatsMul(w.load(get(to)), get(now))), 16),
];

const letter: Code = [
  ...set(odds, addI32(parameter('odds'), w.mulI32(get(width), w.loadByte(addI32(get(letters), get(i)))))),
  ...[e, down, ends].flatMap((local) => set(local, none)),
  ...set(stop, addI32(get(start), get(span))),
  ...set(m, w.shiftUp(w.load(w.subI32(get(stop), i32(48))), none, 4)),
  ...set(ins, w.shiftUp(w.load(w.subI32(get(stop), i32(32))), none, 4)),
  ...set(del, w.shiftUp(w.load(w.subI32(get(stop), i32(16))), none, 4)),
  ...set(steps, parameter('steps')),
  ...set(q, get(start)),
  ...set(to, addI32(get(start), get(stride))),
  ...w.repeatWhile(matchPass, w.greaterI32(get(stop), get(q))),
  ...w.floatsSumAcross(e),
  ...deletePass(true),
  ...set(pass, i32(0)),
  // What is left to carry is next to nothing beside the matches, or has gone through all four lanes.
  ...w.repeatWhile(
    [...deletePass(false), ...w.next(pass, 1)],
    [
      ...w.greaterI32(i32(3), get(pass)),
      ...w.anyTrue(w.floatsGreater(get(down), w.floatsMul(get(e), w.floats(1e-9)))),
      0x71,
    ],
  ),
  ...overNewRow(set(ends, w.floatsAdd(get(ends), w.load(get(to), 32))), 48),
  ...w.floatsSumAcross(ends),
  ...set(e, w.floatsAdd(get(e), get(ends))),
  ...set(n, w.floatsMul(get(n), get(loop))),
  ...set(j, w.floatsAdd(w.floatsMul(get(j), get(loop)), w.floatsMul(get(e), get(again)))),
  ...set(c, w.floatsAdd(w.floatsMul(get(c), get(loop)), w.floatsMul(get(e), get(end)))),
  ...set(b, w.floatsMul(w.floatsAdd(get(n), get(j)), get(move))),
  ...w.storeFloat(get(record), w.floats(1), 20),
  ...w.when(w.anyTrue(w.floatsGreater(get(e), w.floats(large))), scaleRow),
  ...[n, b, e, j, c].flatMap((local, at) => w.storeFloat(get(record), get(local), 4 * at)),
  ...w.next(record, recordSize),
  ...set(start, addI32(get(start), get(stride))),
  ...w.next(i, 1),
];

const body: Code = [
  ...set(width, parameter('width')),
  ...set(letters, parameter('letters')),
  ...set(record, addI32(parameter('records'), i32(recordSize))),
  ...set(start, parameter('rows')),
  ...set(stride, parameter('stride')),
  ...set(span, w.mulI32(get(width), i32(3))),
  ...set(loop, factor('loop')),
  ...set(move, factor('move')),
  ...set(again, factor('again')),
  ...set(end, factor('end')),
  ...set(q, get(start)),
  ...set(stop, addI32(get(start), get(span))),
  ...w.repeatWhile([...w.store(get(q), none), ...w.next(q, 16)], w.greaterI32(get(stop), get(q))),
  ...set(i, i32(0)),
  ...set(n, w.floats(1)),
  ...set(j, none),
  ...set(c, none),
  ...set(b, get(move)),
  ...w.repeatWhile(letter, w.greaterI32(get(count), get(i))),
];

/** Forward over all letters: records and, where rows are apart, rows 1 … of match, insert, delete vectors. */
export const forwardKernel = growingKernel(body, { integers: 14, pairs: 15 });
