import { addI32, type Code, get, i32, set } from '../../hmm/wasm.ts';
import * as w from './code.ts';
import { factor, none, parameter, recordSize } from './forward.ts';
import { growingKernel } from './memory.ts';

const [count, i, q, from, stop, odds, steps, letters, record, width, pass, start, span, stride, scales] =
  Array.from({ length: 15 }, (_, k) => k) as [
    ...[number, number, number, number, number, number, number, number],
    ...[number, number, number, number, number, number, number],
  ];
const [next, e, b, n, j, c, loop, move, again, end, inverse, above, now, kept] = Array.from(
  { length: 14 },
  (_, k) => 15 + k,
) as [
  ...[number, number, number, number, number, number, number],
  ...[number, number, number, number, number, number, number],
];

/** A node's steps: begin, delete to match and delete, match to match, insert, delete, insert to match and insert, exit. */
export const backwardSteps = 9;
const [BEGIN, DM, DD, MM, MI, MD, IM, II, EXIT] = [0, 16, 32, 48, 64, 80, 96, 112, 128];
const stepBytes = 16 * backwardSteps;
const shifted = (value: Code): Code => w.shiftDown(value, none, 4);

/** What comes after this letter: matches times their odds, and inserts; the sum over begins. */
const arrivals: Code = [
  ...set(steps, parameter('steps')),
  ...set(from, addI32(get(start), get(stride))),
  ...set(q, get(start)),
  ...set(stop, addI32(get(start), get(span))),
  ...set(b, none),
  ...w.repeatWhile(
    [
      ...set(now, w.floatsMul(w.floatsMul(w.load(get(from), 0), w.load(get(odds))), get(inverse))),
      ...set(kept, w.floatsMul(w.load(get(from), 16), get(inverse))),
      ...w.store(get(q), get(now), 0),
      ...w.store(get(q), get(kept), 16),
      ...set(b, w.floatsAdd(get(b), w.floatsMul(get(now), w.load(get(steps), BEGIN)))),
      ...w.next(odds, 16),
      ...w.next(steps, stepBytes),
      ...w.next(from, 48),
      ...w.next(q, 48),
    ],
    w.greaterI32(get(stop), get(q)),
  ),
  ...w.floatsSumAcross(b),
];

/** From the last vector to the first, each beside the one above it in `next` (match) and `above` (delete). */
const downward = (body: Code): Code => [
  ...set(q, w.subI32(get(stop), i32(48))),
  ...set(steps, addI32(parameter('steps'), w.mulI32(get(width), i32(backwardSteps)))),
  ...w.repeatWhile(
    [...w.next(steps, -stepBytes), ...body, ...w.next(q, -48)],
    w.greaterI32(get(q), w.subI32(get(start), i32(1))),
  ),
];

const deletes: Code = [
  ...set(next, shifted(w.load(get(start), 0))),
  ...set(above, none),
  ...downward([
    ...set(
      above,
      w.floatsAdd(
        w.floatsMul(get(e), w.load(get(steps), EXIT)),
        w.floatsAdd(
          w.floatsMul(get(next), w.load(get(steps), DM)),
          w.floatsMul(get(above), w.load(get(steps), DD)),
        ),
      ),
    ),
    ...w.store(get(q), get(above), 32),
    ...set(next, w.load(get(q), 0)),
  ]),
  ...set(pass, i32(0)),
  // What a lane has of the one above it; after three more lanes it is through, or next to nothing beside the ends.
  ...w.repeatWhile(
    [
      ...set(above, shifted(get(above))),
      ...downward([
        ...set(above, w.floatsMul(get(above), w.load(get(steps), DD))),
        ...w.store(get(q), w.floatsAdd(w.load(get(q), 32), get(above)), 32),
      ]),
      ...w.next(pass, 1),
    ],
    [
      ...w.greaterI32(i32(3), get(pass)),
      ...w.anyTrue(w.floatsGreater(get(above), w.floatsMul(get(e), w.floats(1e-8)))),
      0x71,
    ],
  ),
];

