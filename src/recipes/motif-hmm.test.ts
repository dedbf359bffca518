import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bedIntervals } from '../data/bed/bed.ts';
import { memeMotifs } from '../data/meme/meme.ts';
import { columnInformation } from '../markov/motif/matrix.ts';
import { loadRecipe } from './index.ts';
import { binomialTail, boxStarts, fisherTail, mostLike } from './motif-hmm/boxes.ts';
import { compareSites, siteScores } from './motif-hmm/compare.ts';
import { distinct } from './motif-hmm/examples.ts';
import { plantedSequences } from './motif-hmm/simulate.ts';
import { type MotifHmmConfig, motifHmm, motifHmmDefaults } from './motif-hmm.ts';
import type { RecipeContext } from './recipe.ts';

const context: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const small: MotifHmmConfig = {
  ...motifHmmDefaults,
  data: 'planted',
  count: 60,
  motifs: 1,
  starts: 6,
  controls: 3,
};
const shape = { count: 100, shortest: 80, longest: 240, motifs: 0 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-motif-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function* bytes(text: unknown) {
  yield new TextEncoder().encode(String(text));
}

describe('motif-hmm', () => {
  it('finds what was planted, and leaves sites, motifs and posteriors that agree', async () => {
    const { report, extraFiles } = await motifHmm.run({ ...small }, context);
    expect(report.claims!.map(({ id, met }) => [id, met])).toEqual([
      ['sites', true],
      ['number', true],
      ['nothing', true],
    ]);
    const ceiling = report.baselines!['planted parameters']!.f1!.value!;
    expect(report.metrics!.f1!.value!).toBeLessThan(ceiling + 0.05);
    expect(report.metrics!.f1!.low!).toBeLessThan(report.metrics!.f1!.value!);
    expect(report.baselines!['over-represented words']!.f1!.value!).toBeLessThan(0.8);
    const { motifs } = await memeMotifs(bytes(extraFiles!['motifs.meme']));
    expect(motifs.map(({ id }) => id)).toEqual(['motif-1']);
    let sites = 0;
    for await (const { start, end, score, strand, name } of bedIntervals(bytes(extraFiles!['sites.bed']))) {
      sites++;
      expect([name, end - start]).toEqual(['motif-1', motifs[0]!.matrix.length]);
      expect(score! > 0 && score! <= 1000 && strand !== '.').toBe(true);
    }
    expect(Math.abs(sites / motifs[0]!.sites! - 1)).toBeLessThan(0.3);
    expect(extraFiles!['posterior.bedgraph']).toMatch(/^track type=bedGraph.*\nplanted\d+\t\d+\t\d+\t[01]/);
    expect(report.figures![0]!.svg).toContain('class="stack"');
  }, 60_000);

  it('finds nothing in sequences that were shuffled, and its claims fail', async () => {
    const { report, extraFiles } = await motifHmm.run({ ...small, shuffled: true }, context);
    expect(report.claims!.map(({ id, met }) => [id, met])).toEqual([
      ['sites', false],
      ['number', false],
      ['nothing', true],
    ]);
    expect(report.metrics!.f1!.value).toBe(0);
    expect(extraFiles!['sites.bed']).toBe('');
    expect(extraFiles!['motifs.meme']).toBeUndefined();
  }, 60_000);

  it("searches the user's FASTA, in part where there is much of it, and gives sites in all of it", async () => {
    const { sequences, sites } = plantedSequences({ ...shape, motifs: 1, seed: 4 });
    const path = join(folder, 'mine.fa');
    await writeFile(path, sequences.map((text, i) => `>s${i}\n${text.toLowerCase()}\n`).join(''));
    const given = { ...small, letters: 8000 };
    const { report, extraFiles } = await motifHmm.run(given, { ...context, input: { path } });
    expect(report.claims).toBeUndefined();
    expect(report.data!.records).toBe(100);
    expect(report.tables![0]!.note).toMatch(/looked for in [78],\d+ of 1\d,\d+ letters/);
    expect(report.lead).toMatch(/^One motif was found in 100 sequences/);
    const names = new Set(String(extraFiles!['sites.bed']).match(/^s\d+/gm));
    const holding = new Set(sites.map(({ sequence }) => `s${sequence}`));
    expect([...names].filter((name) => holding.has(name)).length).toBeGreaterThan(0.8 * holding.size);
    await writeFile(path, '>a\nACG\n');
    await expect(motifHmm.run({ ...small }, { ...context, input: { path } })).rejects.toThrow(
      /the longest of 3 letters; motifs have at least 6/,
    );
  }, 60_000);

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('motif-hmm');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(motifHmmDefaults);
  });

  it.each([
    [{ data: 'genome' }, /data: expected planted or promoters or both, received "genome"/],
    [{ strands: 'one' }, /strands: expected both or forward/],
    [{ level: 0 }, /level: expected a probability/],
    [{ controls: 2 }, /controls: expected at least 3/],
    [{ longest: 50 }, /shortest and longest/],
    [{ most: 5 }, /Motifs of 6 to 5 letters/],
  ])('refuses %j', async (given, message) => {
    await expect(motifHmm.run({ ...small, ...given }, context)).rejects.toThrow(message);
  });
});

