import { describe, expect, it } from 'vitest';
import { plantedLetters, plantedQuestions } from './spans.fixture.ts';
import { spanLeakage, splitSpans } from './split.ts';

describe('splits of spans', () => {
  it('leave no passage on both sides, however many questions are asked of it', () => {
    const data = plantedQuestions(60);
    const shared = {
      ...data,
      records: data.records.map((one, i) => ({ ...one, passage: data.records[i % 12]!.passage })),
    };
    const { fit, test, note } = splitSpans(shared, { test: 0.3, seed: 3 });
    expect(note).toBe('Split by passage: 12 passages, none on two sides.');
    const seen = new Set(fit.records.map(({ passage }) => passage));
    expect(test.records.some(({ passage }) => seen.has(passage))).toBe(false);
    expect(fit.records.length + test.records.length).toBe(60);
    expect(spanLeakage(fit, test).sentence).toMatch(/^0 of \d+ test passages stand in the training data/);
    expect(spanLeakage(shared, test).sentence).toMatch(/^(\d+) of \1 test passages/);
  });

  it('keep whole articles together where there are enough of them', () => {
    const data = plantedQuestions(60);
    const grouped = {
      ...data,
      records: data.records.map((one, i) => ({ ...one, group: `article ${i % 6}` })),
    };
    expect(splitSpans(grouped, { test: 0.3 }).note).toBe('Split by group: 6 groups, none on two sides.');
  });

  it('of sequences are at random, or by homology, and say how alike the sides are', () => {
    const data = plantedLetters(80);
    const { note, fit, test } = splitSpans(data, { test: 0.25 });
    expect(note).toBe('Split at random.');
    expect(test.records).toHaveLength(20);
    expect(spanLeakage(fit, test).similarity!.similarity).toHaveLength(20);
    expect(splitSpans(data, { by: 'homology', test: 0.25 }).note).toMatch(/homology|clusters/i);
  });

  it('are refused where they cannot be', () => {
    expect(() => splitSpans(plantedQuestions(20), { by: 'homology' })).toThrow(
      /for letters; text has no homologs/,
    );
    expect(() => splitSpans(plantedLetters(20), { by: 'group' })).toThrow(/needs groups/);
    expect(() => splitSpans(plantedLetters(1))).toThrow(/only one record/);
  });
});
