import { describe, expect, it } from 'vitest';
import { dna } from '../../../data/alphabet.ts';
import { exampleDna } from '../../../models/masked/masked.fixture.ts';
import { markovChain } from './chains.ts';
import { twoSided } from './two-sided.ts';

describe('a Markov chain that is told both sides', () => {
  it.each([
    [0, 1],
    [1, 1],
    [2, 1],
    [5, 1],
    [0, 3],
    [2, 3],
    [4, 3],
  ])('of order %i and period %i says what the probabilities of whole sequences say', (order, period) => {
    const texts = [exampleDna(400), 'ACGTACGTACGTACG'];
    const learned = texts.map((text) => dna.encode(text));
    const chain = markovChain(learned, 4, { order, period });
    const tokens = dna.encode(exampleDna(14, 2));
    for (const at of [0, 1, 6, 13])
      for (const phase of period === 1 ? [0] : [0, 1, 2]) {
        const whole = [0, 1, 2, 3].map((letter) =>
          Math.exp(chain.logs(tokens.with(at, letter), { phase }).reduce((a, b) => a + b, 0)),
        );
        const sum = whole.reduce((a, b) => a + b, 0);
        const found = twoSided(chain, tokens, at, { phase });
        whole.forEach((p, letter) => {
          expect(found[letter]).toBeCloseTo(p / sum, 10);
        });
      }
  });

  it('passes over what is no letter', () => {
    const chain = markovChain([dna.encode(exampleDna(400))], 4, { order: 2 });
    const found = twoSided(chain, [0, 1, -1, 2, 3], 3);
    expect(found.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    expect(found.every((p) => p > 0)).toBe(true);
  });
});
