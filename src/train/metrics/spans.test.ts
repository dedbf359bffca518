import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runsOf, spanCounts, spanScores, spansOf, writeSpans } from './spans.ts';

interface Golden {
  name: string;
  truth: string[][];
  predicted: string[][];
  spans: [kind: string, start: number, end: number][][];
  precision: number;
  recall: number;
  f1: number;
  kinds: Record<string, { precision: number; recall: number; f1: number; count: number }>;
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../../test/golden/tagging.json', import.meta.url), 'utf8'),
) as { cases: Golden[] };

describe('spansOf', () => {
  it.each(cases)('finds the spans that seqeval finds in $name', ({ truth, spans }) => {
    const found = truth.map((tags) => spansOf(tags).map(({ kind, start, end }) => [kind, start, end]));
    expect(found).toEqual(spans);
  });

  it('reads back any spans that were written in order', () => {
    const span = fc.record({
      gap: fc.nat(3),
      length: fc.integer({ min: 1, max: 4 }),
      kind: fc.constantFrom('x', 'y'),
    });
    fc.assert(
      fc.property(fc.array(span), fc.boolean(), (written, bioes) => {
        const tags: string[] = [];
        const spans = written.map(({ gap, length, kind }) => {
          tags.push(...new Array<string>(gap).fill('O'));
          const start = tags.length;
          for (let i = 0; i < length; i++) {
            const last = i === length - 1;
            const place = bioes
              ? length === 1
                ? 'S'
                : i === 0
                  ? 'B'
                  : last
                    ? 'E'
                    : 'I'
              : i === 0
                ? 'B'
                : 'I';
            tags.push(`${place}-${kind}`);
          }
          return { start, end: tags.length, kind };
        });
        expect(spansOf(tags)).toEqual(spans);
      }),
    );
  });
});

describe('spanScores', () => {
  it.each(cases)(
    'are those of seqeval, pooled and of each kind: $name',
    ({ truth, predicted, kinds, ...pooled }) => {
      const total = { truth: 0, predicted: 0, right: 0 };
      const each = new Map<string, typeof total>();
      truth.forEach((tags, s) => {
        for (const [kind, counts] of spanCounts(tags, predicted[s]!)) {
          const own = each.get(kind) ?? { truth: 0, predicted: 0, right: 0 };
          each.set(kind, own);
          for (const key of ['truth', 'predicted', 'right'] as const) {
            own[key] += counts[key];
            total[key] += counts[key];
          }
        }
      });
      const scores = spanScores(total);
      for (const key of ['precision', 'recall', 'f1'] as const)
        expect(scores[key]).toBeCloseTo(pooled[key], 12);
      expect([...each.keys()].sort()).toEqual(Object.keys(kinds).sort());
      for (const [kind, counts] of each) {
        const { count, ...expected } = kinds[kind]!;
        expect(counts.truth).toBe(count);
        for (const [key, value] of Object.entries(spanScores(counts)))
          expect(value).toBeCloseTo(expected[key as 'f1'], 12);
      }
    },
  );

  it('are 0 where nothing is right, and not defined where there is nothing', () => {
    expect(spanScores({ truth: 2, predicted: 0, right: 0 })).toEqual({ precision: 0, recall: 0, f1: 0 });
    expect(spanScores({ truth: 0, predicted: 0, right: 0 }).f1).toBeNaN();
  });
});

describe('runsOf', () => {
  it('cuts tags into runs that follow one another and together are everything', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('H', 'E', 'C')), (tags) => {
        const runs = runsOf(tags);
        expect(runs.flatMap(({ start, end, kind }) => new Array(end - start).fill(kind))).toEqual(tags);
        runs.forEach(({ start, kind }, i) => {
          expect(start).toBe(runs[i - 1]?.end ?? 0);
          expect(kind).not.toBe(runs[i - 1]?.kind);
        });
      }),
    );
  });
});

describe('writeSpans', () => {
  it('tells tags of a scheme from others', () => {
    expect(writeSpans(['O', 'B-x', 'I-x'])).toBe(true);
    expect(writeSpans(['H', 'E', 'C'])).toBe(false);
    expect(writeSpans(['O'])).toBe(false);
  });
});
