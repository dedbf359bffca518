import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { recoveredMotifs } from './compare.ts';
import { bestOffset, consensusText } from './consensus.ts';
import { type ImportanceTrack, windowGains } from './cuts.ts';
import { discoveredMotifs } from './motifs.ts';
import { plantedGenome } from './simulate.ts';

const settings = {
  ...{
    count: 120,
    length: 80,
    motifs: 3,
    blocks: 3,
    block: 3,
    gaps: [5, 7] as const,
    frequency: 0.7,
    fidelity: 0.95,
  },
  scrambled: false,
};
const search = { window: 12, width: 36, alike: 0.6, least: 8 };

/** Tracks of a model that knows where motifs are: sure of the letters of their words, of nothing else. */
function knowing(
  { corpus, motifs, sites }: ReturnType<typeof plantedGenome>,
  noise = 0.02,
): ImportanceTrack[] {
  const random = randomStream(1, 'noise');
  const tracks = corpus.texts.map((text) => ({
    text,
    probabilities: new Float64Array(4 * text.length).fill(0.25),
    gain: Float64Array.from(text, () => noise * random.uniform()),
  }));
  for (const { sequence, motif, start } of sites)
    [...motifs[motif]!].forEach((letter, i) => {
      if (letter === 'N') return;
      const { probabilities, gain } = tracks[sequence]!;
      for (let l = 0; l < 4; l++) probabilities[4 * (start + i) + l] = 'ACGT'[l] === letter ? 0.94 : 0.02;
      gain[start + i] = 1.6;
    });
  return tracks;
}

describe('planted sequences', () => {
  const genome = plantedGenome({ ...settings, seed: 4 });

  it('hold their motifs where it is said, nearly to the letter, and none on another', () => {
    let [letters, right] = [0, 0];
    for (const { sequence, motif, start, end } of genome.sites) {
      const text = genome.motifs[motif]!;
      expect(end - start).toBe(text.length);
      [...text].forEach((letter, i) => {
        if (letter === 'N') return;
        letters++;
        right += Number(genome.corpus.texts[sequence]![start + i] === letter);
      });
    }
    // A letter that is not kept is drawn, and may be the same again.
    expect(right / letters).toBeGreaterThan(0.94);
    expect(right / letters).toBeLessThan(0.985);
    for (const a of genome.sites)
      for (const b of genome.sites)
        if (a !== b && a.sequence === b.sequence) expect(a.end <= b.start || b.end <= a.start).toBe(true);
    // Where there is no room left, a motif is left out.
    expect(genome.sites.length / (3 * 120)).toBeGreaterThan(0.55);
    expect(genome.sites.length / (3 * 120)).toBeLessThan(0.75);
  });

  it('are others for another seed, and the same for the same', () => {
    expect(plantedGenome({ ...settings, seed: 4 })).toEqual(genome);
    expect(plantedGenome({ ...settings, seed: 5 }).motifs).not.toEqual(genome.motifs);
  });

  it('that are scrambled have the same letters in their sites but no motif', () => {
    const scrambled = plantedGenome({ ...settings, fidelity: 1, scrambled: true, seed: 4 });
    const [motif] = scrambled.motifs;
    const sorted = (text: string) => [...text].sort().join('');
    const fixed = (text: string) => [...text].filter((_, i) => motif![i] !== 'N').join('');
    const words = scrambled.sites
      .filter((site) => site.motif === 0)
      .map(({ sequence, start, end }) => fixed(scrambled.corpus.texts[sequence]!.slice(start, end)));
    for (const word of words) expect(sorted(word)).toBe(sorted(fixed(motif!)));
    expect(new Set(words).size).toBeGreaterThan(words.length / 2);
  });
});

describe('motifs', () => {
  it.each([1, 2, 3, 4, 5])('of a model that knows the planted ones are these, seed %i', (seed) => {
    const genome = plantedGenome({ ...settings, seed });
    const motifs = discoveredMotifs(knowing(genome), 3, search);
    const recovered = recoveredMotifs(genome.motifs, motifs, genome.sites, 3);
    for (const { letters, of, sites } of recovered) {
      expect(letters / of).toBeGreaterThanOrEqual(0.9);
      expect(sites).toBeGreaterThan(0.7);
    }
    motifs.slice(1).forEach(({ gain }, i) => {
      expect(gain).toBeLessThanOrEqual(motifs[i]!.gain);
    });
  });

  it('are none where nothing is important, or important places have nothing in common', () => {
    const genome = plantedGenome({ ...settings, seed: 1 });
    expect(discoveredMotifs(knowing(genome), 100, search)).toEqual([]);
    const random = randomStream(9, 'places');
    const tracks = genome.corpus.texts.map((text): ImportanceTrack => {
      const gain = new Float64Array(text.length);
      const from = random.below(text.length - 12);
      const probabilities = new Float64Array(4 * text.length).fill(0.25);
      for (let i = from; i < from + 12; i++) {
        gain[i] = 1.5;
        const sure = random.below(4);
        for (let l = 0; l < 4; l++) probabilities[4 * i + l] = l === sure ? 0.94 : 0.02;
      }
      return { text, probabilities, gain };
    });
    expect(discoveredMotifs(tracks, 3, search).filter(({ sites }) => sites.length > 20)).toEqual([]);
  });

  it('are compared with planted ones at any offset, free letters aside', () => {
    const sure = (text: string) => [...text].map((letter) => [...'ACGT'].map((l) => (l === letter ? 1 : 0)));
    expect(bestOffset('ACNNGT', sure('TTACAAGTA'))).toEqual({ offset: 2, shared: 4 });
    expect(bestOffset('ACNNGT', sure('GT'))).toEqual({ offset: -4, shared: 2 });
    expect(bestOffset('AAAA', sure('CCCC')).shared).toBe(0);
    expect(consensusText([...sure('AC'), [0.4, 0.3, 0.2, 0.1]])).toBe('ACN');
  });

  it('come from sums of gain over windows', () => {
    expect([...windowGains(Float64Array.of(1, 2, 3, 4), 2)]).toEqual([3, 5, 7]);
    expect(windowGains(Float64Array.of(1), 2).length).toBe(0);
  });
});
