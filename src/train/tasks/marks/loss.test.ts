import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../graph/evaluate.ts';
import { input } from '../../../graph/library.ts';
import { tensor } from '../../../graph/tensor.ts';
import type { Value } from '../../../graph/value.ts';
import { marksNetwork } from '../../../models/marks/network.ts';
import { openMarksRunner } from '../../../models/marks/runner.ts';
import { inferenceContext } from '../../../nn/context.ts';
import { type AnyModule, initialize } from '../../../nn/module.ts';
import { marksSpec } from './definition.ts';
import { lossOfPredictions, lossRanges, type MarkedPiece, markedFeed, marksLoss } from './loss.ts';
import { near, plantedData } from './marks.fixture.ts';

const data = plantedData(
  [30, 23],
  [
    { name: 'K4', kind: 'binary' },
    { name: 'K27', kind: 'signal' },
  ],
  (bins, at) => [
    at % 7 === 3 ? Number.NaN : Number(near(bins, at, 1)),
    at % 5 === 0 ? Number.NaN : bins[at]!.track,
  ],
);
const config = { hidden: 3, motifs: 4, motifWidth: 3 };

const pieces: MarkedPiece[] = [
  { stretch: data.stretches[0]!, window: { start: 0, end: 12, from: 0, to: 10 } },
  { stretch: data.stretches[0]!, window: { start: 8, end: 30, from: 10, to: 28 }, reverse: true },
  { stretch: data.stretches[1]!, window: { start: 2, end: 9, from: 4, to: 9 } },
];

/** The loss that the step computes, by the reference evaluator. */
function stepLoss(balanced: boolean) {
  const spec = marksSpec(data, { architecture: 'bilstm', config, core: 10, flank: 2, balanced });
  const ranges = lossRanges(data, spec);
  const weights = new Map(
    [...initialize(marksNetwork(spec) as unknown as AnyModule, 5)].map(([path, w]) => [
      path,
      w.map((x, i) => 1.5 * x + 0.2 * Math.sin(5 * i)),
    ]),
  );
  const { inputs, loss } = marksLoss(spec, ranges);
  const given = new Map<Value, ReturnType<typeof tensor>>();
  const found = loss((path, { shape }) => {
    const value = input(path, shape);
    given.set(value, tensor(shape, Float64Array.from(weights.get(path)!)));
    return value;
  }, inferenceContext() as never) as Value;
  const feeds = markedFeed(spec, pieces);
  for (const [name, value] of Object.entries(inputs)) {
    const { shape, data: numbers } = feeds[name]!;
    given.set(value, tensor(shape, Float64Array.from(numbers as Float32Array)));
  }
  return { spec, ranges, weights, value: evaluate([found], given)[0]!.data[0]! };
}

describe('the loss of marks', () => {
  it.each([false, true])(
    'is that of the predictions of bins that are known and answered, mark by mark; balanced %s',
    async (balanced) => {
      const { spec, weights, value } = stepLoss(balanced);
      const runner = await openMarksRunner(spec, weights);
      const found = await runner.windows(pieces);
      await runner.close();
      const [binary, signal] = spec.marks;
      if (binary!.kind !== 'binary' || signal!.kind !== 'signal') throw new Error('marks of other kinds');
      const sums = [0, 1].map((m) => {
        let [sum, count] = [0, 0];
        pieces.forEach(({ stretch, window: { from, to } }, p) => {
          for (let t = from; t < to; t++) {
            const y = stretch.truth[t * 2 + m]!;
            if (Number.isNaN(y)) continue;
            count++;
            const told = found[p]![(t - from) * 2 + m]!;
            if (m === 1) {
              const [rate, truth] = [told / signal!.mean, y / signal!.mean];
              sum += rate - truth * Math.log(rate);
              continue;
            }
            // What is told is corrected for the weight; the loss is that of what was not.
            const odds = (told / (1 - told)) * binary!.weight;
            const p1 = odds / (1 + odds);
            sum += y === 1 ? -binary!.weight * Math.log(p1) : -Math.log(1 - p1);
          }
        });
        return sum / count;
      });
      const { share, weight } = binary!;
      const q = (weight * share) / (weight * share + 1 - share);
      const entropy = -weight * share * Math.log(q) - (1 - share) * Math.log(1 - q);
      const known = data.stretches.flatMap(({ truth }) =>
        Array.from(truth).filter((x, i) => i % 2 === 1 && !Number.isNaN(x)),
      );
      const all = known.reduce((sum, x) => {
        const y = x / signal!.mean;
        return sum + (y === 0 ? 0 : y - y * Math.log(y)) / known.length;
      }, 0);
      expect(value).toBeCloseTo((sums[0]! / entropy + (sums[1]! - all) / (1 - all)) / 2, 4);
    },
  );

  it('is 1 of what knows the shares alone, and 0 of what knows all', () => {
    const { spec, ranges } = stepLoss(false);
    const constant = data.stretches.map(({ bins }) =>
      Float32Array.from({ length: 2 * bins }, (_, i) => {
        const mark = spec.marks[i % 2]!;
        return mark.kind === 'binary' ? mark.share : mark.mean;
      }),
    );
    expect(lossOfPredictions(spec, ranges, data.stretches, constant)).toBeCloseTo(1, 5);
    const perfect = data.stretches.map(({ truth }) => truth.map((x) => (Number.isNaN(x) ? 0.5 : x)));
    expect(lossOfPredictions(spec, ranges, data.stretches, perfect)).toBeCloseTo(0, 4);
  });
});
