import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { taggerNetwork } from '../../models/tagger/network.ts';
import { initialize } from '../../nn/module.ts';
import type { CheckpointStore, FitOptions } from '../options.ts';
import { plantedLetters, plantedWords } from './tagging.fixture.ts';
import { balancedTagWeights, fitTagger, taggerSpec, trainTagger } from './tagging.ts';
import { majorityTags, unigramTags } from './tagging-baselines.ts';
import { taggedData } from './tagging-data.ts';
import { assessTagger, evaluateTagging } from './tagging-evaluate.ts';
import { taggingFeeder } from './tagging-feed.ts';
import { spanTable, taggingMetrics } from './tagging-metrics.ts';
import { openTagger, type TaggerOptions, type TaggingResult, type Untagged } from './tagging-predict.ts';
import { splitTagged, taggedLeakage } from './tagging-split.ts';

const small = {
  architecture: 'cnn',
  config: { width: 16, kernel: 5, dilations: [1, 2], dropout: 0, between: 0 },
};
const wordy = {
  architecture: 'bilstm',
  config: { hidden: 8, wordSize: 8, characterSize: 6, characterHidden: 6, dropout: 0.1 },
};
const flat = (weights: ReadonlyMap<string, Float32Array>) => [...weights.values()].flatMap((w) => [...w]);

async function tagAll(
  model: Parameters<typeof openTagger>[0],
  sequences: Untagged[],
  options: TaggerOptions = {},
) {
  const tagger = await openTagger(model, options);
  const found: TaggingResult[] = [];
  for await (const tagged of tagger.tag(sequences)) found.push(tagged);
  await tagger.close();
  return found;
}

describe('trainTagger', () => {
  it.each(['crf', 'softmax'])('learns planted spans in letters that it has not seen: %s', async (output) => {
    const config = { ...small.config, output };
    const { model } = await trainTagger({ ...small, config }, plantedLetters(300), {
      epochs: 15,
      batchSize: 16,
      rate: 1e-2,
      seed: 3,
    });
    const { evaluation } = await assessTagger(model, plantedLetters(60, 2), { resamples: 0 });
    expect(evaluation.metrics.spanF1!.value).toBeGreaterThan(0.95);
  });

  it('stands beside simple methods that see less', async () => {
    const train = plantedLetters(60);
    const { model } = await trainTagger(small, train, { epochs: 1 });
    const { baselines } = await assessTagger(model, plantedLetters(30, 2), { train, resamples: 20 });
    expect(Object.keys(baselines)).toEqual(['majority', '3-letter unigram', '15-letter logistic']);
    const f1 = (name: string) => baselines[name]!.spanF1!.value!;
    expect(f1('majority')).toBe(0);
    expect(f1('3-letter unigram')).toBeLessThan(0.8);
    expect(f1('15-letter logistic')).toBeGreaterThan(f1('3-letter unigram') - 0.2);
  });

  it('learns from the spelling of words that it has never seen', async () => {
    const options = { epochs: 20, batchSize: 16, rate: 1e-2, seed: 1, wordDropout: 20 };
    const strangers = plantedWords(60, 2, {
      persons: ['Abe', 'Hank', 'Nell', 'Cole', 'Gina'],
      rest: ['did', 'rat', 'far', 'dull', 'mild', 'this'],
    });
    const { model } = await trainTagger(wordy, plantedWords(300), options);
    const { evaluation } = await assessTagger(model, strangers, { resamples: 0 });
    expect(evaluation.metrics.spanF1!.value).toBeGreaterThan(0.8);
    const unread = { ...wordy, config: { ...wordy.config, characters: 'none' } };
    const blind = await trainTagger(unread, plantedWords(300), options);
    // To it all of these words are one.
    const { evaluation: without } = await assessTagger(blind.model, strangers, { resamples: 0 });
    expect(without.metrics.spanF1!.value).toBeLessThan(evaluation.metrics.spanF1!.value! - 0.1);
  });

  it('refuses what cannot be trained', async () => {
    const data = plantedLetters(30);
    const train = (definition: object, options = {}) =>
      trainTagger({ ...small, ...definition }, data, options);
    await expect(train({ architecture: 'hmm' })).rejects.toThrow(/There is no tagger "hmm"/);
    await expect(
      train({
        allowed: [
          ['', 'O'],
          ['O', 'O'],
        ],
      }),
    ).rejects.toThrow(/no sequence in which B-site or I-site/);
    await expect(
      train({
        constrained: false,
        allowed: [
          ['O', 'O'],
          ['O', 'B-site'],
          ['B-site', 'I-site'],
          ['I-site', 'O'],
        ],
      }),
    ).rejects.toThrow(/has I-site after I-site at token \d+, which the rules of the tags do not allow/);
    await expect(train({}, { wordDropout: -1 })).rejects.toThrow(
      /wordDropout: expected a number of at least 0/,
    );
  });
});

