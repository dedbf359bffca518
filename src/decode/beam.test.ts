import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beam, beamEach, type Hypothesis } from './beam.ts';
import { bestCandidates } from './candidates.ts';
import { acceptor } from './constraints/constraint.fixture.ts';
import { gc } from './constraints/gc.ts';
import { avoid, endsWith } from './constraints/motifs.ts';
import { greedy, greedyEach } from './greedy.ts';
import { type Enumerated, enumerate, toyScorer } from './scorer.fixture.ts';

const plain = ({ tokens, logProbability, ended }: Hypothesis | Enumerated) => ({
  tokens: [...tokens],
  logProbability: Number(logProbability.toFixed(9)),
  ended,
});
const best = (all: Enumerated[], count: number, score = (one: Enumerated) => one.logProbability) =>
  all
    .filter((one) => score(one) > Number.NEGATIVE_INFINITY)
    .sort((a, b) => score(b) - score(a))
    .slice(0, count)
    .map(plain);
const cases = fc.record({
  seed: fc.integer({ min: 0, max: 1000 }),
  vocabulary: fc.integer({ min: 2, max: 4 }),
  length: fc.integer({ min: 1, max: 4 }),
  ends: fc.boolean(),
  zeros: fc.constantFrom(0, 0.4),
});
const scorerOf = ({
  seed,
  vocabulary,
  ends,
  zeros,
}: {
  seed: number;
  vocabulary: number;
  ends: boolean;
  zeros: number;
}) => toyScorer({ seed, vocabulary, zeros, end: ends ? vocabulary - 1 : null });

