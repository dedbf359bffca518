import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../graph/evaluate.ts';
import { input } from '../../graph/library.ts';
import { tensor } from '../../graph/tensor.ts';
import type { Value } from '../../graph/value.ts';
import { directionError, drawn, type Given, known, lossOf, runtimeError } from '../../nn/check.fixture.ts';
import { inferenceContext } from '../../nn/context.ts';
import { bind } from '../../nn/module.ts';
import { compile } from '../../runtime/compile.ts';
import { exampleForecaster, smallForecasters } from './forecaster.fixture.ts';
import { windowNetwork } from './network.ts';
import { risingQuantiles } from './quantiles.ts';
import { openFrameRunner, openWindowRunner, type Window } from './runner.ts';
import type { ForecasterSpec } from './spec.ts';

describe('quantiles', () => {
  it('never cross, whatever the raw numbers are, on the runtime in float32', async () => {
    const levels = [0.05, 0.2, 0.5, 0.6, 0.95];
    const raw = input('raw', ['n', 5]);
    const program = await compile({ inputs: { raw }, outputs: { found: risingQuantiles(raw, levels) } });
    const wild = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(wild, wild, wild, wild, wild), { minLength: 1 }), async (rows) => {
        const data = Float32Array.from(rows.flat());
        const { found } = await program.run({ raw: { dtype: 'float32', shape: [rows.length, 5], data } });
        for (let i = 0; i < data.length; i++)
          if (i % 5 > 0) expect(found!.data[i]).toBeGreaterThanOrEqual(found!.data[i - 1]!);
        rows.forEach((_, i) => {
          expect(found!.data[5 * i + 2]).toBe(data[5 * i + 2]);
        });
      }),
      { numRuns: 50 },
    );
    await program.release();
  });

  it('stand a softplus apart, counted from the median', () => {
    const raw = input('raw', [3]);
    const [found] = evaluate(
      [risingQuantiles(raw, [0.1, 0.5, 0.9])],
      new Map([[raw, tensor([3], [1, 7, -2])]]),
    );
    const softplus = (x: number) => Math.log1p(Math.exp(x));
    expect(Array.from(found!.data)).toEqual([7 - softplus(1), 7, 7 + softplus(-2)]);
  });
});

/** A window network traced over given numbers, its weights among `given`. */
function traced(spec: ForecasterSpec, weights: ReadonlyMap<string, Float32Array>) {
  const given: Given = new Map();
  const parameters = new Map<string, Value>();
  const model = bind(
    windowNetwork(spec),
    (path, { shape }) => {
      const value = input(path, shape);
      given.set(value, tensor(shape, Float64Array.from(weights.get(path)!)));
      parameters.set(path, value);
      return value;
    },
    inferenceContext(),
  );
  return { given, parameters, model };
}

const outputs: Record<string, ForecasterSpec['output']> = {
  quantiles: { kind: 'quantiles', levels: [0.1, 0.5, 0.9] },
  gaussian: { kind: 'gaussian', levels: [0.5] },
};
const cases = Object.keys(smallForecasters).flatMap((architecture) =>
  Object.keys(outputs).flatMap((output) =>
    ['none', 'shift', 'standardise'].map((window) => ({ architecture, output, window })),
  ),
);

describe.each(cases)('$architecture, $output, window $window', ({ architecture, output, window }) => {
  const config = { ...smallForecasters[architecture], window };
  const { spec, weights } = exampleForecaster({ architecture, config, output: outputs[output]! });
  const size = 2 * spec.context * 2;
  const seenData = Array.from({ length: size }, (_, i) => (i % 5 === 3 ? 0 : 1));

  it('has gradients as finite differences tell, and the same numbers on ONNX Runtime', async () => {
    const { given, parameters, model } = traced(spec, weights);
    const values = drawn(given, [2, spec.context, 2], 4);
    const seen = known(given, [2, spec.context, 2], seenData, { dtype: 'float32' });
    const found = Object.values(model(values, seen)) as Value[];
    expect(directionError(lossOf(...found), [...parameters.values()], given)).toBeLessThan(1e-6);
    expect(await runtimeError(found, given)).toBeLessThan(1e-4);
  });
});

const windowOf = (spec: ForecasterSpec, f: (t: number, k: number) => number): Window => {
  const values = Float32Array.from({ length: spec.context * 2 }, (_, i) => f(i >> 1, i % 2));
  return { values, seen: values.map((x) => (Number.isNaN(x) ? 0 : 1)) };
};

describe('a window', () => {
  it('is answered alike alone and among others, and what is not seen never counts', async () => {
    const { spec, weights } = exampleForecaster();
    const runner = await openWindowRunner(spec, weights);
    const windows = [1, 2, 3].map((s) =>
      windowOf(spec, (t, k) => (t === 2 && k === 0 ? Number.NaN : Math.sin(s * t + k))),
    );
    const together = await runner.run(windows);
    for (const [i, window] of windows.entries()) {
      const filled = { ...window, values: window.values.map((x) => (Number.isNaN(x) ? 1e6 : x)) };
      const [alone] = await runner.run([window]);
      const [other] = await runner.run([filled]);
      expect(Array.from(alone!)).toEqual(Array.from(other!));
      alone!.forEach((x, j) => {
        expect(x).toBeCloseTo(together[i]![j]!, 5);
      });
    }
    await runner.close();
  });

  it.each(['shift', 'standardise'])(
    'read with %s: a higher level is answered by a higher forecast',
    async (window) => {
      const { spec, weights } = exampleForecaster({ config: { ...smallForecasters.lstm, window } });
      const runner = await openWindowRunner(spec, weights);
      const [base, moved, wider] = await runner.run([
        windowOf(spec, (t, k) => Math.sin(2 * t + k)),
        windowOf(spec, (t, k) => Math.sin(2 * t + k) + 5),
        windowOf(spec, (t, k) => 100 * Math.sin(2 * t + k)),
      ]);
      await runner.close();
      base!.forEach((x, i) => {
        expect(moved![i]).toBeCloseTo(x + 5, 4);
        if (window === 'standardise') expect(wider![i]! / 100).toBeCloseTo(x, 2);
      });
    },
  );
});

describe('frames', () => {
  it.each(Object.keys(smallForecasters))(
    '%s: padding and what follows change nothing',
    async (architecture) => {
      const config = smallForecasters[architecture]!;
      const { spec, weights } = exampleForecaster({
        architecture,
        config,
        output: { kind: 'binary' },
        horizon: 1,
      });
      const runner = await openFrameRunner(spec, weights);
      const row = (n: number, seed: number) =>
        Float32Array.from({ length: 2 * n }, (_, i) => (i < 2 ? 0 : (i * seed) % 3 === 0 ? 1 : 0));
      const long = row(9, 2);
      const [whole, short, other] = await runner.run([long, long.slice(0, 8), row(5, 5)]);
      expect(short).toHaveLength(8);
      short!.forEach((x, i) => {
        expect(x).toBeCloseTo(whole![i]!, 5);
      });
      const [alone] = await runner.run([row(5, 5)]);
      alone!.forEach((x, i) => {
        expect(x).toBeCloseTo(other![i]!, 5);
      });
      await runner.close();
    },
  );
});