describe('fitTagger', () => {
  const data = plantedWords(40);
  const fitWords = (options: Partial<FitOptions> = {}, run = {}) =>
    fitTagger(
      taggerSpec(data, wordy),
      data,
      undefined,
      { epochs: 3, batchSize: 8, patience: 0, ...options },
      run,
    );

  it('gives the same bits for the same seed, and others for another', async () => {
    const [a, b, c] = [await fitWords({ seed: 1 }), await fitWords({ seed: 1 }), await fitWords({ seed: 2 })];
    expect(flat(a.weights)).toEqual(flat(b.weights));
    expect(flat(a.weights)).not.toEqual(flat(c.weights));
  });

  it('continues from a checkpoint to the same bits, words that became unknown included', async () => {
    const whole = await fitWords();
    const saved: Uint8Array[] = [];
    const store: CheckpointStore = {
      name: 'memory',
      read: async () => saved[7],
      write: async (bytes) => void saved.push(bytes.slice()),
    };
    await fitWords({}, { checkpoint: store, checkpointSeconds: 0 });
    const resumed = await fitWords({}, { checkpoint: { ...store, write: async () => {} }, resume: true });
    expect(flat(resumed.weights)).toEqual(flat(whole.weights));
  });

  it('lets tokens without truth count for nothing', async () => {
    const letters = plantedLetters(20);
    const spec = taggerSpec(letters, { ...small, config: { ...small.config, output: 'softmax' } });
    const options = { epochs: 1, batchSize: 20, patience: 0, seed: 4, clip: 0 };
    const hidden = (from: number) => ({
      ...letters,
      sequences: letters.sequences.map((s, i) => (i < from ? s : { ...s, truth: s.truth.map(() => -1) })),
    });
    const part = await fitTagger(spec, hidden(10), undefined, options);
    const some = { ...letters, sequences: letters.sequences.slice(0, 10) };
    const alone = await fitTagger(spec, some, undefined, options);
    flat(part.weights).forEach((w, i) => {
      expect(w).toBeCloseTo(flat(alone.weights)[i]!, 4);
    });
  });
});

describe('openTagger', () => {
  const data = plantedLetters(3);
  const model = (output: string) => {
    const spec = taggerSpec(data, { ...small, config: { ...small.config, output } });
    return { spec, weights: initialize(taggerNetwork(spec), 5) };
  };

  it.each(['crf', 'softmax'])(
    'gives all ways to tag a short sequence, with probabilities that agree: %s',
    async (output) => {
      const [only] = await tagAll(model(output), [{ id: 'a', tokens: 'ACGTA' }], { best: 3 ** 5 });
      const { tags, best = [], logProbability, probabilities } = only!;
      // BIO allows what spans can write: a₁ = 2, aₙ = 2 aₙ₋₁ + (those that end within a span).
      const legal = best.filter((path) =>
        path.tags.every((t, i) => t !== 'I-site' || (path.tags[i - 1] ?? 'O') !== 'O'),
      );
      expect(legal).toHaveLength(best.length);
      expect(best).toHaveLength(89);
      expect(best[0]!.tags).toEqual(tags);
      expect(best[0]!.logProbability).toBeCloseTo(logProbability, 5);
      expect(best.reduce((sum, p) => sum + Math.exp(p.logProbability), 0)).toBeCloseTo(1, 4);
      data.tags.forEach((tag, k) => {
        for (let t = 0; t < 5; t++) {
          const share = best
            .filter((p) => p.tags[t] === tag)
            .reduce((sum, p) => sum + Math.exp(p.logProbability), 0);
          expect(probabilities[t * 3 + k]).toBeCloseTo(share, 4);
        }
      });
    },
  );

  it('keeps the order of the input, whatever shares a batch', async () => {
    const random = randomStream(1, 'lengths');
    const sequences = Array.from({ length: 30 }, (_, i) => ({
      id: `${i}`,
      tokens: 'ACGGTACGTA'.repeat(3).slice(0, 1 + random.below(29)),
    }));
    const together = await tagAll(model('crf'), sequences, { batchSize: 7, maxTokens: 64 });
    const alone = await tagAll(model('crf'), sequences, { batchSize: 1 });
    expect(together.map(({ id, tags }) => [id, tags.join()])).toEqual(
      alone.map(({ id, tags }) => [id, tags.join()]),
    );
  });

  it('refuses empty sequences, and letters that it does not know, by the id', async () => {
    await expect(tagAll(model('crf'), [{ id: 'e', tokens: '' }])).rejects.toThrow(
      'sequence "e" is empty. Leave it out.',
    );
    await expect(
      tagAll(model('crf'), [
        { id: 'a', tokens: 'ACG' },
        { id: 'b', tokens: 'AC?' },
      ]),
    ).rejects.toThrow('sequence "b" has "?" at position 3; expected a DNA letter (A C G T or IUPAC).');
    await expect(openTagger(model('crf'), { best: 0 })).rejects.toThrow(/expected 1 or more ways/);
  });
});

