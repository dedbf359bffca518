import { describe, expect, it } from 'vitest';
import { gradientError } from '../../../graph/check.fixture.ts';
import { evaluate } from '../../../graph/evaluate.ts';
import { input } from '../../../graph/library.ts';
import { tensor } from '../../../graph/tensor.ts';
import type { Value } from '../../../graph/value.ts';
import { exampleForecaster } from '../../../models/forecaster/forecaster.fixture.ts';
import { openWindowRunner } from '../../../models/forecaster/runner.ts';
import { drawn, type Given } from '../../../nn/check.fixture.ts';
import { expectGolden, goldenCases, traceCase } from '../../../nn/golden.fixture.ts';
import { gaussianNegativeLogLikelihood, pinball } from '../../../nn/losses.ts';
import { compile } from '../../../runtime/compile.ts';
import { fitOptions } from '../../options.ts';
import { stepProgram } from '../../step-program.ts';
import { seasonal, seriesOf } from './forecast.fixture.ts';
import { knownCount, windowFeed, windowLoss } from './loss.ts';
import { scaledValues, wholePart } from './series.ts';
import { meanLoss } from './train.ts';
import { forecastOrigins, windowBefore } from './windows.ts';

describe('losses of forecasts', () => {
  it.each(goldenCases('forecast/losses'))('$name: value and gradient are those of PyTorch', (golden) => {
    const traced = traceCase(golden);
    const v = traced.values;
    const loss =
      golden.config.loss === 'pinball'
        ? pinball(v.x!, v.targets!, golden.config.levels, { sampleWeights: v.weights })
        : gaussianNegativeLogLikelihood(v.mean!, v.deviation!, v.targets!);
    expectGolden(golden, traced, { loss });
  });

  it('have gradients as finite differences tell', () => {
    const given: Given = new Map();
    const [x, y, mean] = [drawn(given, [2, 3, 2], 1), drawn(given, [2, 3], 2), drawn(given, [2, 3], 3)];
    const deviation = input('deviation', [2, 3]);
    given.set(deviation, tensor([2, 3], [0.5, 1, 2, 0.7, 3, 0.9]));
    expect(gradientError(pinball(x, y, [0.2, 0.7]), [x, y], given)).toBeLessThan(1e-6);
    const likelihood = gaussianNegativeLogLikelihood(mean, deviation, y);
    expect(gradientError(likelihood, [mean, deviation, y], given)).toBeLessThan(1e-6);
  });

  it('pinball is least at the quantile of the truth', () => {
    const truth = Array.from({ length: 99 }, (_, i) => i + 1);
    const x = input('x', [99, 1]);
    const y = input('y', [99]);
    const at = (q: number) =>
      evaluate(
        [pinball(x, y, [0.3])],
        new Map<Value, ReturnType<typeof tensor>>([
          [x, tensor([99, 1], new Float64Array(99).fill(q))],
          [y, tensor([99], truth)],
        ]),
      )[0]!.data[0]!;
    const all = truth.map(at);
    expect(truth[all.indexOf(Math.min(...all))]).toBe(30);
  });

  it.each(['quantiles', 'gaussian'] as const)(
    'the step of a %s forecaster has the loss that judging the same windows gives; order and batches change nothing',
    async (kind) => {
      const values = seasonal(40).map((y, t) => (t % 7 === 3 ? Number.NaN : y));
      const data = seriesOf(values, seasonal(25, { seed: 2 }));
      const { spec, weights } = exampleForecaster({
        ...{ targets: ['y'], mean: [1], deviation: [2] },
        output: { kind, levels: [0.1, 0.5, 0.8] },
        config: { hidden: 4, dropout: 0 },
      });
      const scaled = scaledValues(data, spec);
      const origins = forecastOrigins(wholePart(data), spec);
      const program = await compile(
        stepProgram(windowLoss(spec), new Map(weights), fitOptions({ optimizer: 'sgd' })),
      );
      let [sum, count, step] = [0, 0, 0];
      for (const batch of [origins.slice(20).reverse(), origins.slice(0, 20)]) {
        const feeds = { ...windowFeed(scaled, batch, spec), rate: 0, seed: 1, step: step++ };
        const { loss } = await program.run(feeds);
        sum += loss!.data[0]! * knownCount(scaled, batch, spec);
        count += knownCount(scaled, batch, spec);
      }
      await program.release();
      const runner = await openWindowRunner(spec, weights);
      const windows = origins.map((o) =>
        windowBefore(scaled[o.series]!, o.origin, { context: spec.context, width: 1 }),
      );
      const judged = meanLoss(spec, scaled, origins, await runner.run(windows));
      await runner.close();
      expect(count).toBeGreaterThan(100);
      expect(sum / count).toBeCloseTo(judged, 4);
    },
  );
});