const leaving = (nextMatch: Code, nextDelete: Code): Code => [
  ...set(next, nextMatch),
  ...set(above, nextDelete),
  ...set(kept, w.load(get(q), 16)),
  ...set(
    now,
    w.floatsAdd(
      w.floatsAdd(
        w.floatsMul(get(e), w.load(get(steps), EXIT)),
        w.floatsMul(get(next), w.load(get(steps), MM)),
      ),
      w.floatsAdd(
        w.floatsMul(get(kept), w.load(get(steps), MI)),
        w.floatsMul(get(above), w.load(get(steps), MD)),
      ),
    ),
  ),
  ...w.store(get(q), get(now), 0),
  ...w.store(
    get(q),
    w.floatsAdd(
      w.floatsMul(get(next), w.load(get(steps), IM)),
      w.floatsMul(get(kept), w.load(get(steps), II)),
    ),
    16,
  ),
  ...w.next(steps, stepBytes),
  ...w.next(q, 48),
];

const [lastMatch, lastDelete] = [29, 30];

/** Matches and inserts, from the first vector on: each needs the next one as it was. */
const matches: Code = [
  ...set(lastMatch, shifted(w.load(get(start), 0))),
  ...set(lastDelete, shifted(w.load(get(start), 32))),
  ...set(steps, parameter('steps')),
  ...set(q, get(start)),
  ...w.repeatWhile(
    leaving(w.load(get(q), 48), w.load(get(q), 80)),
    w.greaterI32(w.subI32(get(stop), i32(48)), get(q)),
  ),
  ...leaving(get(lastMatch), get(lastDelete)),
];

const onward = (local: number, begins: boolean): Code => {
  const stay = w.floatsMul(w.floatsMul(get(local), get(loop)), get(inverse));
  return set(local, begins ? w.floatsAdd(stay, w.floatsMul(get(b), get(move))) : stay);
};

const letter: Code = [
  ...set(odds, addI32(parameter('odds'), w.mulI32(get(width), w.loadByte(addI32(get(letters), get(i)))))),
  ...set(inverse, w.loadSplatFloat(get(scales))),
  ...arrivals,
  ...onward(n, true),
  ...onward(j, true),
  ...w.when(w.equalI32(get(i), get(count)), set(c, get(move)), onward(c, false)),
  ...set(e, w.floatsAdd(w.floatsMul(get(c), get(end)), w.floatsMul(get(j), get(again)))),
  ...deletes,
  ...matches,
  ...[n, b, e, j, c].flatMap((local, at) => w.storeFloat(get(record), get(local), 4 * at)),
  ...w.next(record, -recordSize),
  ...w.next(scales, -4),
  ...set(start, w.subI32(get(start), get(stride))),
  ...w.next(i, -1),
];

const body: Code = [
  ...set(width, parameter('width')),
  ...set(letters, parameter('letters')),
  ...set(stride, parameter('stride')),
  ...set(span, w.mulI32(get(width), i32(3))),
  ...set(record, addI32(parameter('records'), w.mulI32(get(count), i32(recordSize)))),
  ...set(scales, addI32(parameter('scales'), w.mulI32(addI32(get(count), i32(1)), i32(4)))),
  ...set(start, addI32(parameter('rows'), w.mulI32(get(stride), get(count)))),
  ...set(loop, factor('loop')),
  ...set(move, factor('move')),
  ...set(again, factor('again')),
  ...set(end, factor('end')),
  // The row behind the last letter is empty.
  ...set(q, addI32(get(start), get(stride))),
  ...set(stop, addI32(get(q), get(span))),
  ...w.repeatWhile([...w.store(get(q), none), ...w.next(q, 16)], w.greaterI32(get(stop), get(q))),
  ...set(i, get(count)),
  ...[n, j, c].flatMap((local) => set(local, none)),
  ...w.repeatWhile(letter, w.greaterI32(get(i), i32(-1))),
];

/**
 * Backward over all letters, last to first, with Forward's scales: records and, where rows are apart, rows. `scales` holds
 * their inverses for rows 0 … length + 1, and `letters` one letter more than there are.
 */
export const backwardKernel = growingKernel(body, { integers: 14, pairs: 16 });
