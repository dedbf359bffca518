import { describe, expect, it } from 'vitest';
import type { CheckpointStore } from '../../options.ts';
import { assessSpans } from './assess.ts';
import { spanSubset } from './data.ts';
import { openSpanFinder, type SpanResult } from './predict.ts';
import { plantedLetters, plantedQuestions } from './spans.fixture.ts';
import { splitSpans } from './split.ts';
import { spanSpec, trainSpans } from './train.ts';

const smallCnn = {
  architecture: 'cnn',
  config: { width: 24, kernel: 7, dilations: [1, 2, 4], between: 0, dropout: 0 },
};

describe('training to point at spans', () => {
  it('of letters: finds both ends of what was planted, and knows where there is nothing', async () => {
    const { fit, test } = splitSpans(plantedLetters(500), { test: 0.2, seed: 1 });
    const { model, widened } = await trainSpans(smallCnn, fit, { epochs: 14, rate: 5e-3, seed: 1 });
    expect(model.spec).toMatchObject({ optional: true, question: false, longest: 25 });
    expect(widened).toBe(0);
    const found = await assessSpans(model, test, { train: fit, resamples: 200 });
    expect(found.metrics.exactMatch!.value).toBeGreaterThan(0.9);
    expect(found.baselines['most frequent place']!.exactMatch!.value).toBeLessThan(0.5);
    expect(Object.keys(found.baselines)).toEqual(['most frequent place', 'weight matrices']);
    for (const { best, none, answer } of found.results) {
      expect(best[0]!.probability + none).toBeLessThan(1 + 1e-6);
      expect(answer === null).toBe(none > best[0]!.probability);
    }
  });

  it.each([
    {
      architecture: 'bidaf',
      config: { hidden: 12, embedding: 16, dropout: 0, between: 0 },
      epochs: 10,
      rate: 1e-2,
    },
    {
      architecture: 'transformer',
      config: { width: 32, heads: 4, layers: 2, embedding: 24, dropout: 0, between: 0 },
      epochs: 16,
      rate: 4e-3,
    },
  ])('of answers: $architecture reads question and passage', async ({ epochs, rate, ...definition }) => {
    const { fit, test } = splitSpans(plantedQuestions(500), { test: 0.2, seed: 1 });
    const { model } = await trainSpans(definition, fit, { epochs, rate, seed: 1 });
    const found = await assessSpans(model, test, { train: fit, resamples: 100 });
    expect(found.metrics.f1!.value).toBeGreaterThan(0.85);
    expect(found.against!.name).toBe('sliding window');
    expect(found.against!.lead.low).toBeGreaterThan(0);
    // Questions count: the same passages asked about something else have other answers.
    const [first] = found.results.filter(({ answer }) => answer !== null);
    expect(first!.passage.slice(first!.answer!.start, first!.answer!.end)).toBe(first!.answer!.text);
  });

  it('gives the same weights for the same seed, resumed or not, and others for another', async () => {
    const data = plantedLetters(60);
    const options = { epochs: 3, seed: 5, validation: 0.2, batchSize: 8 };
    const weightsOf = async (more: object) => [
      ...(await trainSpans(smallCnn, data, { ...options, ...more })).model.weights,
    ];
    const whole = await weightsOf({});
    expect(await weightsOf({})).toEqual(whole);
    expect(await weightsOf({ seed: 6 })).not.toEqual(whole);
    let kept: Uint8Array | undefined;
    const checkpoint: CheckpointStore = {
      name: 'memory',
      read: async () => kept,
      write: async (bytes) => {
        kept = bytes;
      },
    };
    const stop = new AbortController();
    let batches = 0;
    const onEvent = ({ kind }: { kind: string }) => {
      if (kind === 'batch' && ++batches === 8) stop.abort();
    };
    await expect(weightsOf({ checkpoint, signal: stop.signal, onEvent })).rejects.toThrow(
      /progress is saved in memory/,
    );
    expect(await weightsOf({ checkpoint, resume: true })).toEqual(whole);
    await expect(
      trainSpans(smallCnn, spanSubset(data, [...data.records.keys()].slice(1)), {
        ...options,
        checkpoint,
        resume: true,
      }),
    ).rejects.toThrow(/checkpoint of another run/);
  });

  it('says where numbers stop being numbers', async () => {
    const start = (initial: ReadonlyMap<string, Float32Array>) =>
      new Map([...initial].map(([path, numbers]) => [path, numbers.map((x) => x * 1e30)]));
    await expect(trainSpans(smallCnn, plantedLetters(40), { epochs: 1, start })).rejects.toThrow(
      /the loss became (NaN|Infinity) at step \d \(epoch 1, batch \d\) .*: .*Use a smaller --rate/,
    );
  });

  it('refuses what there is not', () => {
    const data = plantedLetters(20);
    expect(() => spanSpec(data, { architecture: 'oracle' })).toThrow(/There is no span model "oracle"/);
    expect(() => spanSpec(data, { architecture: 'cnn', longest: 0 })).toThrow(/longest: expected 1 to/);
    expect(() => spanSpec(data, { architecture: 'cnn', tokenizer: 'kmers:3' })).toThrow(
      /sequences are read letter by letter/,
    );
    expect(() => spanSpec(plantedQuestions(30), { architecture: 'bidaf', tokenizer: 'runes' })).toThrow(
      /there is no tokenizer "runes" for spans of text; expected words, bpe, characters/,
    );
  });
});

