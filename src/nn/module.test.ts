import { describe, expect, it } from 'vitest';
import { add, input, mul } from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { inferenceContext } from './context.ts';
import { constant, normal } from './initializers.ts';
import { linear } from './linear.ts';
import { bind, initialize, module, parameter, parameterList } from './module.ts';

const affine = () =>
  module({
    params: { scale: parameter([3]), shift: parameter([3], { trainable: false }) },
    apply: ({ scale, shift }, x: Value) => add(mul(x, scale), shift),
  });

const net = ({ depth = 2 } = {}) =>
  module({
    params: {
      encoder: Array.from({ length: depth }, () => linear({ in: 3, out: 3 })),
      ends: { first: affine(), last: affine() },
      absent: undefined,
      gain: parameter([1, 1], { initial: constant(2) }),
    },
    apply: ({ encoder, ends, gain }, x: Value) =>
      mul(ends.last(encoder.reduce((h, layer) => layer(h), ends.first(x))), gain),
  });

const paths = [
  'encoder.0.weight',
  'encoder.0.bias',
  'encoder.1.weight',
  'encoder.1.bias',
  'ends.first.scale',
  'ends.first.shift',
  'ends.last.scale',
  'ends.last.shift',
  'gain',
];

describe('module', () => {
  it('lists parameters by path in the order in which they were written', () => {
    expect(parameterList(net()).map(({ path }) => path)).toEqual(paths);
  });

  it('decays matrices, and neither vectors nor what is not trained', () => {
    const decaying = parameterList(net()).filter(({ spec }) => spec.decay);
    expect(decaying.map(({ path }) => path)).toEqual(['encoder.0.weight', 'encoder.1.weight', 'gain']);
  });

  it('asks for each parameter once and gives its nodes the name of their layer, however often the layer is called', () => {
    const asked: string[] = [];
    const model = bind(
      net(),
      (path, { shape }) => {
        asked.push(path);
        return input(path, shape);
      },
      inferenceContext(),
    );
    expect(asked).toEqual(paths);
    for (let call = 0; call < 2; call++) {
      const y = model(input('x', ['batch', 3]));
      expect(y.node.scope).toBe('');
      const shifted = y.node.inputs[0]!;
      expect(shifted.node.scope).toBe('ends.last');
      const hidden = shifted.node.inputs[0]!.node.inputs[0]!;
      expect(hidden.node.scope).toBe('encoder.1');
    }
    expect(asked).toEqual(paths);
  });

  it('starts each parameter from a stream of its own: another layer changes none of the others', () => {
    const shallow = initialize(net({ depth: 1 }), 7);
    const deep = initialize(net({ depth: 3 }), 7);
    expect(deep.get('encoder.0.weight')).toEqual(shallow.get('encoder.0.weight'));
    expect(deep.get('encoder.1.weight')).not.toEqual(deep.get('encoder.0.weight'));
    expect(initialize(net(), 8).get('encoder.0.weight')).not.toEqual(shallow.get('encoder.0.weight'));
    expect([...shallow.get('gain')!]).toEqual([2]);
  });

  it('hands the same context to every layer', () => {
    const seen: unknown[] = [];
    const leaf = () =>
      module({
        params: {},
        apply: ({ context }, x: Value) => {
          seen.push(context);
          return x;
        },
      });
    const context = inferenceContext();
    const outer = module({ params: { a: leaf(), b: [leaf()] }, apply: ({ a, b }, x: Value) => a(b[0](x)) });
    bind(outer, () => input('none', []), context)(input('x', [2]));
    expect(seen).toEqual([context, context]);
    expect(seen[0]).toBe(context);
  });

  it('does not take a parameter by the name of the context', () => {
    expect(() => module({ params: { context: parameter([1]) }, apply: (_, x: Value) => x })).toThrow(
      /"context"/,
    );
  });

  it('fills parameters with numbers of the initialiser that was asked for', () => {
    const wide = module({
      params: { w: parameter([200, 200], { initial: normal(3) }) },
      apply: ({ w }) => w,
    });
    const values = initialize(wide, 1).get('w')!;
    const variance = values.reduce((sum, v) => sum + v * v, 0) / values.length;
    expect(Math.sqrt(variance)).toBeCloseTo(3, 1);
  });
});
