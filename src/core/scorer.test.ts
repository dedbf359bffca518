import { describe, expect, it } from 'vitest';
import { type Scorer, sequenceLogProbability, tokenLogProbabilities } from './scorer.ts';

/** Tokens 0 and 1 and the end 2: after a 0 all are alike, after anything else 0 is impossible. */
const toy: Scorer<number> = {
  vocabulary: 3,
  end: 2,
  start: () => 0,
  next: async (states) =>
    Float64Array.from(
      states.flatMap((last) =>
        last === 0 ? [1 / 3, 1 / 3, 1 / 3] : last === 1 ? [0, 0.25, 0.75] : [0, 0, 0],
      ),
      Math.log,
    ),
  advance: (_, token) => token,
};

describe('a scorer of sequences', () => {
  it('sums the logarithms of its next-token probabilities', async () => {
    const logs = await tokenLogProbabilities(toy, [0, 1, 1, 2], undefined);
    expect([...logs]).toEqual([1 / 3, 1 / 3, 0.25, 0.75].map(Math.log));
    expect(await sequenceLogProbability(toy, [0, 1, 1, 2], undefined)).toBeCloseTo(Math.log(1 / 48), 12);
    expect(await sequenceLogProbability(toy, [], undefined)).toBe(0);
  });

  it('gives −Infinity from the first impossible token on', async () => {
    const logs = await tokenLogProbabilities(toy, [1, 0, 1], undefined);
    expect([...logs]).toEqual([Math.log(1 / 3), Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });

  it("takes the scorer's own way through a known sequence where there is one", async () => {
    const own: Scorer<number> = {
      ...toy,
      tokens: async (tokens) => new Float64Array(tokens.length).fill(-1),
    };
    expect(await sequenceLogProbability(own, [0, 0], undefined)).toBe(-2);
  });

  it('refuses tokens outside the vocabulary, with their position', async () => {
    for (const bad of [3, -1, 0.5, Number.NaN])
      await expect(tokenLogProbabilities(toy, [0, bad], undefined)).rejects.toThrow(
        `Token ${bad} at position 2 is outside the vocabulary of 3`,
      );
  });
});
