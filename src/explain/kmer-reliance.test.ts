import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { allWords, kmerReliance } from './kmer-reliance.ts';

const random = randomStream(1, 'backgrounds');
const backgrounds = Array.from({ length: 12 }, () =>
  Array.from({ length: 20 }, () => 'AC'[random.below(2)]!).join(''),
);
/** Log-odds of 2 for each GT, −1 for each TT. */
const model = async (sequences: readonly string[]) =>
  sequences.map((s) => {
    const count = (word: string) => [...s].filter((_, i) => s.startsWith(word, i)).length;
    return 1 / (1 + Math.exp(-(2 * count('GT') - count('TT'))));
  });

describe('kmerReliance', () => {
  it('finds the word that a model goes by, and what it is worth, among all', async () => {
    const scan = await kmerReliance(model, backgrounds, { words: 2 });
    expect(scan.length).toBe(16);
    expect(scan[0]).toMatchObject({ word: 'GT', effect: expect.closeTo(2, 4), error: expect.closeTo(0, 4) });
    expect(scan.at(-1)).toMatchObject({ word: 'TT', effect: expect.closeTo(-1, 4) });
    expect(scan.find(({ word }) => word === 'AC')!.effect).toBeCloseTo(0, 6);
  });

  it('puts every word at the same places, only where it may stand, and is the same for the same seed', async () => {
    const seen: string[] = [];
    const watch = async (sequences: readonly string[]) => {
      seen.push(...sequences.slice(sequences.length === backgrounds.length ? backgrounds.length : 0));
      return sequences.map(() => 0.5);
    };
    await kmerReliance(watch, backgrounds, { words: ['TTT', 'GGG'], within: [4, 9], seed: 3 });
    const places = seen.map((s) => s.search(/TTT|GGG/));
    expect(places.slice(0, 12)).toEqual(places.slice(12));
    expect(Math.min(...places)).toBeGreaterThanOrEqual(4);
    expect(Math.max(...places)).toBeLessThanOrEqual(6);
    expect(await kmerReliance(model, backgrounds, { words: 2, seed: 5 })).toEqual(
      await kmerReliance(model, backgrounds, { words: 2, seed: 5 }),
    );
  });

  it('survives certain models, and refuses words that have no room', async () => {
    const certain = async (sequences: readonly string[]) => sequences.map((s) => Number(s.includes('G')));
    const [first] = await kmerReliance(certain, backgrounds, { words: 1 });
    expect(first).toMatchObject({ word: 'G', effect: expect.closeTo(2 * Math.log(999_999), 3) });
    await expect(kmerReliance(model, ['ACGT'], { words: 5 })).rejects.toThrow(/no room in 4 letters/);
  });

  it('spells all words in order', () => {
    expect(allWords(2, 'AB')).toEqual(['AA', 'AB', 'BA', 'BB']);
  });
});
