import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../core/random.ts';
import { openJudge } from '../../../models/language/judge.ts';
import { exampleLanguage, exampleTokens, smallConfigs } from '../../../models/language/language.fixture.ts';
import { languageSizes } from '../../../models/language/network.ts';
import { compile } from '../../../runtime/compile.ts';
import { fitOptions } from '../../options.ts';
import { stepProgram } from '../../step-program.ts';
import { assessLanguage } from './assess.ts';
import { languageFeed, languageLoss, tokensOf } from './loss.ts';
import { carriedPlan, windowPlan } from './plan.ts';
import { trainLanguageModel } from './train.ts';
import { expectSameResumed, textCorpus } from './training.fixture.ts';

describe.each(['lstm', 'gru', 'selective', 'feed-forward', 'transformer'])(
  'the step of a %s',
  (architecture) => {
    it('has the loss that judging the same text gives, its state carried from batch to batch', async () => {
      const { spec, weights } = exampleLanguage({
        architecture,
        config: { ...smallConfigs[architecture], dropout: 0, context: 8 },
      });
      const tokens = exampleTokens(architecture === 'transformer' ? 8 : 61);
      const options = fitOptions({ batchSize: 1, optimizer: 'sgd' });
      const step = stepProgram(languageLoss(spec, { rows: 1 }), new Map(weights), options);
      const program = await compile(step);
      const carries = architecture !== 'transformer';
      const plan = (carries ? carriedPlan : windowPlan)(Int32Array.of(tokens.length), {
        ...{ context: 8, batchSize: 1, maxTokens: 100, seed: 1, epoch: 1, ends: true },
      });
      const boundary = languageSizes(spec).reads - 1;
      let sum = 0;
      for (const [i, batch] of plan.entries()) {
        const feeds = languageFeed([tokens], batch, { boundary, carries });
        const { loss } = await program.run({ ...feeds, rate: 0, seed: 1, step: i });
        sum += loss!.data[0]! * tokensOf(batch);
      }
      await program.release();
      const judge = await openJudge(spec, weights);
      const [logs] = await judge.logs([tokens], { exact: true });
      await judge.close();
      expect(sum).toBeCloseTo(-logs!.reduce((a, b) => a + b, 0), 3);
    });
  },
);

describe('training a language model', () => {
  const cycle = 'abcabdabeabf'.repeat(60);

  it('learns a text whose next letter follows from the last three', async () => {
    const { model, fit } = await trainLanguageModel(
      textCorpus([cycle]),
      { architecture: 'gru', config: { hidden: 24, dropout: 0, context: 24 } },
      { epochs: 30, batchSize: 4, rate: 0.02, seed: 1 },
    );
    expect(fit.history.at(-1)!.validationLoss).toBeLessThan(0.15);
    const { metrics, symbols, tokens } = await assessLanguage(model, textCorpus([cycle.slice(0, 120)]), {
      train: textCorpus([cycle]),
      orders: [0, 3],
    });
    expect([symbols, tokens]).toEqual([120, 120]);
    expect(metrics.perplexity!.value).toBeLessThan(1.1);
  });

  it('gives the same weights for the same seed, resumed or not', async () => {
    await expectSameResumed(
      (run) =>
        trainLanguageModel(
          textCorpus([cycle]),
          { architecture: 'lstm', config: { hidden: 8, context: 10 } },
          { epochs: 2, batchSize: 3, seed: 5, ...run },
        ),
      { batches: 13, epoch: 1 },
    );
  });

  it('foretells ends: whole texts of one letter or three are told apart by their first', async () => {
    const random = randomStream(3, 'ends');
    const texts = Array.from({ length: 60 }, () => (random.uniform() < 0.5 ? 'a' : 'bcd'));
    const { model } = await trainLanguageModel(
      textCorpus(texts, { ends: true }),
      { architecture: 'elman', config: { hidden: 16, dropout: 0 } },
      { epochs: 40, batchSize: 8, rate: 0.02, seed: 1, validation: 0 },
    );
    const { metrics, tokens, symbols } = await assessLanguage(
      model,
      textCorpus(['a', 'bcd'], { ends: true }),
    );
    expect([tokens, symbols]).toEqual([6, 4]);
    // Only the first letter is a surprise, of about ln 2 each.
    expect(metrics.crossEntropy!.value).toBeCloseTo((2 * Math.LN2) / 6, 1);
    expect(metrics.bitsPerSymbol!.value).toBeCloseTo(2 / 4, 1);
  });
});

describe('assessing a language model', () => {
  it('of even weights gives the number of tokens as perplexity, within an interval of no width', async () => {
    const { spec, weights } = exampleLanguage();
    const even = new Map([...weights].map(([path, data]) => [path, data.map(() => 0)]));
    const text = 'abcd '.repeat(100);
    const { metrics, baselines } = await assessLanguage({ spec, weights: even }, textCorpus([text]), {
      train: textCorpus([text]),
    });
    for (const bound of ['value', 'low', 'high'] as const) {
      expect(metrics.perplexity![bound]).toBeCloseTo(5, 4);
      expect(metrics.bitsPerSymbol![bound]).toBeCloseTo(Math.log2(5), 4);
    }
    const [none, best] = Object.values(baselines);
    expect(none!.perplexity!.value).toBeCloseTo(5, 1);
    expect(best!.perplexity!.value).toBeLessThan(1.1);
  });
});
