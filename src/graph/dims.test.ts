import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  broadcastShapes,
  type Dim,
  dimAdd,
  dimFloorDiv,
  dimMul,
  dimNames,
  dimProduct,
  dimSub,
  dimValue,
} from './dims.ts';

const sizes = new Map([
  ['batch', 7],
  ['time', 23],
]);
const dim: fc.Arbitrary<Dim> = fc.letrec<{ dim: Dim }>((tie) => ({
  dim: fc.oneof(
    { maxDepth: 4 },
    fc.integer({ min: -9, max: 9 }),
    fc.constantFrom('batch', 'time'),
    fc.tuple(tie('dim'), tie('dim')).map(([a, b]) => dimAdd(a, b)),
    fc.tuple(tie('dim'), tie('dim')).map(([a, b]) => dimMul(a, b)),
    fc.tuple(tie('dim'), fc.integer({ min: 1, max: 5 })).map(([a, n]) => dimFloorDiv(a, n)),
  ),
})).dim;
const value = (d: Dim) => dimValue(d, sizes);

describe('dimensions', () => {
  it('compute what their numbers compute', () => {
    fc.assert(
      fc.property(dim, dim, fc.integer({ min: 1, max: 6 }), (a, b, n) => {
        expect(value(dimAdd(a, b))).toBe(value(a) + value(b));
        expect(value(dimSub(a, b))).toBe(value(a) - value(b));
        expect(value(dimMul(a, b)) - value(a) * value(b)).toBe(0);
        expect(value(dimFloorDiv(a, n))).toBe(Math.floor(value(a) / n));
      }),
    );
  });

  it('have one spelling: order of sums and products does not matter, and a difference with itself is 0', () => {
    fc.assert(
      fc.property(dim, dim, dim, (a, b, c) => {
        expect(dimAdd(a, b)).toBe(dimAdd(b, a));
        expect(dimMul(a, b)).toBe(dimMul(b, a));
        expect(dimAdd(dimAdd(a, b), c)).toBe(dimAdd(a, dimAdd(b, c)));
        expect(dimMul(a, dimAdd(b, c))).toBe(dimAdd(dimMul(a, b), dimMul(a, c)));
        expect(dimSub(a, a)).toBe(0);
      }),
    );
  });

  it('read as a person would write them', () => {
    expect(dimAdd(dimMul('time', 2), 3)).toBe('2*time+3');
    expect(dimProduct(['time', 'batch', 4])).toBe('4*batch*time');
    expect(dimAdd(dimFloorDiv(dimSub('time', 3), 2), 1)).toBe('floor((time-3)/2)+1');
    expect(dimFloorDiv(dimMul('time', 6), 3)).toBe('2*time');
    expect(dimNames(dimFloorDiv(dimAdd('time', 'batch'), 2)).sort()).toEqual(['batch', 'time']);
  });

  it('refuse what is no name, and names whose size nobody knows', () => {
    expect(() => dimAdd('two words', 1)).toThrow('"two words" is not a dimension');
    expect(() => dimValue('depth', sizes)).toThrow('the size of dimension "depth" is not known');
  });

  it('broadcast as in NumPy, and say when they do not fit', () => {
    expect(broadcastShapes(['batch', 1, 4], ['time', 1])).toEqual(['batch', 'time', 4]);
    expect(broadcastShapes([], [2])).toEqual([2]);
    expect(broadcastShapes(['batch'], ['time'])).toBeUndefined();
    expect(broadcastShapes([2], [3])).toBeUndefined();
  });
});
