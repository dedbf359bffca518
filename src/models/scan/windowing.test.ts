import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thrown } from '../../data/pieces.fixture.ts';
import { answerWindows, positionWindows, type ScanWindow, type Windowing } from './windowing.ts';

const all = (windowing: Windowing, length: number): ScanWindow[] =>
  Array.from({ length: windowing.count(length) }, (_, k) => windowing.at(k, length));

const answers = fc
  .integer({ min: 1, max: 30 })
  .chain((width) => fc.record({ width: fc.constant(width), step: fc.integer({ min: 1, max: width }) }));
const positions = fc
  .integer({ min: 1, max: 30 })
  .chain((width) =>
    fc.record({ width: fc.constant(width), flank: fc.integer({ min: 0, max: Math.ceil(width / 2) - 1 }) }),
  );
const windowings = fc.oneof(answers.map(answerWindows), positions.map(positionWindows));

describe('windows of a stretch', () => {
  it('have tiles that cover each letter exactly once, in order, each within its window', () => {
    fc.assert(
      fc.property(windowings, fc.integer({ min: 1, max: 200 }), (windowing, length) => {
        const windows = all(windowing, length);
        if (windows.length === 0) {
          expect(length).toBeLessThan(windowing.width);
          return;
        }
        expect(windows[0]!.from).toBe(0);
        expect(windows.at(-1)!.to).toBe(length);
        windows.forEach(({ start, end, from, to }, k) => {
          if (k > 0) expect(from).toBe(windows[k - 1]!.to);
          expect(0 <= start && start <= from && from < to && to <= end && end <= length).toBe(true);
          expect(end - start).toBeLessThanOrEqual(windowing.width);
        });
      }),
    );
  });

  it('are all of one width where the model answers for whole windows', () => {
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 200 }), (options, length) => {
        for (const { start, end } of all(answerWindows(options), length))
          expect(end - start).toBe(options.width);
      }),
    );
  });

  it('give each letter at least its flank of context, or all there is', () => {
    fc.assert(
      fc.property(positions, fc.integer({ min: 1, max: 200 }), (options, length) => {
        for (const { start, end, from, to } of all(positionWindows(options), length)) {
          expect(from - start).toBe(Math.min(options.flank, from));
          expect(end - to).toBe(Math.min(options.flank, length - to));
        }
      }),
    );
  });

  it('are known before the stretch has ended, and need no letter that was let go', () => {
    fc.assert(
      fc.property(
        windowings,
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 60 }),
        (windowing, seen, more) => {
          const length = seen + more;
          const windows = all(windowing, length);
          let k = 0;
          while (windowing.decided(k, seen)) {
            // More than was seen: a stretch that ends here gives the last window another tile.
            if (more > 0) expect(windowing.at(k, Infinity)).toEqual(windows[k]);
            expect(windowing.at(k, Infinity).end).toBeLessThanOrEqual(seen);
            k++;
          }
          for (const { start } of windows.slice(k)) expect(start).toBeGreaterThanOrEqual(windowing.needs(k));
        },
      ),
    );
  });

  it('begin with the first letter and end with the last', () => {
    const windowing = answerWindows({ width: 6, step: 4 });
    expect(all(windowing, 5)).toEqual([]);
    expect(all(windowing, 6)).toEqual([{ start: 0, end: 6, from: 0, to: 6 }]);
    expect(all(windowing, 7)).toEqual([
      { start: 0, end: 6, from: 0, to: 5 },
      { start: 1, end: 7, from: 5, to: 7 },
    ]);
    expect(all(positionWindows({ width: 6, flank: 2 }), 3)).toEqual([
      { start: 0, end: 3, from: 0, to: 2 },
      { start: 0, end: 3, from: 2, to: 3 },
    ]);
  });

  it('refuse steps that would leave letters out, and flanks that leave none', async () => {
    expect((await thrown(() => answerWindows({ width: 5, step: 6 }))).message).toMatch(
      /--step: expected a whole number from 1 to 5, received 6/,
    );
    expect((await thrown(() => positionWindows({ width: 6, flank: 3 }))).message).toMatch(
      /--flank: expected a whole number from 0 to 2, received 3/,
    );
    expect((await thrown(() => answerWindows({ width: 0, step: 1 }))).kind).toBe('usage');
  });
});
