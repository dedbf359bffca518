import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Scorer, tokenLogProbabilities } from '../core/scorer.ts';
import { beam, type Hypothesis } from './beam.ts';
import { greedy } from './greedy.ts';
import { rerank } from './rerank.ts';
import { enumerate, toyScorer } from './scorer.fixture.ts';

const weights = fc.constantFrom(0, 0.3, 1, 2);
const firsts = fc.constantFrom(0, 1, 2, Number.POSITIVE_INFINITY);
const round = (x: number) => Number(x.toFixed(8)) + 0;

describe('contrast with the marginal', () => {
  /** ln P(y | x) − λ ln P(first tokens of y) of every sequence, by the definition. */
  async function objective(
    seed: number,
    { ends, weight, first }: { ends: boolean; weight: number; first: number },
  ) {
    const shape = { vocabulary: 3, end: ends ? 2 : null, seed };
    const [scorer, marginal] = [toyScorer(shape), toyScorer({ ...shape, seed: seed + 500 })];
    const all = await enumerate(scorer, 4, { context: 7 });
    const values = new Map<string, number>();
    for (const { tokens, ended, logProbability } of all) {
      let state = marginal.start(undefined);
      let prior = 0;
      for (const token of [...tokens, ...(ended ? [2] : [])].slice(0, first)) {
        prior += (await marginal.next([state]))[token]!;
        state = marginal.advance(state, token);
      }
      values.set(`${tokens}${ended}`, round(logProbability - weight * prior));
    }
    return { scorer, marginal, values };
  }
  const named = (found: readonly Hypothesis[]) =>
    new Map(found.map(({ tokens, ended, score }) => [`${[...tokens]}${ended}`, round(score)]));

  it('beam search as wide as the space ranks all sequences by the objective of Li et al.', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(400), fc.boolean(), weights, firsts, async (seed, ends, weight, first) => {
        const { scorer, marginal, values } = await objective(seed, { ends, weight, first });
        const contrast = { marginal, weight, first } as const;
        const found = await beam(scorer, { context: 7, length: 4, width: 1000, count: 1000, contrast });
        expect(named(found)).toEqual(values);
        expect(found.map(({ score }) => score)).toEqual(
          found.map(({ score }) => score).sort((a, b) => b - a),
        );
        // Values can rise again, so that the search must not stop at the first few that are complete.
        const [alone] = await beam(scorer, { context: 7, length: 4, width: 1000, count: 1, contrast });
        expect(round(alone!.score)).toBe(Math.max(...values.values()));
        // The log-probability stays that of the model, and re-ranking what was found without contrast says the same.
        const plain = await beam(scorer, { context: 7, length: 4, width: 1000, count: 1000 });
        const again = await rerank(plain, contrast);
        expect(named(again)).toEqual(values);
        expect(round(again[0]!.score)).toBe(round(found[0]!.score));
        const logs = (all: readonly Hypothesis[]) =>
          new Map(all.map((one) => [`${one.tokens}`, round(one.logProbability)]));
        if (!ends) expect(logs(found)).toEqual(logs(plain));
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it('picks the right reply where the conditional alone picks the generic one', async () => {
    // Reply 0 is likely whatever was said; reply 1 is likely only after input 1, reply 2 only after input 2.
    const reply = (rows: (context: number) => number[]): Scorer<number, number | undefined> => ({
      vocabulary: 3,
      end: null,
      start: (context) => context ?? 0,
      advance: (context) => context,
      next: async (contexts) => Float64Array.from(contexts.flatMap(rows), Math.log),
    });
    const scorer = reply(
      (x) =>
        [
          [0.8, 0.1, 0.1],
          [0.5, 0.45, 0.05],
          [0.5, 0.05, 0.45],
        ][x]!,
    );
    const marginal = reply(() => [0.6, 0.2, 0.2]);
    for (const context of [1, 2]) {
      expect([...(await greedy(scorer, { context, length: 1 })).tokens]).toEqual([0]);
      expect([...(await greedy(scorer, { context, length: 1, contrast: { marginal } })).tokens]).toEqual([
        context,
      ]);
      const [best] = await rerank(await beam(scorer, { context, length: 1, width: 3 }), { marginal });
      expect([...best!.tokens]).toEqual([context]);
    }
  });

  it('rerank leaves the prompt out, and a marginal of zero does not outweigh everything', async () => {
    const scorer = toyScorer({ vocabulary: 3, seed: 8 });
    const [found] = await beam(scorer, { prompt: [1, 2], length: 4 });
    const [again] = await rerank([found!], { marginal: scorer, weight: 1 }, { prompt: 2 });
    expect(again!.score).toBeCloseTo(0, 9);
    const [first] = await rerank([found!], { marginal: scorer, weight: 1, first: 1 }, { prompt: 2 });
    const logs = await tokenLogProbabilities(scorer, found!.tokens, undefined);
    expect(first!.score).toBeCloseTo(logs[3]!, 9);
    const never = {
      ...scorer,
      next: async (s: readonly unknown[]) => new Float64Array(3 * s.length).fill(-Infinity),
    };
    const [floored] = await rerank([found!], { marginal: never, weight: 1 }, { prompt: 2 });
    expect(floored!.score).toBeCloseTo(found!.logProbability - 2 * Math.log(1e-30), 6);
  });
});
