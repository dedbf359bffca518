import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../core/random.ts';
import { exampleDna, exampleMasked, smallMasked, tokenizers } from '../../../models/masked/masked.fixture.ts';
import { openMaskedReader } from '../../../models/masked/reader.ts';
import { maskedVocabulary } from '../../../models/masked/vocabulary.ts';
import { expectGolden, goldenCases, traceCase } from '../../../nn/golden.fixture.ts';
import { compile } from '../../../runtime/compile.ts';
import { fitOptions } from '../../options.ts';
import { stepProgram } from '../../step-program.ts';
import type { Corpus } from '../language/corpus.ts';
import { expectSameResumed, textCorpus } from '../language/training.fixture.ts';
import { assessMasked } from './assess.ts';
import { askedOf, maskedCriterion, maskedFeed, maskedLoss, maskedRows } from './loss.ts';
import { maskedCrossEntropy, trainMaskedModel } from './train.ts';

const corpus = (texts: readonly string[], kind: Corpus['kind'] = 'letters') =>
  textCorpus(texts, { kind, ends: true });

describe('the loss of what is hidden', () => {
  it('is cross entropy with ignored places as PyTorch computes it, in value and gradient', () => {
    const golden = goldenCases('losses').find(
      ({ name }) => name === 'cross entropy over time, padding ignored',
    )!;
    const traced = traceCase(golden, { integers: ['targets'] });
    expectGolden(golden, traced, { loss: maskedCriterion(traced.values.logits!, traced.values.targets!) });
  });

  it.each(Object.keys(smallMasked))('in a step is what reading the same rows gives: %s', async (of) => {
    const { spec, weights } = exampleMasked({ of, masking: { how: 'span', share: 0.3, length: 2 } });
    const sequences = [12, 5, 9].map((length, i) => tokenizers.letters.encode(exampleDna(length, i)));
    const pieces = sequences.map(({ length: count }, sequence) => ({
      sequence,
      from: 0,
      count,
      fresh: true,
      begins: false,
    }));
    const rows = maskedRows(spec, sequences, pieces, { seed: 3, purpose: 1 });
    const step = stepProgram(maskedLoss(spec), new Map(weights), fitOptions({ optimizer: 'sgd' }));
    const program = await compile(step);
    const feeds = maskedFeed(rows, maskedVocabulary(spec).mask);
    const { loss } = await program.run({ ...feeds, rate: 0, seed: 1, step: 0 });
    await program.release();
    const reader = await openMaskedReader(spec, weights);
    const { crossEntropy, asked } = await maskedCrossEntropy(reader, rows);
    await reader.close();
    expect(loss!.data[0]).toBeCloseTo(crossEntropy, 4);
    expect(asked.reduce((a, b) => a + b, 0)).toBe(askedOf(rows));
  });
});

/** Sequences in which each letter is told by its two neighbours, and by neither alone. */
const sums = (count: number, seed: number) => {
  const random = randomStream(seed, 'sums');
  return Array.from({ length: count }, () => {
    const ids = [random.below(4), random.below(4)];
    while (ids.length < 16) ids.push((ids.at(-1)! + ids.at(-2)! + 1) % 4);
    return ids.map((id) => 'ACGT'[id]).join('');
  });
};
const small = { size: 24, layers: 1, heads: 2, kernel: 5, dropout: 0, context: 16 };