describe('evaluation', () => {
  const rows = (...texts: string[]) =>
    texts.map((text, s) => {
      const labels = text.split(' ');
      return { id: `s${s}`, tokens: labels.map((_, t) => `w${t}`), labels };
    });
  const truth = taggedData(rows('B-x I-x O O', 'O ? B-y', 'O O'), { kind: 'words' });
  const said = ['B-x I-x O B-y', 'O B-x O', 'O O'].map((text) => text.split(' '));

  it('counts tokens, sequences and spans by hand, and nothing where the truth is not known', () => {
    const found = taggingMetrics(truth, said, { resamples: 0 });
    expect(found.accuracy!.value).toBeCloseTo(6 / 8);
    expect(found.sequenceAccuracy!.value).toBeCloseTo(1 / 3);
    expect(found.spanPrecision!.value).toBeCloseTo(1 / 2);
    expect(found.spanRecall!.value).toBeCloseTo(1 / 2);
    expect(spanTable(truth, said)).toEqual([
      { kind: 'x', count: 1, precision: 1, recall: 1, f1: 1 },
      { kind: 'y', count: 1, precision: 0, recall: 0, f1: 0 },
    ]);
  });

  it('has intervals from whole sequences: copies of one sequence leave no room', () => {
    const many = (text: string) => new Array<string>(40).fill(text);
    const data = taggedData(rows(...many('B-x O O'), 'O'), { kind: 'words' });
    const predicted = [...many('B-x B-x O').map((text) => text.split(' ')), ['O']];
    const { accuracy } = taggingMetrics(data, predicted, { resamples: 200 });
    expect(accuracy!.value).toBeCloseTo(81 / 121);
    expect(accuracy!.high! - accuracy!.low!).toBeLessThan(0.05);
  });

  it('shows confusion and figures of the tags that were decided, not of the most probable ones', () => {
    const probabilities = (tags: string[]) =>
      Float32Array.from(
        tags.flatMap((tag) => truth.tags.map((name) => (name === tag ? 0.4 : name === 'O' ? 0.45 : 0.05))),
      );
    const predicted = said.map((tags) => ({ tags, probabilities: probabilities(tags) }));
    const { confusion, metrics, columns, intervals, count } = evaluateTagging(truth, predicted, {
      resamples: 10,
    });
    expect(count).toBe(8);
    const right = confusion!.classes.reduce((sum, _, c) => sum + confusion!.counts[c]![c]!, 0);
    expect(right / 8).toBeCloseTo(metrics.accuracy!.value!);
    expect(columns.find(({ name }) => name === 'B-x')!.metrics).toMatchObject({
      precision: 1,
      recall: 1,
      f1: 1,
    });
    expect(intervals.groups).toBe(3);
  });

  it('has baselines that know the training data alone', () => {
    const train = taggedData(
      [
        { id: 'a', tokens: ['Rome', 'is', 'Rome'], labels: ['B-x', 'O', 'O'] },
        { id: 'b', tokens: ['Rome', 'rome', 'is'], labels: ['B-x', 'O', 'O'] },
      ],
      { kind: 'words' },
    );
    const test = taggedData(
      [{ id: 'c', tokens: ['Rome', 'ROME', 'IS', 'new'], labels: ['O', 'O', 'B-x', 'O'] }],
      { kind: 'words' },
    );
    expect(majorityTags(train, test)).toEqual([['O', 'O', 'O', 'O']]);
    // ROME is found in lower case, where half are B-x and half O; O comes first.
    expect(unigramTags(train, test)).toEqual([['B-x', 'O', 'O', 'O']]);
  });

  it('of letters have windows: the middle one of three decides, at the edges too', () => {
    const alphabet = { name: 'dna', letters: 'ACGT' };
    const train = taggedData([{ id: 'a', tokens: 'AAC', labels: ['x', 'y', 'x'] }], {
      kind: 'letters',
      alphabet,
    });
    const test = taggedData([{ id: 'b', tokens: 'aacg', labels: ['x', 'y', 'x', 'y'] }], {
      kind: 'letters',
      alphabet,
    });
    expect(unigramTags(train, test)).toEqual([['x', 'y', 'x', 'x']]);
  });
});

