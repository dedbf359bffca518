import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scorer } from '../core/scorer.ts';
import { acceptor } from './constraints/constraint.fixture.ts';
import type { Constraint } from './constraints/constraint.ts';
import { gc } from './constraints/gc.ts';
import { length } from './constraints/length.ts';
import { avoid, endsWith, require } from './constraints/motifs.ts';
import { type Generated, generate } from './generate.ts';
import { enumerate, toyScorer } from './scorer.fixture.ts';

/** A second-order chain: the future depends on the last two tokens. */
function markov(
  seed: number,
  vocabulary: number,
  end: number | null,
  zeros = 0,
): Scorer<readonly number[], number | undefined> {
  const toy = toyScorer({ seed, vocabulary, end, zeros });
  return { ...toy, advance: (state, token) => [...state, token].slice(-2) };
}
const name = (state: readonly number[]) => state.join();

describe('exact draws', () => {
  const pool: Constraint[] = [
    avoid('AA'),
    require('CA'),
    endsWith('B'),
    gc({ min: 0.3, max: 0.8 }),
    length({ min: 3 }),
  ];

  it('have the probability of the model given that the constraints hold', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(500),
        fc.boolean(),
        fc.constantFrom(0, 0.3),
        fc.subarray(pool),
        fc.integer({ min: 1, max: 5 }),
        async (seed, ends, zeros, where, n) => {
          const scorer = markov(seed, 4, ends ? 3 : null, zeros);
          const spelling = ends ? 'ABC' : 'ABCD';
          const accepts = where.map((one) => acceptor(one, spelling));
          const all = (await enumerate(scorer, n)).filter(({ tokens, logProbability }) => {
            const sequence = tokens.map((token) => spelling[token]).join('');
            return logProbability > Number.NEGATIVE_INFINITY && accepts.every((one) => one(sequence));
          });
          const inside = Math.log(all.reduce((sum, { logProbability }) => sum + Math.exp(logProbability), 0));
          const found: Generated[] = [];
          const draw = async () => {
            for await (const one of generate(scorer, { spelling, where, length: n, count: 20, exact: name }))
              found.push(one);
          };
          if (all.length === 0) {
            await expect(draw()).rejects.toThrow(/No sequence of|probability of zero/);
            return;
          }
          await draw();
          for (const { tokens, ended, logProbability, drawLogProbability } of found) {
            const same = all.find((one) => one.ended === ended && `${one.tokens}` === `${tokens}`);
            expect(logProbability).toBeCloseTo(same!.logProbability, 8);
            expect(drawLogProbability).toBeCloseTo(same!.logProbability - inside, 8);
            compared++;
          }
        },
      ),
      { numRuns: 60, seed: 1 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  it('find their way where local draws would run into a probability of zero', async () => {
    // After B comes only A, which the constraints alone do not know.
    const rows = [
      [0.5, 0.5],
      [1, 0],
    ];
    const scorer: Scorer<number> = {
      vocabulary: 2,
      end: null,
      start: () => 0,
      advance: (_, token) => token,
      next: async (states) =>
        Float64Array.from(
          states.flatMap((state) => rows[state]!),
          Math.log,
        ),
    };
    const options = { spelling: 'AB', where: [endsWith('BA'), avoid('ABAB')], length: 6, count: 200 };
    const found: string[] = [];
    for await (const { sequence } of generate(scorer, { ...options, exact: (state) => state }))
      found.push(sequence);
    expect([...new Set(found)].sort()).toEqual(['AAAABA', 'ABAABA', 'BAAABA']);
    const local = async () => {
      for await (const _ of generate(scorer, options));
    };
    await expect(local()).rejects.toThrow('a probability of zero');
  });

  it('start behind a prompt, reach far, and refuse what is too large or does not go together', async () => {
    const scorer = markov(3, 4, null);
    const options = {
      spelling: 'ACGT',
      length: 90,
      prompt: 'ATG',
      where: [gc({ min: 0.5, max: 0.5 }), endsWith('TAA')],
    };
    for await (const { sequence } of generate(scorer, { ...options, exact: name })) {
      expect(sequence).toMatch(/^ATG[ACGT]{84}TAA$/);
      expect([...sequence].filter((letter) => 'GC'.includes(letter)).length).toBe(45);
    }
    const draw = async (more: object) => {
      for await (const _ of generate(scorer, { ...options, exact: name, ...more }));
    };
    await expect(draw({ length: 1000 })).rejects.toThrow('Exact sampling needs more than 300000 states');
    await expect(draw({ contrast: { marginal: scorer } })).rejects.toThrow('leave out contrast or exact');
  });
});
