import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { noisyWord, reversed, withWords } from './chain.fixture.ts';
import { findMotifs } from './find-motifs.ts';
import { consensus } from './matrix.ts';

const random = randomStream(21, 'find test');
const shape = { count: 80, length: 90 };
const noise = () => withWords(random, { ...shape, words: [() => null] });
const controls = [noise(), noise(), noise(), noise()];
const options = { controls, widths: { least: 6, most: 14 }, starts: 8 };
const words = ['TGACCTATGA', 'GGCGCATC'];
const planted = withWords(random, { ...shape, words: words.map((word) => noisyWord(random, word)) });
const flipped = (text: string) =>
  Array.from(text, (letter) => 'TGCA'['ACGT'.indexOf(letter)]!)
    .reverse()
    .join('');

describe('findMotifs', () => {
  it('finds as many motifs as there are, whole, with their sites, and the same in reverse complements', async () => {
    const { motifs, sites, next } = await findMotifs(planted, options);
    expect(motifs.length).toBe(2);
    for (const word of words)
      expect(
        motifs.some(({ matrix }) => {
          const text = consensus(matrix, 'ACGT', { sure: 0 });
          return text.includes(word) || flipped(text).includes(word);
        }),
      ).toBe(true);
    for (const { sites: count, chance } of motifs) {
      expect(Math.abs(count - 0.8 * shape.count)).toBeLessThan(0.25 * shape.count);
      expect(chance).toBeLessThan(1e-6);
    }
    expect(next!.chance).toBeGreaterThan(0.01);
    const mirror = await findMotifs(planted.map(reversed), options);
    const places = (list: typeof sites, mirrored: boolean) =>
      new Set(list.map(({ sequence, start, end }) => `${sequence}:${mirrored ? shape.length - end : start}`));
    const [own, other] = [places(sites, false), places(mirror.sites, true)];
    expect([...own].filter((place) => other.has(place)).length).toBeGreaterThan(0.9 * own.size);
    expect(other.size).toBeLessThan(1.1 * own.size);
  }, 60_000);

  it('finds nothing where there is nothing', async () => {
    for (let again = 0; again < 3; again++) {
      const { motifs, sites, chain } = await findMotifs(noise(), options);
      expect([motifs, sites, chain.motifs]).toEqual([[], [], []]);
    }
  }, 60_000);

  it('reads one strand where it is told so', async () => {
    const word = noisyWord(random, 'TGACCTATGA');
    const one = withWords(random, { ...shape, words: [() => null] }).map((sequence) => {
      sequence.set(word() ?? [], 40);
      return sequence;
    });
    const { motifs, sites } = await findMotifs(one, { ...options, complement: null });
    expect(motifs.length).toBe(1);
    expect(sites.every(({ strand }) => strand === '+')).toBe(true);
    expect(sites.length).toBeGreaterThan(0.6 * shape.count);
  }, 60_000);

  it('tells how far it is, and ends where it is told to', async () => {
    const told: string[] = [];
    await expect(
      findMotifs(planted, {
        ...options,
        onProgress: ({ stage, done, total }) => {
          told.push(`${stage} ${done} of ${total}`);
          if (told.length === 2) throw new Error('enough');
        },
      }),
    ).rejects.toThrow('enough');
    expect(told).toEqual(['controls 0 of 4', 'controls 1 of 4']);
  });

  it('refuses too few controls, and sequences shorter than any motif', async () => {
    await expect(findMotifs(planted, { ...options, controls: [] })).rejects.toThrow(/expected at least 3/);
    await expect(findMotifs([Int32Array.of(1, 2, 3)], options)).rejects.toThrow(/No sequence has 6 letters/);
    await expect(findMotifs(planted, { ...options, widths: { least: 9, most: 8 } })).rejects.toThrow(
      /Motifs of 9 to 8 letters/,
    );
  });
});
