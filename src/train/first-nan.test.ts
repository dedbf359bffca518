import { describe, expect, it } from 'vitest';
import * as g from '../graph/library.ts';
import { named, type Value } from '../graph/value.ts';
import { linear } from '../nn/linear.ts';
import { bind, initialize, module } from '../nn/module.ts';
import { firstNotFinite } from './first-nan.ts';
import { fitOptions } from './options.ts';
import { stepProgram } from './step-program.ts';

const net = module({
  params: { first: linear({ in: 2, out: 3 }), second: linear({ in: 3, out: 1 }) },
  apply: ({ first, second }, x: Value) => {
    const hidden = named('middle', () => g.exp(first(x)));
    return second(g.where(g.greater(hidden, 0), hidden, Number.NEGATIVE_INFINITY));
  },
});

function stepOf() {
  const x = g.input('x', ['batch', 2]);
  const initial = initialize(net, 1);
  const definition = {
    inputs: { x },
    loss: (values: Parameters<typeof bind>[1], context: Parameters<typeof bind>[2]) =>
      g.mean(g.square(bind(net, values, context)(x) as Value)),
  };
  const step = stepProgram(definition, initial, fitOptions());
  const state = Object.fromEntries(
    Object.entries(step.state ?? {}).map(([name, { initial: numbers }]) => [name, numbers.slice()]),
  );
  return { step, state };
}

const control = { rate: 1e-3, seed: 0, step: 0 };
const batch = (...numbers: number[]) => ({
  ...control,
  x: { dtype: 'float32' as const, shape: [1, 2], data: Float32Array.from(numbers) },
});

describe('where the loss stops being a number', () => {
  it('is the first layer whose values are not finite', async () => {
    const { step, state } = stepOf();
    state['first.weight'] = state['first.weight']!.fill(1000);
    expect(await firstNotFinite({ step, state, feeds: batch(1, 1) })).toBe('first in middle: exp');
  });

  it('is the input layer where the batch itself holds NaN', async () => {
    const { step, state } = stepOf();
    expect(await firstNotFinite({ step, state, feeds: batch(1, Number.NaN) })).toBe(
      'first in middle.first: matmul',
    );
  });

  it('is the former update where the weights are spoilt already', async () => {
    const { step, state } = stepOf();
    state['second.weight']![1] = Number.POSITIVE_INFINITY;
    expect(await firstNotFinite({ step, state, feeds: batch(1, 1) })).toBe(
      'the update before it had made second.weight infinite or NaN',
    );
  });

  it('is nowhere in a sound step', async () => {
    const { step, state } = stepOf();
    expect(await firstNotFinite({ step, state, feeds: batch(0.1, 0.2) })).toBe('no layer shows it alone');
  });
});