describe('beam search', () => {
  it('as wide as the space returns what exhaustive enumeration finds best, and fewer where there are fewer', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.constantFrom(1, 3, 1000), async (given, count) => {
        const scorer = scorerOf(given);
        const found = await beam(scorer, { length: given.length, width: 10_000, count });
        expect(found.map(plain)).toEqual(best(await enumerate(scorer, given.length), count));
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('as wide as the space finds the best by length penalty and coverage', async () => {
    const attention = (state: readonly number[]) =>
      [0.1, 0.2, 0.7].map((_, i, all) => all[(i + (state.at(-1) ?? 0) + 3) % 3]!);
    await fc.assert(
      fc.asyncProperty(
        cases,
        fc.constantFrom(-1, 0.6, 1, 2),
        fc.constantFrom(0, 0.5, 3),
        async (given, alpha, beta) => {
          const scorer = scorerOf({ ...given, ends: true });
          // Wu et al. 2016: s(Y, X) = ln P / lp + cp, lp = (5 + |Y|)^α / (5 + 1)^α, cp = β Σ ln min(Σ p, 1).
          const score = ({ tokens, logProbability, ended }: Enumerated) => {
            const read = [-1, ...tokens].slice(0, tokens.length + (ended ? 1 : 0));
            const looks = read.map((_, i) => attention(read.slice(0, i + 1)));
            const totals = [0, 1, 2].map((i) => looks.reduce((sum, look) => sum + look[i]!, 0));
            const cp = beta * totals.reduce((sum, total) => sum + Math.log(Math.min(total, 1)), 0);
            return logProbability / ((5 + read.length) ** alpha / 6 ** alpha) + cp;
          };
          const options = { length: given.length, width: 10_000, count: 3, lengthPenalty: alpha };
          const found = await beam(scorer, { ...options, coverage: { weight: beta, attention } });
          expect(found.map(plain)).toEqual(best(await enumerate(scorer, given.length), 3, score));
          expect(found[0]!.score).toBeCloseTo(score({ ...found[0]!, tokens: [...found[0]!.tokens] }), 9);
        },
      ),
      { numRuns: 60, seed: 2 },
    );
  });

  it('with constraints finds the best of those that keep them', async () => {
    const where = [avoid('CA'), endsWith('T'), gc({ min: 0.2, max: 0.5 })];
    const accepts = where.map((one) => acceptor(one, 'ACGT'));
    for (const end of [null, 4]) {
      const scorer = toyScorer({ vocabulary: end === null ? 4 : 5, end, seed: 5 });
      const spelled = (tokens: ArrayLike<number>) => Array.from(tokens, (token) => 'ACGT'[token]).join('');
      const good = (await enumerate(scorer, 5)).filter(({ tokens }) =>
        accepts.every((one) => one(spelled(tokens))),
      );
      const options = { length: 5, spelling: 'ACGT', where };
      const found = await beam(scorer, { ...options, width: 100_000, count: 20 });
      expect(found.map(plain)).toEqual(best(good, 20));
      expect(found[0]!.sequence).toBe(spelled(found[0]!.tokens));
      for (const width of [1, 2, 5])
        for (const { sequence } of await beam(scorer, { ...options, width }))
          expect(accepts.map((one) => one(sequence))).toEqual([true, true, true]);
    }
  });

  it('of width one is greedy search, and never scores below it at any width', async () => {
    await fc.assert(
      fc.asyncProperty(
        cases,
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        async (given, width, constrained) => {
          const scorer = scorerOf(given);
          const where = constrained ? [avoid('AA')] : [];
          const options = {
            length: 6,
            spelling: 'ABCD'.slice(0, given.vocabulary - (given.ends ? 1 : 0)),
            where,
          };
          const first = await greedy(scorer, options).catch((error: Error) => error.message);
          if (typeof first === 'string') {
            expect(first).toMatch(/probability of zero/);
            return;
          }
          const [one] = await beam(scorer, { ...options, width: 1 });
          expect(plain(one!)).toEqual(plain({ ...first, score: 0 }));
          const [wide] = await beam(scorer, { ...options, width });
          expect(wide!.logProbability).toBeGreaterThanOrEqual(first.logProbability - 1e-12);
        },
      ),
      { numRuns: 150, seed: 3 },
    );
  });

  it('of width one is greedy search among equals too: the first of them', async () => {
    const flat = {
      ...toyScorer({ vocabulary: 4 }),
      next: async (states: readonly unknown[]) => new Float64Array(4 * states.length).fill(Math.log(0.25)),
    };
    const options = { length: 5, spelling: 'ACGT', where: [avoid('AA')] };
    expect((await greedy(flat, options)).sequence).toBe('ACACA');
    expect((await beam(flat, { ...options, width: 1 }))[0]!.sequence).toBe('ACACA');
    expect((await beam(flat, { ...options, width: 3 })).map(({ sequence }) => sequence)).toEqual([
      'ACACA',
      'ACACC',
      'ACACG',
    ]);
  });

  it('without the greedy path can fall below greedy search, which is why it is kept', async () => {
    const worse: number[] = [];
    for (let seed = 0; seed < 300; seed++) {
      const scorer = toyScorer({ seed, vocabulary: 4 });
      const { logProbability } = await greedy(scorer, { length: 6 });
      const [found] = await beam(scorer, { length: 6, width: 2, keepGreedy: false });
      if (found!.logProbability < logProbability - 1e-9) worse.push(seed);
    }
    expect(worse.length).toBeGreaterThan(0);
  });

  it('stops by bound without loss, and by count sooner', async () => {
    const sooner = { bound: 0, count: 0 };
    for (let seed = 0; seed < 60; seed++) {
      const calls = { bound: [] as number[], count: [] as number[], whole: [] as number[] };
      const search = (kind: keyof typeof calls, options: object) =>
        beam(toyScorer({ seed, vocabulary: 4, end: 3, calls: calls[kind] }), {
          length: 12,
          width: 3,
          count: 1,
          lengthPenalty: [-1, 0.6, 3][seed % 3]!,
          ...options,
        });
      const [bound] = await search('bound', {});
      await search('count', { stop: 'count' });
      // All that this width ever completes: nothing can push a hypothesis out, so nothing stops the search.
      const whole = await search('whole', { count: 1000 });
      expect(whole[0]).toEqual(bound);
      expect(calls.bound.length).toBeLessThanOrEqual(calls.whole.length);
      expect(calls.count.length).toBeLessThanOrEqual(calls.bound.length);
      sooner.bound += Number(calls.bound.length < calls.whole.length);
      sooner.count += Number(calls.count.length < calls.bound.length);
    }
    expect(Math.min(sooner.bound, sooner.count)).toBeGreaterThan(10);
  });

  it('of many contexts is the same as of each, with one call of the scorer for all', async () => {
    const calls: number[] = [];
    const scorer = toyScorer({ vocabulary: 4, end: 3, calls });
    const contexts = [3, 1, 4, 1, 5];
    const options = { length: 6, width: 3, lengthPenalty: 1 };
    const each = await beamEach(scorer, contexts, options);
    const longest = calls.length;
    expect(Math.max(...calls)).toBeGreaterThan(5);
    for (const [i, context] of contexts.entries())
      expect(await beam(scorer, { ...options, context })).toEqual(each[i]);
    expect(longest).toBeLessThanOrEqual(6);
    const together = await greedyEach(scorer, contexts, { length: 6 });
    for (const [i, context] of contexts.entries())
      expect(await greedy(scorer, { length: 6, context })).toEqual(together[i]);
  });

  it('goes on from a prompt, whose probability does not count', async () => {
    const scorer = toyScorer({ vocabulary: 4, seed: 9 });
    const behind = (await enumerate(scorer, 4)).filter(({ tokens }) => tokens[0] === 2 && tokens[1] === 0);
    const [found] = await beam(scorer, { length: 4, spelling: 'ACGT', prompt: 'GA', width: 1000 });
    const prompt =
      (await scorer.next([scorer.start(undefined)]))[2]! +
      (await scorer.next([scorer.advance(scorer.start(undefined), 2)]))[0]!;
    expect(plain({ ...found!, logProbability: found!.logProbability + prompt })).toEqual(best(behind, 1)[0]);
    expect(await beam(scorer, { length: 2, prompt: [2, 0] })).toMatchObject([
      { logProbability: 0, ended: false },
    ]);
  });

  it('refuses what makes no sense', async () => {
    const scorer = toyScorer();
    await expect(beam(scorer, { length: 3, width: 0 })).rejects.toThrow(
      'width is 0; expected a whole number from 1',
    );
    await expect(beam(scorer, { length: 3, lengthPenalty: Number.NaN })).rejects.toThrow(
      'lengthPenalty is NaN',
    );
    await expect(beam(scorer, { length: 3, coverage: { weight: -1, attention: () => [1] } })).rejects.toThrow(
      'coverage.weight -1',
    );
  });
});

describe('bestCandidates', () => {
  it('keeps what sorting all would keep, equal values included, in whatever order they come', () => {
    const one = fc.record({ row: fc.nat(3), token: fc.nat(5), value: fc.integer({ min: -3, max: 0 }) });
    fc.assert(
      fc.property(
        fc.uniqueArray(one, { selector: ({ row, token }) => 6 * row + token, maxLength: 24 }),
        fc.integer({ min: 1, max: 9 }),
        (all, capacity) => {
          const kept = bestCandidates(capacity);
          for (const { row, token, value } of all)
            if (kept.fits(row, token, value)) kept.add(row, token, value);
          const order = [...all].sort((a, b) => b.value - a.value || a.row - b.row || a.token - b.token);
          expect(kept.sorted()).toEqual(order.slice(0, capacity));
        },
      ),
      { seed: 4 },
    );
  });
});
