import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carriedPlan, type LanguageBatch, type PlanOptions, windowPlan } from './plan.ts';

const lengths = fc
  .array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 7 })
  .map((list) => Int32Array.from(list));
const options: fc.Arbitrary<PlanOptions> = fc.record({
  context: fc.integer({ min: 1, max: 20 }),
  batchSize: fc.integer({ min: 1, max: 5 }),
  maxTokens: fc.constant(1000),
  seed: fc.integer({ min: 0, max: 99 }),
  epoch: fc.integer({ min: 1, max: 9 }),
  ends: fc.boolean(),
});

/** How often each token of each sequence is foretold. */
function foretold(batches: readonly LanguageBatch[], of: Int32Array): number[][] {
  const counts = Array.from(of, (length) => new Array<number>(length).fill(0));
  for (const { rows } of batches)
    for (const piece of rows)
      for (let i = 0; i < (piece?.count ?? 0); i++) counts[piece!.sequence]![piece!.from + i]!++;
  return counts;
}

describe('the plan of windows', () => {
  it('foretells every token once', () => {
    fc.assert(
      fc.property(lengths, options, (of, plan) => {
        expect(
          foretold(windowPlan(of, plan), of)
            .flat()
            .every((count) => count === 1),
        ).toBe(true);
      }),
    );
  });

  it('has other borders in another epoch, and the same in the same', () => {
    const of = Int32Array.of(1000);
    const at = { context: 10, batchSize: 4, maxTokens: 100, seed: 1, ends: true };
    const borders = (epoch: number) =>
      windowPlan(of, { ...at, epoch })
        .flatMap(({ rows }) => rows.map((piece) => piece!.from))
        .sort((a, b) => a - b);
    expect(borders(1)).toEqual(borders(1));
    const all = new Set([1, 2, 3, 4, 5].map((epoch) => borders(epoch).join()));
    expect(all.size).toBeGreaterThan(1);
  });
});

describe('the plan of carried states', () => {
  it('foretells every token at most once, and leaves out less than a piece at the start of each text that it cuts', () => {
    fc.assert(
      fc.property(lengths, options, (of, plan) => {
        const counts = foretold(carriedPlan(of, plan), of);
        for (const own of counts) {
          expect(Math.max(...own)).toBe(1);
          const first = own.indexOf(1);
          expect(first).toBeLessThan(Math.max(1, plan.context));
          expect(own.slice(first).every((count) => count === 1)).toBe(true);
        }
      }),
    );
  });

  it('continues in each row where the batch before stopped, or begins afresh', () => {
    fc.assert(
      fc.property(lengths, options, (of, plan) => {
        const batches = carriedPlan(of, plan);
        batches.forEach(({ rows, time }, b) => {
          expect(rows.length).toBe(plan.batchSize);
          expect(time).toBe(Math.max(...rows.map((piece) => piece?.count ?? 0)));
          expect(time).toBeLessThanOrEqual(plan.context);
          rows.forEach((piece, row) => {
            const before = batches[b - 1]?.rows[row];
            if (piece && !piece.fresh) {
              expect(piece.sequence).toBe(before!.sequence);
              expect(piece.from).toBe(before!.from + before!.count);
              // A row that continues was full: what stands in its state is the last of its tokens.
              expect(before!.count).toBe(batches[b - 1]!.time);
            }
            if (piece?.from === 0) expect(piece.fresh && piece.begins).toBe(true);
            if (piece?.begins) expect(piece.fresh).toBe(true);
            if (piece?.begins && plan.ends) expect(piece.from).toBe(0);
          });
        });
      }),
    );
  });

  it('keeps all rows busy with one long text', () => {
    const batches = carriedPlan(Int32Array.of(10_000), {
      ...{ context: 50, batchSize: 8, maxTokens: 1e6, seed: 3, epoch: 2, ends: false },
    });
    expect(batches.length).toBe(25);
    expect(batches.every(({ rows }) => rows.every((piece) => piece !== undefined))).toBe(true);
  });
});
