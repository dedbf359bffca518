import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { input } from '../../graph/library.ts';
import { tensor } from '../../graph/tensor.ts';
import type { Value } from '../../graph/value.ts';
import { directionError, drawn, type Given, known, lossOf, runtimeError } from '../../nn/check.fixture.ts';
import { inferenceContext } from '../../nn/context.ts';
import { bind } from '../../nn/module.ts';
import { transcriberArchitectures } from './architectures.ts';
import { stepsOf } from './front.ts';
import { transcriberNetwork } from './network.ts';
import { openTranscriberRunner } from './runner.ts';
import { stepsNeeded } from './spec.ts';
import { toyInput, toyTranscriber, variants } from './transcriber.fixture.ts';

it('every architecture has a variant here', () => {
  const tried = Object.values(variants).map(({ architecture }) => architecture);
  expect([...new Set(tried)].sort()).toEqual(Object.keys(transcriberArchitectures).sort());
});

it.each([
  [[], 0],
  [[4], 1],
  [[1, 2, 1], 3],
  [[1, 1, 2, 2, 2], 8],
])('%j needs %i steps', (tokens, steps) => {
  expect(stepsNeeded(tokens)).toBe(steps);
});

describe.each(Object.keys(variants))('%s', (name) => {
  const { spec, weights } = toyTranscriber(name);
  const { stride, classes, network } = transcriberNetwork(spec);

  it('has gradients as finite differences tell, and the same numbers on ONNX Runtime', async () => {
    const given: Given = new Map();
    const parameters: Value[] = [];
    const model = bind(
      network,
      (path, { shape }) => {
        const value = input(path, shape);
        given.set(value, tensor(shape, Float64Array.from(weights.get(path)!)));
        parameters.push(value);
        return value;
      },
      inferenceContext(),
    );
    const read =
      spec.input.kind === 'frames'
        ? { frames: drawn(given, [2, 7, 2], 5) }
        : { symbols: known(given, [2, 7], [0, 3, 1, 1, 2, 0, 3, 2, 2, 1, 0, 0, 0, 0]) };
    const { logits, steps } = model({ ...read, lengths: known(given, [2], [7, 4]) });
    expect(directionError(lossOf(logits), parameters, given)).toBeLessThan(1e-5);
    expect(await runtimeError([logits, steps], given)).toBeLessThan(1e-4);
  });

  it('reads a record alike alone and among others of any length, in any order, and has ⌈places / stride⌉ steps', async () => {
    const runner = await openTranscriberRunner(spec, weights);
    expect(runner.stride).toBe(stride);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 23 }), { minLength: 2, maxLength: 6 }),
        async (lengths) => {
          const records = lengths.map((places, i) => toyInput(spec, places, i));
          const together = await runner.run(records);
          const turned = (await runner.run([...records].reverse())).reverse();
          for (const [i, places] of lengths.entries()) {
            const [alone] = await runner.run([records[i]!]);
            expect(together[i]!.steps).toBe(stepsOf(places, stride));
            expect(together[i]!.logs).toHaveLength(stepsOf(places, stride) * classes);
            together[i]!.logs.forEach((log, k) => {
              expect(log).toBeCloseTo(alone!.logs[k]!, 4);
              expect(log).toBeCloseTo(turned[i]!.logs[k]!, 4);
            });
          }
        },
      ),
      { numRuns: 10 },
    );
    await runner.close();
  });
});

it('lists of convolutions must be of one length', () => {
  const { spec } = toyTranscriber('cnn-bilstm with strides');
  const config = { ...spec.config, strides: [2] };
  expect(() => transcriberNetwork({ ...spec, config })).toThrow('received 2, 2 and 1 entries');
});

it('an lstm knows of nothing that is still to come', async () => {
  const { spec, weights } = toyTranscriber('gru');
  const runner = await openTranscriberRunner(spec, weights);
  const whole = toyInput(spec, 9, 1);
  const [all, begun] = await runner.run([whole, whole.slice(0, 10)]);
  begun!.logs.forEach((log, k) => {
    expect(log).toBeCloseTo(all!.logs[k]!, 5);
  });
  await runner.close();
});
