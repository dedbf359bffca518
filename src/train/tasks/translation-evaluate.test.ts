import { describe, expect, it } from 'vitest';
import { toyTranslator, variants } from '../../models/translator/translator.fixture.ts';
import { bleu } from '../metrics/bleu.ts';
import { chrf } from '../metrics/chrf.ts';
import { assessTranslator, translationMetrics } from './translation-evaluate.ts';

describe('metrics of translations', () => {
  const references = Array.from({ length: 40 }, (_, i) => `the cat number ${i} sat on the mat`);
  const hypotheses = references.map((text, i) => (i % 4 === 0 ? text.replace('cat', 'dog') : text));

  it('are those of the single functions, each with an interval around it', () => {
    const metrics = translationMetrics(hypotheses, references, { resamples: 100 });
    expect(metrics.exactMatch!.value).toBeCloseTo(0.75, 12);
    expect(metrics.bleu!.value).toBeCloseTo(bleu({ hypotheses, references }), 9);
    expect(metrics.chrf!.value).toBeCloseTo(chrf({ hypotheses, references }), 9);
    expect(metrics.editDistance!.value).toBeCloseTo(0.25, 12);
    expect(metrics.wer!.value).toBeCloseTo(10 / (40 * 8), 12);
    for (const { value, low, high } of Object.values(metrics)) {
      expect(low).toBeLessThan(value!);
      expect(high).toBeGreaterThan(value!);
    }
  });

  it('have neither BLEU nor word errors where references have no words', () => {
    const names = Object.keys(translationMetrics(['MKV'], ['MLV'], { tokens: (text) => [...text] }));
    expect(names).toEqual(['exactMatch', 'chrf', 'editDistance', 'cer']);
  });
});

describe('assessing a translator', () => {
  it('sets it beside copying and a dictionary learned from its training pairs', async () => {
    const pair = (id: number) => ({
      id: `${id}`,
      source: `t${id % 5} t${(id + 2) % 5}`,
      target: `t${(id + 2) % 5} t${id % 5}`,
    });
    const train = { pairs: Array.from({ length: 20 }, (_, i) => pair(i)), sources: [] };
    const test = { pairs: [pair(1), pair(3)], sources: [] };
    const found = await assessTranslator(toyTranslator(variants.lstm!), test, {
      train,
      resamples: 0,
      decode: { length: 6 },
    });
    expect(found.translations.map(({ id }) => id)).toEqual(['1', '3']);
    expect(Object.keys(found.baselines)).toEqual(['copy', 'dictionary']);
    expect(found.baselines.copy!.exactMatch!.value).toBe(0);
    expect(found.baselines.dictionary!.wer!.value).toBeGreaterThan(0);
    expect(found.metrics.perplexity!.value).toBeGreaterThan(1);
    const again = await assessTranslator(toyTranslator(variants.lstm!), test, {
      resamples: 0,
      decode: { length: 6 },
    });
    expect(Object.keys(again.baselines)).toEqual(['copy']);
  });
});
