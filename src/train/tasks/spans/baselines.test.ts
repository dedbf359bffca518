import { describe, expect, it } from 'vitest';
import { baselineAnswers, mostFrequentPlace, weightMatrices } from './baselines.ts';
import type { SpanData } from './data.ts';
import { spanMetrics } from './metrics.ts';
import { slidingWindow } from './sliding-window.ts';
import { plantedLetters, plantedQuestions } from './spans.fixture.ts';
import { splitSpans } from './split.ts';
import { spanSpec } from './train.ts';

const read = (length: number, first: number, last: number) => ({
  passage: Int32Array.from({ length }, (_, i) => (i === first ? 1 : 0)),
  offsets: new Int32Array(2 * length),
  span: first < 0 ? null : { first, last },
});

describe('the most frequent place', () => {
  it('is that of most training records, cut where a passage is shorter; or none', () => {
    const train = [read(20, 3, 9), read(20, 3, 9), read(20, 2, 4), read(20, -1, -1)];
    expect(mostFrequentPlace(train, [read(20, 0, 0), read(6, 0, 0), read(2, 0, 0)])).toEqual([
      { first: 3, last: 9 },
      { first: 3, last: 5 },
      { first: 1, last: 1 },
    ]);
    expect(mostFrequentPlace([...train, read(9, -1, -1), read(9, -1, -1)], [read(20, 0, 0)])).toEqual([null]);
  });
});

describe('weight matrices', () => {
  it('find both ends of planted spans, and tell where there is none', () => {
    const { fit, test } = splitSpans(plantedLetters(400), { test: 0.25, seed: 1 });
    const spec = spanSpec(fit, { architecture: 'window' });
    const said = baselineAnswers(fit, test, spec)['weight matrices']!;
    expect(spanMetrics(test, said, { resamples: 0 }).exactMatch!.value).toBeGreaterThan(0.85);
  });

  it('keep to the lengths that they have seen', () => {
    const train = Array.from({ length: 30 }, (_, i) => read(30, 5 + (i % 3), 9 + (i % 3)));
    for (const span of weightMatrices(train, [read(30, 17, 17)], 2)) expect(span!.last - span!.first).toBe(4);
  });
});

describe('the sliding window', () => {
  const one = (passage: string, question: string, common: readonly string[] = []): SpanData => ({
    ...{ kind: 'text', question: true, sources: [], skipped: [], notes: [] },
    records: [
      { id: '1', passage, question, span: null },
      ...common.map((text, i) => ({ id: `c${i}`, passage: text, question: 'x', span: null })),
    ],
  });
  const answerOf = (passage: string, question: string) => {
    // Twelve texts make "the", "by", "was" and "in" common.
    const common = Array.from(
      { length: 12 },
      (_, i) => `the by was in word${i} other${i} more${i} last${i} thing${i} end${i} . ?`,
    );
    const train = one(passage, question, common);
    const [said] = slidingWindow(train, { ...train, records: train.records.slice(0, 1) });
    return said && passage.slice(said.start, said.end);
  };

  it('answers with words of the sentence that speaks of what is asked', () => {
    const passage = 'Oslo was founded in 1048. The novel Emma was written by Jane Austen. Rome is old.';
    expect(answerOf(passage, 'Who wrote the novel Emma?')).toBe('written');
    expect(answerOf(passage, 'By whom was the novel Emma written?')).toBe('Jane Austen');
    expect(answerOf(passage, 'When was Oslo founded?')).toBe('1048');
  });

  it('says nothing where every word is asked for', () => {
    expect(answerOf('Emma', 'Emma?')).toBeNull();
  });

  it('does better on planted questions than the most frequent place', () => {
    const { fit, test } = splitSpans(plantedQuestions(300, { none: 0 }), { test: 0.3, seed: 2 });
    const said = baselineAnswers(fit, test, spanSpec(fit, { architecture: 'bidaf' }));
    const f1 = (name: string) => spanMetrics(test, said[name]!, { resamples: 0 }).f1!.value!;
    expect(f1('sliding window')).toBeGreaterThan(0.3);
    expect(f1('sliding window')).toBeGreaterThan(f1('most frequent place'));
  });
});
