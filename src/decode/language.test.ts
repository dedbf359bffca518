import { describe, expect, it } from 'vitest';
import { exampleLanguage } from '../models/language/language.fixture.ts';
import { languageScorer } from '../models/language/scorer.ts';
import { avoid, endsWith } from './constraints/motifs.ts';
import { greedy } from './greedy.ts';
import { generateSequences, likelySequences, withoutTokens } from './language.ts';
import { nucleus } from './sampling.ts';
import { toyScorer } from './scorer.fixture.ts';

async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of found) list.push(one);
  return list;
}

describe.each(['lstm', 'transformer'])('a %s language model', (architecture) => {
  const model = exampleLanguage({ architecture });

  it('writes what was asked: prompt, length, constraints, the same for the same seed', async () => {
    const options = {
      ...{ prompt: 'ab', length: 14, count: 5, seed: 3, sample: nucleus(0.9) },
      where: [avoid('cc'), endsWith('da')],
    };
    const drawn = await all(generateSequences(model, options));
    expect(drawn.length).toBe(5);
    for (const { sequence } of drawn) {
      expect(sequence).toMatch(/^ab.{10}da$/);
      expect(sequence).not.toContain('cc');
    }
    expect(new Set(drawn.map(({ sequence }) => sequence)).size).toBeGreaterThan(1);
    const again = await all(generateSequences(model, { ...options, batch: 2 }));
    expect(again.map(({ sequence }) => sequence)).toEqual(drawn.map(({ sequence }) => sequence));
  });

  it('gives each sequence the probability that the model gives it', async () => {
    const scorer = await languageScorer(model);
    for await (const { tokens, logProbability } of generateSequences(model, { length: 12, count: 3 })) {
      const logs = await scorer.tokens!(tokens);
      expect(logProbability).toBeCloseTo(
        logs.reduce((a, b) => a + b, 0),
        4,
      );
    }
    await scorer.close();
  });

  it('finds by a beam of one what greedy search finds, and by a wider one nothing worse', async () => {
    const scorer = await languageScorer(model);
    const options = { length: 12, prompt: 'd ' };
    const best = await greedy(scorer, { ...options, spelling: scorer.spelling });
    await scorer.close();
    const [one] = await likelySequences(model, { ...options, width: 1 });
    const [wide] = await likelySequences(model, { ...options, width: 6 });
    expect(one!.sequence).toBe(best.sequence);
    expect(wide!.logProbability).toBeGreaterThanOrEqual(one!.logProbability - 1e-6);
  });
});

describe('generateSequences', () => {
  it('says what is wrong before anything is drawn', async () => {
    const first = (options: Parameters<typeof generateSequences>[1]) =>
      generateSequences(exampleLanguage(), options).next();
    await expect(first({ length: 5, prompt: 'abx' })).rejects.toMatchObject({ kind: 'data' });
    await expect(first({ length: 3, where: [endsWith('abcda')] })).rejects.toThrow(
      /No sequence of 3 letters keeps endsWith\("abcda"\)/,
    );
  });
});

describe('withoutTokens', () => {
  it('never gives them, and the others their share of what is left', async () => {
    const plain = toyScorer({ vocabulary: 5 });
    const scorer = withoutTokens(plain, new Set([1, 3]));
    const states = [[], [0], [2, 4]].map((prefix) =>
      prefix.reduce((state, token) => scorer.advance(state, token), scorer.start(undefined)),
    );
    const [before, after] = [await plain.next(states), await scorer.next(states)];
    for (let row = 0; row < 3; row++) {
      const left = [0, 2, 4].reduce((sum, token) => sum + Math.exp(before[row * 5 + token]!), 0);
      for (let token = 0; token < 5; token++)
        expect(Math.exp(after[row * 5 + token]!)).toBeCloseTo(
          token % 2 ? 0 : Math.exp(before[row * 5 + token]!) / left,
          12,
        );
    }
  });
});
