import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../graph/evaluate.ts';
import { constant } from '../../../graph/library.ts';
import { tensor } from '../../../graph/tensor.ts';
import { openTranscriberRunner } from '../../../models/transcriber/runner.ts';
import { toyInput, toyTranscriber } from '../../../models/transcriber/transcriber.fixture.ts';
import { inferenceContext } from '../../../nn/context.ts';
import { labellingLogProbability } from './alignment.ts';
import type { Example } from './encode.ts';
import { openTranscriptionJudge, transcriptionFeeder, transcriptionLoss } from './loss.ts';

const variant = 'cnn-bilstm with strides';
const { spec, weights } = toyTranscriber(variant);

/** Toys of so many places, each with a text that fits (stride 6). */
const exampleOf = ([places, tokens]: readonly [number, readonly number[]], seed: number): Example => ({
  input: toyInput(spec, places, seed),
  target: Int32Array.from(tokens),
});
const shapes = fc.array(
  fc.tuple(fc.integer({ min: 30, max: 60 }), fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 })),
  { minLength: 1, maxLength: 5 },
);

describe('the loss of a batch', () => {
  it('is −ln P of every transcription by its own forward recursion, whoever else is in the batch', async () => {
    const runner = await openTranscriberRunner(spec, weights);
    await fc.assert(
      fc.asyncProperty(shapes, async (given) => {
        const examples = given.map((shape, i) => exampleOf(shape, i));
        const judge = await openTranscriptionJudge(spec, examples, weights);
        const found = await judge.losses(weights);
        const mean = await judge.loss(weights);
        await judge.release();
        let tokens = 0;
        for (const [i, { input, target }] of examples.entries()) {
          const { logs } = (await runner.run([input]))[0]!;
          const log = labellingLogProbability(
            { logs, classes: 4 },
            target.map((token) => token + 1),
          );
          expect(found[i]).toBeCloseTo(-log, 3);
          tokens += Math.max(1, target.length);
        }
        expect(mean).toBeCloseTo(found.reduce((a, b) => a + b, 0) / tokens, 6);
      }),
      { numRuns: 6 },
    );
    await runner.close();
  });

  it('is counted for each token, silence as one, and does not depend on the order of the records', () => {
    const examples = [exampleOf([31, [0, 1]], 1), exampleOf([40, []], 2), exampleOf([36, [2]], 3)];
    const feeder = transcriptionFeeder(examples, spec);
    const { inputs, loss } = transcriptionLoss(spec);
    const lossOf = (order: number[]) => {
      const fed = feeder.feed(Int32Array.from(order));
      const given = new Map(
        Object.entries(inputs).map(([name, value]) => {
          const { shape, data } = fed[name]!;
          return [value, tensor(shape, Float64Array.from(data as Float32Array))] as const;
        }),
      );
      const values = (path: string, { shape }: { shape: readonly number[] }) =>
        constant(weights.get(path)!, shape);
      const [found] = evaluate([loss(values, inferenceContext()) as never], given);
      return found!.data[0]!;
    };
    const [all, turned] = [lossOf([0, 1, 2]), lossOf([2, 0, 1])];
    expect(turned).toBeCloseTo(all, 9);
    const counts = [0, 1, 2].map((i) => feeder.count(Int32Array.of(i)));
    expect(counts).toEqual([2, 1, 1]);
    const apart = [0, 1, 2].map((i) => lossOf([i]));
    const expected = apart.reduce((sum, own, i) => sum + own * counts[i]!, 0) / 4;
    expect(all).toBeCloseTo(expected, 6);
  });
});
