import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bleu, bleuScorer, tokenize13a } from './bleu.ts';
import { bootstrap } from './bootstrap.ts';
import { chrf, chrfScorer } from './chrf.ts';

interface Golden {
  name: string;
  hypotheses: string[];
  references: string[][];
  bleu: {
    tokenize: '13a' | 'none';
    smooth: 'exp' | 'none';
    effectiveOrder: boolean;
    corpus: number;
    sentences: number[];
  }[];
  chrf: { order: number; beta: number; corpus: number; sentences: number[] }[];
}
const golden: { cases: Golden[]; tokenized: { text: string; tokens: string }[] } = JSON.parse(
  readFileSync(new URL('../../../test/golden/translation/bleu.json', import.meta.url), 'utf8'),
);

describe('BLEU', () => {
  it.each(golden.cases)(
    'is that of sacreBLEU, of the set and of each sentence: $name',
    ({ hypotheses, references, bleu: all }) => {
      for (const { corpus, sentences, ...options } of all) {
        expect(bleu({ hypotheses, references }, options)).toBeCloseTo(corpus, 9);
        const own = hypotheses.map((text, i) =>
          bleu({ hypotheses: [text], references: [references[i]!] }, options),
        );
        own.forEach((score, i) => {
          expect(score).toBeCloseTo(sentences[i]!, 9);
        });
      }
    },
  );

  it.each(golden.tokenized)('splits $text as mteval-v13a does', ({ text, tokens }) => {
    expect(tokenize13a(text)).toBe(tokens);
  });

  it('is 100 for the reference itself, and a record of twice the weight counts as two', () => {
    const texts = ['the cat sat on the mat', 'a dog ran over the hill'];
    expect(bleu({ hypotheses: texts, references: texts })).toBeCloseTo(100, 9);
    const pairs = { hypotheses: ['the cat sat on a mat', 'a dog ran up a big hill'], references: texts };
    const twice = {
      hypotheses: [...pairs.hypotheses, pairs.hypotheses[1]!],
      references: [...texts, texts[1]!],
    };
    for (const [scorer, whole] of [
      [bleuScorer(pairs), bleu(twice)],
      [chrfScorer(pairs), chrf(twice)],
    ] as const)
      expect(scorer.score(Float64Array.of(1, 2))[0]).toBeCloseTo(whole, 9);
  });

  it('refuses lists of different length and a record without a reference', () => {
    expect(() => bleu({ hypotheses: ['a'], references: [] })).toThrow(
      'received 1 translations and 0 references',
    );
    expect(() => chrf({ hypotheses: ['a'], references: [[]] })).toThrow('translation 1 has no reference');
  });

  it('has a bootstrap interval around its value', () => {
    const references = Array.from(
      { length: 40 },
      (_, i) => `the cat number ${i} sat on the mat of the house`,
    );
    const hypotheses = references.map((text, i) => (i % 3 ? text : text.replace('sat on', 'lay under')));
    const { bleu: bounds } = bootstrap([bleuScorer({ hypotheses, references })], 40, { resamples: 200 });
    const value = bleu({ hypotheses, references });
    expect(bounds!.low).toBeLessThan(value);
    expect(bounds!.high).toBeGreaterThan(value);
  });
});

describe('chrF', () => {
  it.each(golden.cases)(
    'is that of sacreBLEU, of the set and of each sentence: $name',
    ({ hypotheses, references, chrf: all }) => {
      for (const { corpus, sentences, ...options } of all) {
        expect(chrf({ hypotheses, references }, options)).toBeCloseTo(corpus, 9);
        hypotheses.forEach((text, i) => {
          const own = chrf({ hypotheses: [text], references: [references[i]!] }, options);
          expect(own).toBeCloseTo(sentences[i]!, 9);
        });
      }
    },
  );
});
