import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleForecaster } from '../../../models/forecaster/forecaster.fixture.ts';
import { openFrameRunner } from '../../../models/forecaster/runner.ts';
import { compile } from '../../../runtime/compile.ts';
import { fitOptions } from '../../options.ts';
import { stepProgram } from '../../step-program.ts';
import { seriesOf } from './forecast.fixture.ts';
import { assessFrames, frameBaselines } from './frame-metrics.ts';
import { frameLogits, frameNats, judgedPieces, trainingPieces } from './frames.ts';
import { type FramePiece, frameFeed, frameLoss } from './loss.ts';
import type { SeriesData, SeriesPart } from './series.ts';

/** Two binary targets from rows of both. */
const rolls = (...lists: readonly (readonly number[])[]): SeriesPart => {
  const plain = seriesOf(...lists);
  const data: SeriesData = {
    ...plain,
    targets: ['a', 'b'],
    series: plain.series.map((own) => ({ ...own, length: own.values.length / 2 })),
  };
  return { data, spans: data.series.map(({ length }, series) => ({ series, from: 0, to: length })) };
};
const beats = (steps: number, every: number) =>
  Array.from({ length: steps }, (_, t) => [t % every === 0 ? 1 : 0, t % 2]).flat();

describe('frames', () => {
  it('property: pieces hold every step of a part once, in training and in judging', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(50), fc.integer({ min: 1, max: 9000 })), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 300 }),
        fc.nat(),
        (sizes, context, epoch) => {
          const spans = sizes.map(([from, length], series) => ({ series, from, to: from + length }));
          const part = { data: seriesOf(), spans };
          const whole = (pieces: readonly FramePiece[]) =>
            spans.every(({ series, from, to }) => {
              let at = from;
              for (const piece of pieces) {
                if (piece.series !== series) continue;
                if (piece.from !== at || piece.start > at) return false;
                at = piece.to;
              }
              return at === to;
            });
          expect(whole(trainingPieces(part, context, { seed: 1, epoch }))).toBe(true);
          expect(whole(judgedPieces(part, context))).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('cost −ln of the probability of all their targets', () => {
    const part = rolls([1, 0, 0, 0]);
    const logit = (p: number) => Math.log(p / (1 - p));
    const [nats] = frameNats(part, [[logit(0.8), logit(0.3), logit(0.1), logit(0.5)]]);
    expect(nats![0]).toBeCloseTo(-Math.log(0.8) - Math.log(0.7), 12);
    expect(nats![1]).toBeCloseTo(-Math.log(0.9) - Math.log(0.5), 12);
    expect(frameNats(part, [[800, -800, -800, 800]])[0]![1]).toBe(800);
  });

  it('are measured over all frames, and accuracy leaves out what is silent and called so', () => {
    const part = rolls([1, 0, 0, 1], [0, 0]);
    const { metrics, count } = assessFrames(
      part,
      [
        [5, 5, -5, -5],
        [-5, -5],
      ],
      undefined,
      {
        seed: 1,
        resamples: 0,
      },
    );
    const right = Math.log1p(Math.exp(-5));
    expect(count).toBe(3);
    expect(metrics.nllPerFrame!.value).toBeCloseTo((4 * right + 2 * (5 + right)) / 3, 12);
    expect(metrics.frameAccuracy!.value).toBe(1 / 3);
  });

  it('of simple forecasts are frequencies and chains, counted on the training part', () => {
    const train = rolls([1, 0, 1, 0, 0, 0]);
    const logits = frameBaselines(train, rolls([1, 0, 1, 1]));
    const share = (x: number) => 1 / (1 + Math.exp(-x));
    // Of a: 1, 1, 0 with two added of each kind; of b: never.
    expect(share(logits.frequencies![0]![0]!)).toBeCloseTo(4 / 7, 12);
    expect(share(logits.frequencies![0]![1]!)).toBeCloseTo(2 / 7, 12);
    // After the silence before the series a began; after a 1 it was 1 once and 0 once.
    expect(share(logits['chain of each target']![0]![0]!)).toBeCloseTo(2 / 3, 12);
    expect(share(logits['chain of each target']![0]![2]!)).toBeCloseTo(2 / 4, 12);
  });

  it('have the loss in a step that judging gives, whatever the batches', async () => {
    const { spec, weights } = exampleForecaster({
      ...{ targets: ['a', 'b'], horizon: 1, context: 50 },
      output: { kind: 'binary' },
      config: { hidden: 5, dropout: 0 },
    });
    const part = rolls(beats(9, 3), beats(14, 4), beats(3, 2));
    const values = part.data.series.map((own) => own.values);
    const program = await compile(
      stepProgram(frameLoss(spec), new Map(weights), fitOptions({ optimizer: 'sgd' })),
    );
    const pieces = trainingPieces(part, spec.context, { seed: 1, epoch: 1 });
    let [sum, step] = [0, 0];
    for (const batch of [pieces.slice(1), pieces.slice(0, 1)]) {
      const feeds = { ...frameFeed(values, batch, 2), rate: 0, seed: 1, step: step++ };
      const { loss } = await program.run(feeds);
      sum += loss!.data[0]! * batch.reduce((count, { from, to }) => count + to - from, 0);
    }
    await program.release();
    const runner = await openFrameRunner(spec, weights);
    const logits = await frameLogits(runner, part, { context: spec.context, width: 2 });
    await runner.close();
    const nats = frameNats(part, logits).flatMap((own) => Array.from(own));
    expect(nats).toHaveLength(26);
    expect(sum).toBeCloseTo(
      nats.reduce((a, b) => a + b, 0),
      3,
    );
  });
});
