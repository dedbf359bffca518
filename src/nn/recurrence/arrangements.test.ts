import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../graph/evaluate.ts';
import { grad } from '../../graph/grad.ts';
import { concat, slice } from '../../graph/library.ts';
import { tensor } from '../../graph/tensor.ts';
import type { Value } from '../../graph/value.ts';
import { elmanCell, gruCell, lstmCell, type State } from '../cells.ts';
import {
  bound,
  directionError,
  disagreement,
  drawn,
  type Given,
  known,
  lossOf,
  runtimeError,
} from '../check.fixture.ts';
import { inferenceContext, trainingContext } from '../context.ts';
import { bind } from '../module.ts';
import { recurrent } from '../recurrent.ts';
import { circularRecurrent, randomRotation, rotate } from './circular.ts';
import { dilatedRecurrent } from './dilated.ts';
import { hierarchicalRecurrent } from './hierarchical.ts';
import { classState, encodedState, learnedState } from './initial-state.ts';

describe('hierarchical recurrence', () => {
  const options = { in: 2, hidden: 3, window: 3, upper: 2 };

  it('reads each window on its own, and the windows’ last states in order', () => {
    const given: Given = new Map();
    const { model, parameters } = bound(hierarchicalRecurrent(gruCell(), options), given);
    const at = (level: string) => (path: string) => parameters.get(`${level}.${path}`)!;
    const lower = bind(recurrent(gruCell(), { in: 2, hidden: 3 }), at('lower'), inferenceContext());
    const upper = bind(recurrent(gruCell(), { in: 3, hidden: 2 }), at('upper'), inferenceContext());
    const x = drawn(given, [7, 2, 2], 1);
    const parts = [0, 3, 6].map((t) => lower(slice(x, 0, t, Math.min(t + 3, 7))));
    const tops = concat(
      parts.map(({ output }) => slice(output, 0, (output.shape[0] as number) - 1)),
      0,
    );
    const { output, windows, lengths } = model(x);
    const written = concat(
      parts.map((part) => part.output),
      0,
    );
    expect(disagreement(written, output, [x], given)).toBeLessThan(1e-12);
    expect(disagreement(upper(tops).output, windows.output, [x], given)).toBeLessThan(1e-12);
    expect([...evaluate([lengths], given)[0]!.data]).toEqual([3, 3]);
  });

  it('does not see the padding, has the right gradient, and runs in ONNX Runtime', async () => {
    const given: Given = new Map();
    const layer = hierarchicalRecurrent(lstmCell(), { ...options, bidirectional: true });
    const { model, parameters } = bound(layer, given);
    const x = drawn(given, [7, 2, 2], 1);
    const { windows, output } = model(x, { lengths: known(given, [2], [7, 2]) });
    const loss = lossOf(output, windows.output, ...windows.final.flat());
    const targets = [x, ...parameters.values()];
    expect(directionError(loss, targets, given)).toBeLessThan(1e-6);
    expect(await runtimeError([loss, ...grad(loss, targets)], given)).toBeLessThan(1e-4);
    const before = evaluate([loss], given)[0]!.data[0];
    const data = given.get(x)!.data.map((v, i) => (Math.floor(i / 4) >= 2 && i % 4 >= 2 ? 99 : v));
    expect(evaluate([loss], new Map([...given, [x, tensor([7, 2, 2], data)]]))[0]!.data[0]).toBe(before);
  });

  it('refuses a window of nothing', () => {
    expect(() => hierarchicalRecurrent(gruCell(), { in: 1, hidden: 1, window: 0 })).toThrow(/received 0/);
  });
});

describe('dilated recurrence', () => {
  it('with dilations of 1 = a stack of layers', () => {
    const given: Given = new Map();
    const { model, parameters } = bound(
      dilatedRecurrent(lstmCell(), { in: 2, hidden: 3, dilations: [1, 1] }),
      given,
    );
    const paths = [...parameters.keys()];
    const stack = recurrent(lstmCell(), { in: 2, hidden: 3, layers: 2 });
    const plain = bind(
      stack,
      (path) => {
        const [, layer, , name] = path.split('.');
        return parameters.get(paths.find((p) => p.startsWith(`layers.${layer}.`) && p.endsWith(name!))!)!;
      },
      inferenceContext(),
    );
    const x = drawn(given, [5, 2, 2], 1);
    const lengths = known(given, [2], [5, 2]);
    expect(disagreement(plain(x, { lengths }).output, model(x, { lengths }), [x], given)).toBeLessThan(1e-12);
  });

  it('has one graph for all lengths and runs in ONNX Runtime', async () => {
    for (const time of [1, 4, 9]) {
      const given: Given = new Map();
      const { model } = bound(dilatedRecurrent(gruCell(), { in: 2, hidden: 3, dilations: [1, 4] }), given);
      const data = Array.from({ length: time * 4 }, (_, i) => Math.sin(i));
      const x = known(given, [time, 2, 2], data, { dtype: 'float32', dims: ['time', 'batch', 2] });
      const lengths = known(given, [2], [time, 1], { dims: ['batch'] });
      expect(await runtimeError([model(x, { lengths })], given)).toBeLessThan(1e-4);
    }
  });

  it('refuses dilations below 1', () => {
    expect(() => dilatedRecurrent(elmanCell(), { in: 1, hidden: 1, dilations: [1, 0] })).toThrow(
      /received \[1, 0\]/,
    );
  });
});

