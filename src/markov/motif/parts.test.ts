import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { noisyWord, withWords } from './chain.fixture.ts';
import { dnaComplement, type MotifChain } from './chain.ts';
import { bestWindow, siteColumns, windowMatrix } from './columns.ts';
import { columnInformation, consensus, reverseComplementMatrix } from './matrix.ts';
import { overRepresentedWords, wordSites } from './seeds.ts';
import { chanceOf, chanceScores } from './significance.ts';
import { betweenSites, type MotifSite } from './sites.ts';
import { dividedMotif } from './split.ts';

const code = (text: string) => Int32Array.from(text, (letter) => 'ACGTN'.indexOf(letter));
const even = [0.25, 0.25, 0.25, 0.25];
const both = { background: even, complement: dnaComplement };
const dnaShape = { size: 4, complement: dnaComplement };
const spelled = (letters: readonly number[]) => letters.map((letter) => 'ACGT'[letter]).join('');

describe('motif matrices', () => {
  it('are their own reverse complement twice over', () => {
    const matrix = [
      [0.7, 0.1, 0.15, 0.05],
      [0, 0, 1, 0],
    ];
    const other = reverseComplementMatrix(matrix, dnaComplement);
    expect(consensus(other, 'ACGT')).toBe('CT');
    expect(reverseComplementMatrix(other, dnaComplement)).toEqual(matrix);
    expect(columnInformation([[1, 0, 0, 0], even], even)).toEqual([2, 0]);
  });
});

describe('overRepresentedWords', () => {
  const random = randomStream(11, 'seeds test');
  const sequences = withWords(random, { count: 50, length: 80, words: [noisyWord(random, 'GGATCTAC')] });

  it('begins with a word of what was planted, on whichever strand', () => {
    const [first] = overRepresentedWords(sequences, { length: 6, count: 5, ...dnaShape });
    const flipped = spelled(first!.letters.map((letter) => 3 - letter).reverse());
    // All but the outermost letters are the planted ones.
    const inner = [spelled(first!.letters), flipped].map((text) => text.slice(1, -1));
    expect(inner.some((text) => 'GGATCTAC'.includes(text))).toBe(true);
    expect(first!.z).toBeGreaterThan(6);
  });

  it('gives no word twice, shifted or reversed', () => {
    const words = overRepresentedWords(sequences, { length: 6, count: 8, ...dnaShape });
    expect(words.length).toBe(8);
    const texts = words.map(({ letters }) => spelled(letters));
    texts.forEach((text, i) => {
      for (const other of texts.slice(0, i)) {
        expect(other.slice(1)).not.toBe(text.slice(0, -1));
        expect(other.slice(0, -1)).not.toBe(text.slice(1));
      }
    });
  });

  it('counts words that overlap themselves once, and none with unknown letters', () => {
    const [first] = overRepresentedWords([code('AAAAAAAAAAAA')], {
      length: 3,
      count: 1,
      size: 4,
      complement: null,
    });
    // Four occurrences side by side, of ten places, all of them expected.
    expect(first!.z).toBeLessThan(0);
    expect(
      overRepresentedWords([code('ANCNGNTN')], { length: 3, count: 1, size: 4, complement: null })[0]!.z,
    ).toBeLessThanOrEqual(0);
  });
});

describe('wordSites', () => {
  it('finds words on both strands, and those that are their own reverse complement once', () => {
    const sequences = [code('AACGTTNAAC'), code('GTT')];
    const found = wordSites(sequences, [...code('AAC')], dnaComplement);
    expect(found.map(({ sequence, start, strand }) => [sequence, start, strand])).toEqual([
      [0, 0, '+'],
      [0, 3, '-'],
      [0, 7, '+'],
      [1, 0, '-'],
    ]);
    expect(wordSites(sequences, [...code('ACGT')], dnaComplement).length).toBe(1);
    expect(wordSites(sequences, [...code('AAC')], null).length).toBe(2);
  });
});

