import { describe, expect, it } from 'vitest';
import { evaluate } from '../graph/evaluate.ts';
import { input, reshape, softplus } from '../graph/library.ts';
import { type Tensor, tensor } from '../graph/tensor.ts';
import type { Value } from '../graph/value.ts';
import { expectGolden, type GoldenCase, goldenCases, traceCase } from './golden.fixture.ts';
import {
  binaryCrossEntropy,
  crossEntropy,
  huber,
  meanAbsoluteError,
  meanSquaredError,
  poisson,
  poissonFromLog,
  softCrossEntropy,
} from './losses.ts';

const regressions: Record<string, (x: Value, y: Value) => Value> = {
  'mean squared error': meanSquaredError,
  'mean absolute error': meanAbsoluteError,
  Huber: huber,
  'Poisson, log rate': poissonFromLog,
  'Poisson, softplus rate': (x, y) => poisson(softplus(x), y),
  'mean squared error, softplus rate': (x, y) => meanSquaredError(softplus(x), y),
};

function lossOf({ name, config }: GoldenCase, v: Record<string, Value>): Value {
  const targets = v.targets!;
  if (name.includes('given distributions')) return softCrossEntropy(v.logits!, targets);
  if (config.loss === 'crossEntropy')
    return crossEntropy(v.logits!, targets, { weights: v.weight, smoothing: config.smoothing ?? 0 });
  if (config.loss === 'binaryCrossEntropy')
    return binaryCrossEntropy(v.logits!, targets, { positiveWeights: v.positiveWeight });
  return regressions[name]!(v.x!, targets);
}

const isPenalty = ({ name }: GoldenCase) => name.endsWith('penalty');
const hasLabels = ({ name, config }: GoldenCase) =>
  config.loss === 'crossEntropy' && !name.includes('given distributions');

describe('losses', () => {
  // Penalties belong to the optimiser and are tested there.
  it.each(goldenCases('losses').filter((golden) => !isPenalty(golden)))(
    '$name: value and gradient are those of PyTorch',
    (golden) => {
      const traced = traceCase(golden, { integers: hasLabels(golden) ? ['targets'] : [] });
      expectGolden(golden, traced, { loss: lossOf(golden, traced.values) });
    },
  );
});

describe('sample weights', () => {
  const logits = input('logits', [3, 2]);
  const labels = input('labels', [3], 'int32');
  const targets = input('targets', [3, 2]);
  const weights = input('weights', [3]);
  const given = (w: number[]) =>
    new Map<Value, Tensor>([
      [logits, tensor([3, 2], [0.5, -1, 2, 0.25, -3, 1])],
      [labels, tensor([3], [0, 1, 1])],
      [targets, tensor([3, 2], [1, 0, 0, 1, 1, 1])],
      [weights, tensor([3], w)],
    ]);
  const rows = reshape(weights, [3, 1]);
  const kinds: [string, Value, Value][] = [
    ['cross entropy', crossEntropy(logits, labels, { sampleWeights: weights }), crossEntropy(logits, labels)],
    [
      'binary cross entropy',
      binaryCrossEntropy(logits, targets, { sampleWeights: rows }),
      binaryCrossEntropy(logits, targets),
    ],
    [
      'squared error',
      meanSquaredError(logits, targets, { sampleWeights: rows }),
      meanSquaredError(logits, targets),
    ],
    ['huber', huber(logits, targets, { sampleWeights: rows }), huber(logits, targets)],
  ];
  const at = (loss: Value, w: number[]) => evaluate([loss], given(w))[0]!.data[0]!;

  it.each(kinds)(
    '%s: equal weights are the plain mean, and the mean is over what has weight',
    (_, weighted, plain) => {
      expect(at(weighted, [3, 3, 3])).toBeCloseTo(at(plain, []), 12);
      const [a, b, c] = [at(weighted, [1, 0, 0]), at(weighted, [0, 1, 0]), at(weighted, [0, 0, 1])];
      expect(at(weighted, [2, 0, 1])).toBeCloseTo((2 * a + c) / 3, 12);
      expect(at(plain, [])).toBeCloseTo((a + b + c) / 3, 12);
      expect(at(weighted, [0, 0, 0])).toBe(0);
    },
  );
});