describe('circular recurrence', () => {
  it('= the second copy of the doubled sequence', () => {
    const given: Given = new Map();
    const { model, parameters } = bound(circularRecurrent(lstmCell(), { in: 2, hidden: 3 }), given);
    const plain = bind(
      recurrent(lstmCell(), { in: 2, hidden: 3 }),
      (path) => parameters.get(`inner.${path}`)!,
      inferenceContext(),
    );
    const x = drawn(given, [5, 2, 2], 1);
    const doubled = slice(plain(concat([x, x], 0)).output, 0, 5);
    expect(disagreement(doubled, model(x).output, [x], given)).toBeLessThan(1e-12);
  });

  it('depends less on where the circle was cut than one pass does, and ever less with more', () => {
    const errorOf = (passes: number) => {
      const given: Given = new Map();
      const layer = circularRecurrent(gruCell(), { in: 2, hidden: 4, bidirectional: true, passes });
      const { model } = bound(layer, given);
      const x = drawn(given, [9, 2, 2], 1);
      const [lengths, shifts] = [known(given, [2], [9, 6]), known(given, [2], [4, 5])];
      const turn = (v: Value) => rotate(v, shifts, { lengths, timeAxis: 0 });
      const [a, b] = evaluate(
        [turn(model(x, { lengths }).output), model(turn(x), { lengths }).output],
        given,
      );
      return a!.data.reduce((worst, v, i) => Math.max(worst, Math.abs(v - b!.data[i]!)), 0);
    };
    const [one, two, four] = [1, 2, 4].map(errorOf) as [number, number, number];
    expect(two).toBeLessThan(one / 3);
    expect(four).toBeLessThan(two / 3);
  });
});

describe('rotation', () => {
  it('turns each sequence within its own length, wherever time stands', () => {
    const shape = fc.record({
      lengths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
      seed: fc.nat(99),
    });
    fc.assert(
      fc.property(shape, fc.constantFrom(0 as const, 1 as const), ({ lengths, seed }, timeAxis) => {
        const batch = lengths.length;
        const shifts = lengths.map((n, b) => (seed + b) % n);
        const row = (b: number, t: number) => 10 * b + t;
        const at = (f: (b: number, t: number) => number) =>
          timeAxis === 1
            ? lengths.flatMap((_, b) => Array.from({ length: 6 }, (__, t) => f(b, t)))
            : Array.from({ length: 6 }, (_, t) => lengths.map((__, b) => f(b, t))).flat();
        const given: Given = new Map();
        const x = known(given, timeAxis === 1 ? [batch, 6] : [6, batch], at(row));
        const turned = rotate(x, known(given, [batch], shifts), {
          lengths: known(given, [batch], lengths),
          timeAxis,
        });
        const expected = at((b, t) => row(b, t < lengths[b]! ? (t + shifts[b]!) % lengths[b]! : t));
        expect([...evaluate([turned], given)[0]!.data]).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('is random in training, the same for all that is given, and absent in prediction', () => {
    const given: Given = new Map();
    const random = { seed: known(given, [], [1]), step: known(given, [], [2]) };
    const tokens = known(
      given,
      [3, 5],
      Array.from({ length: 15 }, (_, i) => i),
    );
    const lengths = known(given, [3], [5, 5, 3]);
    const apply = (context = inferenceContext()) =>
      bind(randomRotation(), () => tokens, context)([tokens, tokens], lengths);
    expect(apply()).toEqual([tokens, tokens]);
    const [a, b] = evaluate(apply(trainingContext(random)), given);
    expect(a!.data).toEqual(b!.data);
    expect([...a!.data]).not.toEqual(Array.from({ length: 15 }, (_, i) => i));
    expect([...a!.data].sort((p, q) => p - q)).toEqual(Array.from({ length: 15 }, (_, i) => i));
  });
});

describe('initial states', () => {
  const size = { hidden: 3, states: 2, count: 2 };
  type Start = { states: readonly State[]; parameters: Map<string, Value> };
  const kinds: Record<string, (given: Given) => Start> = {
    learned(given) {
      const { model, parameters } = bound(learnedState(size), given);
      return { states: model(2), parameters };
    },
    'looked up by class'(given) {
      const { model, parameters } = bound(classState({ ...size, classes: 4 }), given);
      return { states: model(known(given, [2], [3, 0])), parameters };
    },
    'encoded from a vector'(given) {
      const { model, parameters } = bound(encodedState({ ...size, in: 3 }), given);
      return { states: model(drawn(given, [2, 3], 9)), parameters };
    },
  };

  it.each(Object.entries(kinds))('%s reach the layers, with their gradient', async (_, make) => {
    const given: Given = new Map();
    const { states, parameters } = make(given);
    const { model } = bound(recurrent(lstmCell(), { in: 2, hidden: 3, layers: 2 }), given);
    const { output } = model(drawn(given, [2, 2, 2], 1), { initial: states });
    const targets = [...parameters.values()];
    const loss = lossOf(output);
    expect(directionError(loss, targets, given)).toBeLessThan(1e-6);
    const gradients = grad(loss, targets);
    expect(evaluate(gradients, given)[0]!.data.some((v) => v !== 0)).toBe(true);
    expect(await runtimeError([output, ...gradients], given)).toBeLessThan(1e-4);
  });

  it('of a class are those of its row, one state after the other', () => {
    const given: Given = new Map();
    const { model, parameters } = bound(classState({ ...size, classes: 4 }), given);
    const states = model(known(given, [2], [3, 0]));
    expect(states.map((state) => state.length)).toEqual([2, 2]);
    const [second] = evaluate([states[1]![0]!], given);
    const table = given.get(parameters.get('states')!)!.data;
    expect([...second!.data]).toEqual([...table.slice(3 * 12 + 6, 3 * 12 + 9), ...table.slice(6, 9)]);
  });
});
