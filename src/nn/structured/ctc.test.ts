import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradientError } from '../../graph/check.fixture.ts';
import { evaluate } from '../../graph/evaluate.ts';
import { grad } from '../../graph/grad.ts';
import { input, logSoftmax, sum } from '../../graph/library.ts';
import { tensor } from '../../graph/tensor.ts';
import { drawn, type Given, known, lossOf, runtimeError } from '../check.fixture.ts';
import { expectGolden, goldenCases, traceCase } from '../golden.fixture.ts';
import { ctcLoss, ctcLosses } from './ctc-loss.ts';

describe('ctc', () => {
  it.each(goldenCases('structured').filter(({ config }) => config.loss === 'ctc'))(
    '$name: value and gradient are those of PyTorch',
    (golden) => {
      const traced = traceCase(golden, { integers: ['targets', 'target_lengths'] });
      const { logits, targets, lengths, target_lengths } = traced.values;
      const { reduction, blank, zeroImpossible } = golden.config;
      const compute = reduction === 'mean' ? ctcLoss : ctcLosses;
      const loss = compute(logits!, targets!, {
        lengths,
        targetLengths: target_lengths!,
        blank,
        zeroImpossible,
      });
      expectGolden(golden, traced, { loss });
    },
  );

  it('is the sum over all paths that collapse to the labels', () => {
    const collapse = (path: number[]) => path.filter((c, t) => c !== 0 && c !== path[t - 1]).join();
    const paths = (time: number): number[][] =>
      time === 0 ? [[]] : paths(time - 1).flatMap((row) => [0, 1, 2].map((c) => [...row, c]));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 3 }),
        fc.integer({ min: 1, max: 1000 }),
        (time, labels, seed) => {
          const given: Given = new Map();
          const logits = drawn(given, [1, time, 3], seed);
          const targets = known(given, [1, 3], [...labels, -1, -1, -1].slice(0, 3));
          const targetLengths = known(given, [1], [labels.length]);
          const losses = ctcLosses(logits, targets, { targetLengths });
          const [found, logs] = evaluate([losses, logSoftmax(logits)], given);
          const total = paths(time)
            .filter((path) => collapse(path) === labels.join())
            .reduce((s, path) => s + Math.exp(path.reduce((p, c, t) => p + logs!.data[t * 3 + c]!, 0)), 0);
          if (total === 0) expect(found!.data[0]).toBeGreaterThan(1e29);
          else expect(found!.data[0]).toBeCloseTo(-Math.log(total), 9);
        },
      ),
      { numRuns: 60 },
    );
  });

  const example = () => {
    const given: Given = new Map();
    const logits = drawn(given, [4, 5, 3], 1);
    const targets = known(given, [4, 2], [1, 2, 1, 1, 2, -5, 0, 0]);
    const lengths = known(given, [4], [5, 3, 1, 4]);
    const targetLengths = known(given, [4], [2, 2, 1, 0]);
    return { given, logits, losses: ctcLosses(logits, targets, { lengths, targetLengths }) };
  };

  it('has the gradient that central differences give, and runs in ONNX Runtime as in the reference', async () => {
    const { given, logits, losses } = example();
    expect(gradientError(lossOf(losses), [logits], given)).toBeLessThan(1e-7);
    expect(await runtimeError([losses, ...grad(lossOf(losses), [logits])], given)).toBeLessThan(1e-4);
  });

  it('stays finite in float32 over a thousand steps', async () => {
    const given: Given = new Map();
    const logits = drawn(given, [1, 1000, 4], 1);
    const targets = known(given, [1, 3], [1, 2, 3]);
    const targetLengths = known(given, [1], [3]);
    const losses = ctcLosses(logits, targets, { targetLengths });
    expect(await runtimeError([losses, ...grad(sum(losses), [logits])], given)).toBeLessThan(1e-3);
  });

  it('has a huge loss without a gradient for a target that cannot fit, or 0 where asked', () => {
    const given: Given = new Map();
    const logits = drawn(given, [1, 2, 3], 1);
    const targets = known(given, [1, 2], [1, 1]);
    const targetLengths = known(given, [1], [2]);
    const [huge, zero] = [false, true].map((zeroImpossible) =>
      ctcLosses(logits, targets, { targetLengths, zeroImpossible }),
    );
    const [a, b, da, db] = evaluate(
      [huge!, zero!, ...grad(sum(huge!), [logits]), ...grad(sum(zero!), [logits])],
      given,
    );
    expect(a!.data[0]).toBeCloseTo(1e30, -25);
    expect(b!.data[0]).toBe(0);
    expect([...da!.data, ...db!.data].every((x) => x === 0)).toBe(true);
  });

  it('does not see the padding', () => {
    const logits = input('logits', ['batch', 'time', 3]);
    const targets = input('targets', ['batch', 'labels'], 'int32');
    const lengths = input('lengths', ['batch'], 'int32');
    const targetLengths = input('targetLengths', ['batch'], 'int32');
    const losses = ctcLosses(logits, targets, { lengths, targetLengths });
    const [dx] = grad(sum(losses), [logits]);
    const run = (time: number, labels: number, filler: number) => {
      const data = new Float64Array(time * 3).fill(filler);
      data.set([1, 2, -1, 0, 0.5, 0.25, -2, 1, 1]);
      const row = new Float64Array(labels).fill(filler);
      row.set([1]);
      const given: Given = new Map([
        [logits, tensor([1, time, 3], data)],
        [targets, tensor([1, labels], row)],
        [lengths, tensor([1], [3])],
        [targetLengths, tensor([1], [1])],
      ]);
      const [value, gradient] = evaluate([losses, dx!], given);
      return [value!.data[0], ...gradient!.data.slice(0, 9)];
    };
    expect(run(6, 4, 50)).toEqual(run(3, 1, 0));
  });
});
