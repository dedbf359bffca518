import { describe, expect, it } from 'vitest';
import { exampleTensor, gradientError, weightedSum } from './check.fixture.ts';
import { grad } from './grad.ts';
import * as g from './library.ts';
import { ops } from './ops/table.ts';
import type { Value } from './value.ts';

const sizes = (shape: readonly (number | string)[]) => shape as number[];

function instance(name: string, which: number) {
  const example = ops[name as keyof typeof ops].examples[which]!;
  const drawn = example.inputs.map((spec, i) => exampleTensor(spec, 10 * which + i + 1));
  const inputs = drawn.map(({ value, dtype }, i) => g.input(`x${i}`, value.shape, dtype));
  const outputs = g.apply(name, inputs, example.attrs);
  const given = new Map(inputs.map((v, i) => [v, drawn[i]!.value]));
  return { inputs, outputs, given, floats: inputs.filter((v) => v.dtype === 'float32') };
}

describe.each(Object.entries(ops).filter(([, op]) => op.gradient && op.examples.length > 0))(
  'the gradient of %s',
  (name, op) => {
    it.each(op.examples.map((_, i) => i))('equals central differences (example %i)', (which) => {
      const { outputs, given, floats } = instance(name, which);
      if (floats.length === 0) return expect(name).toBe('cast');
      expect(gradientError(weightedSum(outputs, sizes), floats, given)).toBeLessThan(1e-7);
    });

    it.each(op.examples.map((_, i) => i))('can be differentiated again (example %i)', (which) => {
      const { outputs, given, floats } = instance(name, which);
      if (floats.length === 0) return expect(name).toBe('cast');
      const loss = weightedSum(
        outputs.map((v) => (v.dtype === 'float32' ? g.square(v) : v)),
        sizes,
      );
      const first = grad(loss, floats);
      expect(gradientError(weightedSum(first, sizes), floats, given)).toBeLessThan(1e-5);
    });
  },
);

describe('grad', () => {
  it('adds up the gradients of a value that is used twice', () => {
    const x = g.input('x', [3]);
    const given = new Map([[x, exampleTensor([3], 5).value]]);
    expect(gradientError(g.sum(g.mul(x, g.exp(x))), [x], given)).toBeLessThan(1e-8);
  });

  it('is zero for a value that the loss does not depend on', () => {
    const x = g.input('x', [2]);
    const unused = g.input('unused', [2]);
    const [d] = grad(g.sum(x), [unused]) as [Value];
    expect(d.shape).toEqual([2]);
  });

  it('does not flow through stopGradient', () => {
    const x = g.input('x', [2]);
    const given = new Map([[x, exampleTensor([2], 5).value]]);
    // d/dx Σ x·stop(x) = stop(x), whereas central differences see 2x: half of the gradient is missing on purpose.
    expect(gradientError(g.sum(g.mul(x, g.stopGradient(x))), [x], given)).toBeGreaterThan(0.1);
  });

  it('refuses to differentiate anything but a scalar', () => {
    const x = g.input('x', [2]);
    expect(() => grad(x, [x])).toThrow(
      'grad: expected a float32 scalar to differentiate, received float32[2].',
    );
  });
});