describe('training a masked model', () => {
  it('learns letters that both neighbours together tell, beyond what frequencies say', async () => {
    const train = corpus(sums(160, 1));
    const { model, fit, skipped } = await trainMaskedModel(
      corpus([...train.texts, 'A']),
      { config: small },
      { epochs: 30, batchSize: 16, rate: 0.01, seed: 1 },
    );
    expect(skipped + Number(fit.history.length > 0)).toBeLessThanOrEqual(2);
    expect(fit.history.at(-1)!.validationLoss).toBeLessThan(fit.history[0]!.validationLoss! / 3);
    const { metrics, baselines, chains } = await assessMasked(model, corpus(sums(30, 2)), {
      ...{ train, orders: [0, 2], resamples: 200 },
    });
    expect(metrics.bitsPerSymbol!.value).toBeLessThan(0.3);
    expect(metrics.accuracy!.value).toBeGreaterThan(0.9);
    expect(metrics.pseudoPerplexity!.value).toBeCloseTo(2 ** metrics.bitsPerToken!.value!, 6);
    expect(metrics.bitsPerToken!.low).toBeLessThanOrEqual(metrics.bitsPerToken!.value!);
    expect(Object.keys(baselines)).toEqual(['no context', 'Markov chain of order 2, told both sides']);
    expect(baselines['no context']!.bitsPerSymbol!.value).toBeGreaterThan(1.9);
    // A chain of order 2 knows the rule, too.
    expect(chains[1]!.metrics.bitsPerSymbol!.value).toBeLessThan(0.2);
    expect(chains[0]!.ahead.low).toBeGreaterThan(1.5);
  });

  it('gives the same weights for the same seed, resumed or not', async () => {
    await expectSameResumed(
      (run) =>
        trainMaskedModel(
          corpus(sums(60, 1)),
          { config: { ...small, size: 8, dropout: 0.1 }, masking: { how: 'span' } },
          { epochs: 3, batchSize: 7, seed: 5, ...run },
        ),
      { batches: 11, epoch: 2 },
    );
  });

  it('hides something else in every epoch, and always the same of what it is judged by', async () => {
    const { spec } = exampleMasked();
    const sequences = [tokenizers.letters.encode(exampleDna(60))];
    const pieces = [{ sequence: 0, from: 0, count: 60, fresh: true, begins: false }];
    const rows = (purpose: string | number) =>
      maskedRows(spec, sequences, pieces, { seed: 1, purpose })[0]!.targets;
    expect(rows(1)).not.toEqual(rows(2));
    expect(rows('judged')).toEqual(rows('judged'));
  });

  it('reads words, whose letters it does not tell apart', async () => {
    const random = randomStream(1, 'lines');
    const lines = Array.from({ length: 120 }, () =>
      random.uniform() < 0.5 ? 'the hen sat low' : 'a cat ran far',
    );
    const text = corpus(lines, 'text');
    const { model } = await trainMaskedModel(
      text,
      { architecture: 'cnn', config: { size: 16, layers: 1, kernel: 3 }, tokenizer: 'words' },
      { epochs: 15, batchSize: 16, rate: 0.02, seed: 1 },
    );
    const { metrics, places } = await assessMasked(model, corpus(['the hen sat low'], 'text'), {
      train: text,
      orders: [0],
    });
    expect(places).toBe(4);
    expect(metrics.pseudoPerplexity!.value).toBeLessThan(1.2);
    expect(metrics.bitsPerSymbol!.value).toBeCloseTo((4 * metrics.bitsPerToken!.value!) / 12, 6);
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'texts of one token',
      () => trainMaskedModel(corpus(['A', 'C']), {}, { validation: 0 }),
      /no text of at least two tokens/,
    ],
    [
      'texts without a letter to hide',
      () => trainMaskedModel(corpus(['NNNN']), { tokenizer: 'dna' }, { validation: 0 }),
      /no text of at least two tokens/,
    ],
    [
      'what is no letter',
      () => trainMaskedModel(corpus(['ACGT', 'AC!T']), { tokenizer: 'dna' }, { validation: 0 }),
      /"s1".*"!"/,
    ],
    [
      'an unknown architecture',
      () => trainMaskedModel(corpus(['ACGT']), { architecture: 'bert' }),
      /no masked model "bert"; choose transformer or cnn/,
    ],
    [
      'a share of 0',
      () => trainMaskedModel(corpus(['ACGT']), { masking: { share: 0 } }),
      /mask share: expected a share above 0/,
    ],
  ])('refuses %s', async (_what, train, message) => {
    await expect(train()).rejects.toThrow(message);
  });
});