describe('finding spans', async () => {
  const data = plantedLetters(30);
  const { model } = await trainSpans(smallCnn, data, { epochs: 1, validation: 0 });
  const find = async (ids: readonly number[], options: object = {}) => {
    const finder = await openSpanFinder(model, options);
    const found: SpanResult[] = [];
    for await (const result of finder.find(ids.map((i) => data.records[i]!))) found.push(result);
    await finder.close();
    return found;
  };

  it('answers in the order of the passages, whichever share a batch', async () => {
    const ids = data.records.map((_, i) => (i * 7) % 30);
    const together = await find(ids, { batchSize: 8, best: 3 });
    expect(together.map(({ id }) => id)).toEqual(ids.map((i) => `s${i}`));
    for (const k of [0, 11, 29]) {
      const [alone] = await find([ids[k]!], { batchSize: 1, best: 3 });
      expect(alone!.none).toBeCloseTo(together[k]!.none, 5);
      alone!.best.forEach(({ probability }, b) => {
        expect(probability).toBeCloseTo(together[k]!.best[b]!.probability, 5);
      });
    }
  });

  it('keeps to the longest span that is asked for, and gives as many as are wanted', async () => {
    const found = await find([0, 1, 2], { longest: 3, best: 200, tracks: true });
    for (const { best, passage, none, tracks } of found) {
      expect(best).toHaveLength(Math.min(200, 3 * passage.length - 3));
      expect(new Set(best.map(({ start, end }) => `${start} ${end}`)).size).toBe(best.length);
      for (const { start, end, text } of best) {
        expect(end - start).toBeLessThanOrEqual(3);
        expect(text).toBe(passage.slice(start, end));
      }
      expect(best.reduce((sum, { probability }) => sum + probability, none)).toBeCloseTo(1, 4);
      expect(tracks!.start).toHaveLength(passage.length);
    }
  });

  it('names the record that it cannot read', async () => {
    const finder = await openSpanFinder(model);
    const run = async (passage: string) => {
      for await (const _ of finder.find([{ id: 'odd', passage }]));
    };
    await expect(run('')).rejects.toThrow(/record "odd" has an empty passage/);
    await expect(run('ACJ')).rejects.toThrow(/record "odd": its passage has .*"J"/);
    await finder.close();
    await expect(openSpanFinder(model, { best: 0 })).rejects.toThrow(
      /best: expected a whole number of at least 1, received 0/,
    );
  });
});
