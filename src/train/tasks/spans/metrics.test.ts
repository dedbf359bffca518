import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SpanData } from './data.ts';
import { normalizedAnswer, placeScore, spanLead, spanMetrics, textScore } from './metrics.ts';

interface Case {
  predicted: string;
  accepted: string[];
  normalized: string;
  exact: number;
  f1: number;
}
const golden: Case[] = JSON.parse(
  readFileSync(new URL('../../../../test/golden/spans/squad.json', import.meta.url), 'utf8'),
).cases;

describe('answers of text', () => {
  it.each(golden)(
    'are judged as SQuAD does: "$predicted" for $accepted',
    ({ predicted, accepted, ...expected }) => {
      expect(normalizedAnswer(predicted)).toBe(expected.normalized);
      const { exact, f1 } = textScore(predicted, accepted);
      expect(exact).toBe(expected.exact);
      expect(f1).toBeCloseTo(expected.f1, 12);
    },
  );
});

const spans = fc
  .tuple(fc.nat(20), fc.nat(20))
  .map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) + 1 }));
const letters = ({ start, end }: { start: number; end: number }) =>
  new Set(Array.from({ length: end - start }, (_, i) => start + i));

describe('spans of letters', () => {
  it('are judged by the letters that both hold', () => {
    fc.assert(
      fc.property(spans, spans, (said, truth) => {
        const [a, b] = [letters(said), letters(truth)];
        const common = [...a].filter((place) => b.has(place)).length;
        const [precision, recall] = [common / a.size, common / b.size];
        const f1 = common === 0 ? 0 : (2 * precision * recall) / (precision + recall);
        const found = placeScore(said, truth);
        expect(found.f1).toBeCloseTo(f1, 12);
        expect(found.exact).toBe(Number(common === a.size && common === b.size));
      }),
    );
  });

  it('agree where both are none, and never where one is', () => {
    expect(placeScore(null, null)).toEqual({ exact: 1, f1: 1 });
    expect(placeScore(null, { start: 0, end: 1 })).toEqual({ exact: 0, f1: 0 });
    expect(placeScore({ start: 0, end: 1 }, null)).toEqual({ exact: 0, f1: 0 });
  });
});

describe('metrics of many records', () => {
  const record = (i: number) => ({ id: `${i}`, passage: 'ACGTACGT', span: { start: 2, end: 6 } });
  const test: SpanData = {
    ...{ kind: 'letters', question: false, sources: [], skipped: [], notes: [] },
    records: Array.from({ length: 40 }, (_, i) => record(i)),
  };
  const half = test.records.map((_, i) => (i % 2 === 0 ? { start: 2, end: 6 } : { start: 2, end: 4 }));

  it('are means with intervals around them, the same for the same seed', () => {
    const found = spanMetrics(test, half, { seed: 1, resamples: 200 });
    expect(found.exactMatch!.value).toBe(0.5);
    expect(found.f1!.value).toBeCloseTo((1 + 2 / 3) / 2, 12);
    expect(found.exactMatch!.low).toBeLessThan(0.5);
    expect(found.exactMatch!.high).toBeGreaterThan(0.5);
    expect(spanMetrics(test, half, { seed: 1, resamples: 200 })).toEqual(found);
  });

  it('tell by how much one is ahead of another on the same records', () => {
    const lead = spanLead(
      test,
      half,
      test.records.map(() => null),
      { resamples: 200 },
    );
    expect(lead.value).toBeCloseTo((1 + 2 / 3) / 2, 12);
    expect(lead.low).toBeGreaterThan(0.7);
    expect(spanLead(test, half, half, { resamples: 50 })).toMatchObject({ value: 0, low: 0, high: 0 });
  });

  it('draw questions of one passage together', () => {
    const asked = {
      ...test,
      kind: 'text' as const,
      records: test.records.map((one, i) => ({
        ...one,
        passage: `passage ${i % 2}`,
        question: 'q',
        answers: ['x'],
      })),
    };
    // Within a passage all answers are alike: with two passages the interval spans everything.
    const said = asked.records.map((_, i) => (i % 2 === 0 ? { start: 0, end: 7 } : null));
    const right = asked.records.map((one, i) => ({ ...one, answers: [i % 2 === 0 ? 'passage' : 'x'] }));
    const found = spanMetrics({ ...asked, records: right }, said, { resamples: 100 });
    expect(found.exactMatch).toEqual({ value: 0.5, low: 0, high: 1 });
  });
});