describe('planted sequences', () => {
  it.each([1, 2, 3, 4, 5])('are what they are said to be, with seed %i', (seed) => {
    const { sequences, motifs, sites, background } = plantedSequences({ ...shape, seed });
    expect(motifs.length).toBeGreaterThanOrEqual(2);
    expect(motifs.length).toBeLessThanOrEqual(4);
    expect(new Set(sequences.map(({ length }) => length)).size).toBeGreaterThan(30);
    motifs.forEach((matrix, m) => {
      const bits = columnInformation(matrix, background).reduce((a, b) => a + b, 0);
      expect(bits).toBeGreaterThanOrEqual(16);
      // A site has at each position the motif's own letter about as often as the matrix says.
      const own = sites.filter(({ motif }) => motif === m);
      const plus = own.filter(({ strand }) => strand === '+');
      expect(plus.length / own.length).toBeGreaterThan(0.3);
      expect(plus.length / own.length).toBeLessThan(0.7);
      const right = plus.flatMap(({ sequence, start }) =>
        matrix.map((row, i) => +(sequences[sequence]![start + i] === 'ACGT'[row.indexOf(Math.max(...row))])),
      );
      const expected = matrix.reduce((sum, row) => sum + Math.max(...row), 0) / matrix.length;
      const share = right.reduce((a, b) => a + b, 0) / right.length;
      expect(Math.abs(share - expected)).toBeLessThan(0.08);
    });
    sites.forEach((site, i) => {
      const before = sites[i - 1];
      if (before?.sequence === site.sequence) expect(site.start).toBeGreaterThanOrEqual(before.end);
      expect(site.end).toBeLessThanOrEqual(sequences[site.sequence]!.length);
    });
  });
});

describe('distinct', () => {
  it('keeps the first of copies, shifted or not, and all that are not alike', () => {
    const one = 'ACGTTGCATTACGGATCCAT';
    const shifted = `TT${one.slice(0, 18)}`;
    const changed = `${one.slice(0, 13)}CATTGCA`;
    expect(distinct([one, shifted, changed, 'TTTTTTTTTTTTTTTTTTTT', one])).toEqual([0, 3]);
  });
});

describe('sites beside the truth', () => {
  const site = (motif: number, start: number, strand: '+' | '-' = '+', sequence = 0) => ({
    motif,
    start,
    end: start + 10,
    strand,
    sequence,
  });
  const truth = [site(0, 10), site(0, 40, '-'), site(1, 70), site(1, 5, '+', 1)];

  it('are right where place and strand agree, whatever numbers and strands the motifs were given', () => {
    const same = truth.map((t) => ({
      ...t,
      motif: 1 - t.motif,
      strand: t.strand === '+' ? ('-' as const) : ('+' as const),
    }));
    const comparison = compareSites(same, truth, { sequences: 2 });
    expect(comparison.identities).toEqual([
      { found: 0, planted: 1, flipped: true },
      { found: 1, planted: 0, flipped: true },
    ]);
    expect(siteScores(comparison)).toEqual({ precision: 1, recall: 1, f1: 1 });
    expect(siteScores(comparison, [0, 1])).toEqual({ precision: 1, recall: 1, f1: 1 });
  });

  it('are wrong where they lie beside, read the other strand, or take two motifs for one', () => {
    expect(siteScores(compareSites([site(0, 16)], truth, { sequences: 2 })).f1).toBe(0);
    const turned = [site(0, 10), site(0, 40), site(0, 12, '+', 1)];
    expect(siteScores(compareSites(turned, truth, { sequences: 2 }))).toEqual({
      precision: 1 / 3,
      recall: 1 / 4,
      f1: 2 / 7,
    });
    const merged = truth.map((t) => ({ ...t, motif: 0 }));
    expect(siteScores(compareSites(merged, truth, { sequences: 2 })).recall).toBe(0.5);
    expect(siteScores(compareSites([], truth, { sequences: 2 }))).toEqual({ precision: 0, recall: 0, f1: 0 });
  });
});

describe('the −10 box', () => {
  const matrix = (text: string) => Array.from(text, (letter) => Array.from('ACGT', (a) => +(a === letter)));

  it('is looked for on both strands of every motif, and its place in the sites is told', () => {
    const motifs = ['GGGGCC', 'CATTATAG'].map((text) => ({ matrix: matrix(text) }));
    const best = mostLike(motifs, 'TATAAT');
    expect(best).toEqual({ motif: 1, letters: 6, offset: 1, flipped: true });
    const site = { sequence: 3, motif: 1, start: 36, end: 44, posterior: 1 };
    expect(boxStarts([{ ...site, strand: '-' }], best!, 'TATAAT')).toEqual([
      { sequence: 3, start: 37, strand: '+' },
    ]);
    expect(boxStarts([{ ...site, strand: '+' }], best!, 'TATAAT')).toEqual([
      { sequence: 3, start: 37, strand: '-' },
    ]);
    expect(mostLike([{ matrix: matrix('ATAATCC') }], 'TATAAT')).toMatchObject({ letters: 5, offset: -1 });
    expect(mostLike([], 'TATAAT')).toBeNull();
  });

  it('is judged by exact tests', () => {
    expect(binomialTail(2, 2, 0.5)).toBeCloseTo(0.25, 12);
    expect(binomialTail(0, 9, 0.3)).toBeCloseTo(1, 12);
    // 1 − 0.9^10 − 10·0.1·0.9^9
    expect(binomialTail(2, 10, 0.1)).toBeCloseTo(1 - 0.9 ** 10 - 0.9 ** 9, 12);
    expect(fisherTail({ a: 2, m: 2, c: 0, n: 2 })).toBeCloseTo(1 / 6, 12);
    expect(fisherTail({ a: 0, m: 5, c: 3, n: 5 })).toBeCloseTo(1, 12);
    // The lady who tasted tea: 3 of 4 right or better.
    expect(fisherTail({ a: 3, m: 4, c: 1, n: 4 })).toBeCloseTo(17 / 70, 12);
  });
});