describe('parts', () => {
  it('weigh tags inversely to their frequency', () => {
    const data = taggedData([{ id: 'a', tokens: 'AAAA', labels: ['x', 'x', 'x', 'y'] }], {
      kind: 'letters',
      alphabet: { name: 'dna', letters: 'ACGT' },
    });
    expect(balancedTagWeights(data)).toEqual([4 / 6, 2]);
  });

  it('split whole groups where there are groups', () => {
    const { sequences, ...rest } = plantedWords(40);
    const data = { ...rest, sequences: sequences.map((s, i) => ({ ...s, group: `d${i % 7}` })) };
    const { fit, test } = splitTagged(data, { test: 0.3, seed: 2 });
    const groups = (d: typeof data) => new Set(d.sequences.map(({ group }) => group));
    expect([...groups(test as typeof data)].filter((g) => groups(fit as typeof data).has(g))).toEqual([]);
    expect(fit.sequences.length + test.sequences.length).toBe(40);
  });

  it('split homologs of letters together, and count sentences that come back word for word', () => {
    const letters = plantedLetters(30);
    const twins = { ...letters, sequences: letters.sequences.flatMap((s) => [s, { ...s, id: `${s.id}b` }]) };
    const { fit, test, note } = splitTagged(twins, { by: 'homology', test: 0.3, seed: 1 });
    expect(note).toContain('homology');
    const seen = new Set(fit.sequences.map(({ tokens }) => tokens));
    expect(test.sequences.filter(({ tokens }) => seen.has(tokens))).toEqual([]);
    const words = plantedWords(10);
    const half = { ...words, sequences: words.sequences.slice(0, 5) };
    expect(taggedLeakage(half, words).sentence).toMatch(/^5 of 10 test sentences \(50 %\)/);
    expect(() => splitTagged(words, { by: 'homology' })).toThrow(/homology is for letters/);
    expect(() => splitTagged(words, { by: 'group' })).toThrow(/needs groups/);
  });

  it('make words unknown the more often the rarer they are, anew in each step', () => {
    const data = taggedData(
      Array.from({ length: 50 }, (_, i) => ({
        id: `${i}`,
        tokens: ['often', `rare${i % 25}`],
        labels: ['a', 'b'],
      })),
      { kind: 'words' },
    );
    const spec = taggerSpec(data, wordy);
    const feeder = taggingFeeder(data.sequences, spec);
    const all = Int32Array.from({ length: 50 }, (_, i) => i);
    const unknown = (step: number, place: number) => {
      const { data: ids } = feeder.inputs(all, { strength: 2, seed: 1, step }).tokens!;
      return Array.from({ length: 50 }, (_, i) => Number(ids[i * 2 + place] === 0)).reduce(
        (a, b) => a + b,
        0,
      );
    };
    const total = (place: number) =>
      Array.from({ length: 40 }, (_, s) => unknown(s, place)).reduce((a, b) => a + b, 0);
    // 2 / (2 + 50) of 2,000 and 2 / (2 + 2) of 2,000.
    expect(total(0)).toBeGreaterThan(40);
    expect(total(0)).toBeLessThan(120);
    expect(total(1)).toBeGreaterThan(900);
    expect(total(1)).toBeLessThan(1100);
    expect(feeder.inputs(all).tokens!.data.includes(0)).toBe(false);
  });
});
