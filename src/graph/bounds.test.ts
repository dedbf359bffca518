import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsOf, uniformOf } from './bounds.ts';
import { evaluate } from './evaluate.ts';
import * as g from './library.ts';
import type { Value } from './value.ts';

/** Integer expressions over counters and constants, of one shape [6]. */
const { expression } = fc.letrec<{ expression: Value; leaf: Value; pair: Value }>((tie) => ({
  expression: fc.oneof({ depthSize: 'small' }, tie('leaf'), tie('pair')),
  leaf: fc.oneof(
    fc.constant(g.iota(6)),
    fc.integer({ min: -9, max: 9 }).map((n) => g.full([6], n, 'int32')),
    fc
      .array(fc.integer({ min: -5, max: 5 }), { minLength: 6, maxLength: 6 })
      .map((n) => g.constant(n, [6], 'int32')),
  ),
  pair: fc
    .tuple(tie('expression'), tie('expression'), fc.integer({ min: 0, max: 7 }))
    .map(([a, b, which]) =>
      [
        () => g.add(a, b),
        () => g.sub(a, b),
        () => g.mul(a, b),
        () => g.maximum(a, b),
        () => g.minimum(a, b),
        () => g.cast(g.less(a, b), 'int32'),
        () => g.cast(g.floor(g.div(g.cast(a, 'float32'), 3)), 'int32'),
        () => g.cast(g.cast(a, 'bool'), 'int32'),
      ][which]!(),
    ),
}));

describe('boundsOf', () => {
  it('encloses every element of whatever is computed from counters and constants', () => {
    fc.assert(
      fc.property(expression, (value) => {
        const { low, high } = boundsOf(value)!;
        for (const n of evaluate([value], new Map())[0]!.data) {
          expect(n).toBeGreaterThanOrEqual(low);
          expect(n).toBeLessThanOrEqual(high);
        }
      }),
    );
  });

  it('says nothing of what an input decides', () => {
    const x = g.input('x', ['batch'], 'int32');
    expect(boundsOf(x)).toBeUndefined();
    expect(boundsOf(g.add(x, 1))).toBeUndefined();
    expect(boundsOf(g.less(x, 3))).toBeUndefined();
    expect(boundsOf(g.iota('batch'))).toBeUndefined();
  });

  it('tells when all elements are one number', () => {
    expect(uniformOf(g.less(g.iota(10), g.full(['batch', 1], 10, 'int32')))).toBe(1);
    expect(uniformOf(g.less(g.iota(10), g.full(['batch', 1], 9, 'int32')))).toBeUndefined();
    expect(uniformOf(g.less(g.full([10], 9, 'int32'), g.iota(10)))).toBe(0);
  });
});
