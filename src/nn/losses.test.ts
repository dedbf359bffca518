import { describe, it } from 'vitest';
import { softplus } from '../graph/library.ts';
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
