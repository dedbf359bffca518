import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packBlock, unpackBlock } from './packed-block.ts';
import { layOut, rowsFor } from './rows.ts';

const ascending = fc
  .array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 })
  .map((gaps) => gaps.map((_, i) => gaps.slice(0, i + 1).reduce((a, b) => a + b, 0)));

describe('windows in rows', () => {
  it('have a place of their own, where the row has their letters', () => {
    fc.assert(
      fc.property(
        ascending,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 7 }),
        (places, step, count) => {
          const { starts, slots } = layOut(places, { step, count });
          expect(new Set(slots).size).toBe(places.length);
          slots.forEach((slot, w) => {
            expect(starts[Math.floor(slot / count)]! + (slot % count) * step).toBe(places[w]);
          });
        },
      ),
    );
  });

  it('fill rows of a size where they follow each other regularly, with every so many-th in one row', () => {
    for (const [apart, stride] of [
      [50, 2],
      [25, 2],
      [10, 6],
    ] as const) {
      const rows = rowsFor(200, apart, stride, 80);
      expect(rows.step % stride).toBe(0);
      const places = Array.from({ length: 80 }, (_, k) => k * apart);
      const { starts } = layOut(places, rows);
      expect(rows.count).toBeGreaterThan(10);
      expect(starts.length * rows.count).toBeLessThan(80 * 1.1);
    }
  });
});

describe('a packed block', () => {
  it('is the block again once it is unpacked', () => {
    const windows = [
      { start: 3, end: 9, from: 4, to: 8, place: 0 },
      { start: 2 ** 40, end: 2 ** 40 + 6, from: 2 ** 40 + 1, to: 2 ** 40 + 5, place: -1 },
    ];
    const block = { letters: Uint8Array.of(0, 1, 2, 3), windows };
    expect(unpackBlock(packBlock(block))).toEqual(block);
  });
});