describe('columns around sites', () => {
  it('read the other strand as it reads, and nothing beyond the ends', () => {
    const sequences = [code('ACGTA'), code('TACGT')];
    const sites = [
      { sequence: 0, start: 0, strand: '+' as const, weight: 1 },
      { sequence: 1, start: 2, strand: '-' as const, weight: 0.5 },
    ];
    const { counts, from } = siteColumns(sequences, sites, { width: 3, reach: 1, ...both });
    expect(from).toBe(-1);
    expect(counts).toEqual([
      [0, 0, 0, 0],
      [1.5, 0, 0, 0],
      [0, 1.5, 0, 0],
      [0, 0, 1.5, 0],
      [0, 0, 0, 1.5],
    ]);
  });

  it('have their best window where the letters are, no wider and no narrower', () => {
    const certain = [40, 0, 0, 0];
    const flat = [10, 10, 10, 10];
    const columns = {
      counts: [flat, flat, certain, certain, flat, certain, certain, flat, flat],
      from: -4,
    };
    const window = bestWindow(columns, even, { least: 3, most: 9 });
    expect([window.from, window.width]).toEqual([-2, 5]);
    expect(bestWindow(columns, even, { least: 2, most: 3 }).width).toBe(2);
    const matrix = windowMatrix(columns, window, even, { pseudocount: 0 });
    expect(matrix).toEqual([certain, certain, flat, certain, certain].map((row) => row.map((n) => n / 40)));
  });
});

describe('dividedMotif', () => {
  const random = randomStream(3, 'split test');
  const sitesOf = (words: string[]) => {
    const sequences = words.map((word) => {
      const noise = () => spelled(Array.from({ length: 20 }, () => random.below(4)));
      return code(noise() + word + noise());
    });
    const sites = sequences.map(
      (_, sequence): MotifSite => ({ sequence, motif: 0, start: 20, end: 28, strand: '+', posterior: 1 }),
    );
    return { sequences, sites };
  };
  const chain: MotifChain = {
    motifs: [{ matrix: Array.from({ length: 8 }, () => even), rates: [0.01, 0.01] }],
    end: 0.01,
    ...both,
  };
  const shape = { widths: { least: 6, most: 12 }, size: 4 };

  it('tells two motifs apart whose sites were taken for those of one', () => {
    const { sequences, sites } = sitesOf([
      ...Array.from({ length: 30 }, () => 'TGACGTCA'),
      ...Array.from({ length: 20 }, () => 'CACGGGTG'),
    ]);
    const parts = dividedMotif(chain, 0, sequences, sites, shape)!;
    expect(parts.map(({ matrix }) => consensus(matrix, 'ACGT')).sort()).toEqual(['CACGGGTG', 'TGACGTCA']);
    const rates = parts.map(({ rates: [rate] }) => rate).sort();
    expect(rates[0]).toBeCloseTo(0.004, 9);
    expect(rates[1]).toBeCloseTo(0.006, 9);
  });

  it('leaves one motif whole, however variable', () => {
    const word = () => spelled(noisyWord(random, 'TGACGTCA', { share: 1 })()!);
    const { sequences, sites } = sitesOf(Array.from({ length: 60 }, word));
    expect(dividedMotif(chain, 0, sequences, sites, shape)).toBeNull();
  });
});

describe('chance', () => {
  it('is what the share of higher scores is, for scores from a Gumbel distribution', () => {
    const random = randomStream(1, 'gumbel test');
    const gumbel = () => 12 - 3 * Math.log(-Math.log(random.uniform()));
    const chance = chanceScores(Array.from({ length: 4000 }, gumbel));
    expect(chance.location).toBeCloseTo(12, 0);
    expect(Math.abs(chance.scale - 3)).toBeLessThan(0.2);
    const more = Array.from({ length: 20_000 }, gumbel);
    for (const score of [12, 16, 22])
      expect(Math.abs(more.filter((s) => s >= score).length / 20_000 - chanceOf(score, chance))).toBeLessThan(
        0.02,
      );
    expect(chanceOf(200, chance)).toBeGreaterThan(0);
  });

  it('asks for three controls, and does not take few equal scores for certainty', () => {
    expect(() => chanceScores([1, 2])).toThrow(/2 control searches; expected at least 3/);
    expect(chanceScores([5, 5, 5]).scale).toBe(1);
  });
});

describe('betweenSites', () => {
  it('leaves what no site covers, in stretches that are long enough', () => {
    const sequences = [code('ACGTACGTAC'), code('TTTT')];
    const sites = [
      { sequence: 0, start: 6, end: 8 },
      { sequence: 0, start: 0, end: 2 },
    ];
    const left = betweenSites(sequences, sites, { least: 3 });
    expect(left.map((stretch) => spelled([...stretch]))).toEqual(['GTAC', 'TTTT']);
  });
});
