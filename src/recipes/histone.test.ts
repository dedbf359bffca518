import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ceilingOf, exampleData, exampleFiles } from './histone/example.ts';
import { plantedChromosomes, plantedMarks, plantedTrack } from './histone/simulate.ts';
import { type HistoneConfig, histone, histoneDefaults } from './histone.ts';
import { loadRecipe } from './index.ts';
import type { RecipeContext } from './recipe.ts';
import { slowly } from './slow.fixture.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const { bin } = histoneDefaults;
const planted = plantedChromosomes({ chromosomes: 6, length: 20_000, bin, seed: 3 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-histone-'));
  for (const [name, text] of Object.entries(exampleFiles(planted, bin)))
    await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

const small: HistoneConfig = {
  ...histoneDefaults,
  count: 5,
  length: 40_000,
  model: { architecture: 'bilstm', hidden: 8, motifs: 8 },
  training: { epochs: 1, batchSize: 8, rate: 5e-3 },
};

describe('histone', () => {
  slowly(
    'of marks that were moved to the wrong places meets no claim',
    async () => {
      const { report } = await histone.run({ ...small, misplaced: true }, quick);
      expect(report.claims!.map(({ id }) => id)).toEqual(
        plantedMarks.flatMap((mark) => [`ahead-${mark}`, `near-${mark}`]),
      );
      expect(report.claims!.map(({ met }) => met)).toEqual(new Array(6).fill(false));
      expect(report.notes!.join(' ')).toMatch(/moved to the wrong places/);
    },
    60_000,
  );

  it("reads the user's genome, marks and tracks, and leaves a model and a bedGraph a mark", async () => {
    const file = (name: string) => join(folder, name);
    const marks = Object.fromEntries(plantedMarks.map((mark) => [mark, file(`example-${mark}.bed`)]));
    const tracks = { [plantedTrack]: file(`example-${plantedTrack}.bedgraph`) };
    const input = { path: file('example.fa'), options: {} };
    const { report, model, extraFiles } = await histone.run(
      { ...small, marks, tracks, testOn: 'chr2,chr4' },
      { ...quick, input },
    );
    expect(report.claims!.map(({ id }) => id)).toEqual(plantedMarks.map((mark) => `ahead-${mark}`));
    expect(report.data!.sources).toHaveLength(5);
    expect(model!.spec).toMatchObject({ kind: 'marks', bin, tracks: [{ name: plantedTrack }] });
    expect(Object.keys(extraFiles!)).toEqual(plantedMarks.map((mark) => `${mark}.bedgraph`));
    const lines = String(extraFiles!['H3K27ac.bedgraph'])
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(new Set(lines.map(([chrom]) => chrom))).toEqual(new Set(['chr2', 'chr4']));
    expect(lines.reduce((sum, [, start, end]) => sum + Number(end) - Number(start), 0)).toBe(40_000);
    await expect(histone.run({ ...small }, { ...quick, input })).rejects.toThrow(
      /no marks along it are named; give each as --set marks/,
    );
    await expect(histone.run({ ...small, marks }, quick)).rejects.toThrow(
      /without a genome; name it with --input/,
    );
  }, 60_000);

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('histone');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(histoneDefaults);
    await expect(histone.run({ test: 2 }, quick)).rejects.toThrow(
      /test: expected a share between 0 and 1, received 2/,
    );
    await expect(histone.run({ count: 2 }, quick)).rejects.toThrow(/at least 5 chromosomes/);
  });
});

describe('the example', () => {
  it('written to files and read again is the same', async () => {
    const data = exampleData(planted, bin);
    const { readMarks } = await import('../train/tasks/marks/data.ts');
    const read = await readMarks(join(folder, 'example.fa'), {
      marks: plantedMarks.map((name) => ({ name, path: join(folder, `example-${name}.bed`) })),
      tracks: [{ name: plantedTrack, path: join(folder, `example-${plantedTrack}.bedgraph`) }],
      bin,
    });
    read.stretches.forEach((stretch, s) => {
      expect(stretch.truth).toEqual(data.stretches[s]!.truth);
      expect(stretch.tokens).toEqual(data.stretches[s]!.tokens);
      stretch.tracks.forEach((x, b) => {
        expect(x).toBeCloseTo(data.stretches[s]!.tracks[b]!, 3);
      });
    });
  });

  it('has marks that overlap, domains longer than a window answers, and a ceiling that is right on the mean', () => {
    const data = exampleData(planted, bin);
    let both = 0;
    for (const { truth } of data.stretches)
      for (let b = 0; b < truth.length; b += 3) both += Number(truth[b] === 1 && truth[b + 1] === 1);
    expect(both).toBeGreaterThan(100);
    const domains = planted.flatMap(({ marks }) => marks[2]!.map(({ start, end }) => end - start));
    expect(Math.max(...domains)).toBeGreaterThan(histoneDefaults.core * bin);
    const many = plantedChromosomes({ chromosomes: 40, length: 40_000, bin, seed: 9 });
    const all = exampleData(many, bin);
    plantedMarks.forEach((mark, m) => {
      const expected = many.flatMap(({ ceiling }) => Array.from(ceiling[m]!));
      const truth = all.stretches.flatMap((own) => Array.from(own.truth).filter((_, i) => i % 3 === m));
      const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
      expect(Math.abs(mean(expected) / mean(truth) - 1), mark).toBeLessThan(0.08);
      expect(ceilingOf(many, all)[mark]).toBeGreaterThan(0.85);
    });
  });
});
