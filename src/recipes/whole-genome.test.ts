import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dna, reverseComplement } from '../data/alphabet.ts';
import { collect } from '../data/pieces.fixture.ts';
import { exampleModel } from '../models/model.fixture.ts';
import { saveModel } from '../models/save-model.ts';
import { loadRecipe } from './index.ts';
import type { RecipeContext, RecipeResult } from './recipe.ts';
import { resumedText, shardedText } from './whole-genome/checks.ts';
import { f1Of, matchingMotif, matchSites } from './whole-genome/found.ts';
import { endlessStretches, heldStretches, plantedGenome, plantedWindows } from './whole-genome/planted.ts';
import { wholeGenome, wholeGenomeDefaults } from './whole-genome.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const small = {
  ...wholeGenomeDefaults,
  length: 60_000,
  every: 600,
  windows: 3_000,
  stream: [20_000, 40_000],
  training: { epochs: 8, batchSize: 64, rate: 6e-3 },
};
const claimsOf = ({ report }: RecipeResult) =>
  Object.fromEntries(report.claims!.map((claim) => [claim.id, claim]));
const planted = { motif: small.motif, width: 32, seed: 3 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-genome-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('whole-genome', () => {
  it('finds planted sites, and writes the same in shards and after being killed', async () => {
    const found = await wholeGenome.run(small, quick);
    const claims = claimsOf(found);
    expect(claims.shards).toMatchObject({ value: 1, met: true });
    expect(claims.resumed).toMatchObject({ met: true });
    expect(claims.resumed!.text).toMatch(/killed [123] times?/);
    expect(claims.found!.met).toBe(true);
    const { low, high } = found.report.metrics!.f1!;
    expect(low).toBeLessThanOrEqual(claims.found!.value!);
    expect(high).toBeGreaterThanOrEqual(claims.found!.value!);
    expect(found.report.baselines!['the motif exactly']!.f1!.value).toBeLessThan(claims.found!.value!);
    const lines = (name: string) => String(found.extraFiles![name]).trim().split('\n');
    expect(lines('sites.gff3').length).toBe(lines('sites.bed').length + 1);
    expect(lines('sites.bedgraph').length).toBeGreaterThan(lines('sites.bed').length);
  }, 60_000);

  it('misses sites where windows do not overlap', async () => {
    const claims = claimsOf(await wholeGenome.run({ ...small, overlap: false, shards: [2] }, quick));
    expect(claims.found!.met).toBe(false);
    expect(claims.shards!.met).toBe(true);
  }, 60_000);

  it("slides the user's model along the user's genome", async () => {
    const [model, path] = [join(folder, 'mine.model'), join(folder, 'mine.fa')];
    await saveModel(model, exampleModel());
    const { chromosomes } = plantedGenome(6_000, { ...planted, every: 300 });
    await writeFile(
      path,
      Object.entries(chromosomes)
        .map(([id, text]) => `>${id}\n${text}\n`)
        .join(''),
    );
    const config = { ...small, model, track: 'yes', width: 40, format: 'bedgraph' as const };
    const context = { ...quick, input: { path } };
    const found = await wholeGenome.run(config, context);
    const claims = claimsOf(found);
    expect(Object.keys(claims)).toEqual(['shards', 'resumed']);
    expect(Object.values(claims).every(({ met }) => met)).toBe(true);
    expect(String(found.extraFiles!['track.bedgraph'])).toMatch(/^chr1\t0\t/);
    await expect(wholeGenome.run({ ...config, model: null }, context)).rejects.toThrow(/--set model=FOLDER/);
    await expect(wholeGenome.run({ ...config, track: 'maybe' }, context)).rejects.toThrow(
      /no output "maybe"; it has no, yes/,
    );
  });

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('whole-genome');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(wholeGenomeDefaults);
    await expect(wholeGenome.run({ stream: [5, 5] }, quick)).rejects.toThrow(/the shorter one first/);
    await expect(wholeGenome.run({ motif: 'ACGN' }, quick)).rejects.toThrow(/expected 8 to 16 letters/);
  });
});

describe('the checks of whole-genome', () => {
  it('notice a difference', async () => {
    const model = exampleModel();
    const stretches = heldStretches({ a: 'ACGTTGCATGCA'.repeat(400) });
    const work = { model, stretches, options: { tracks: ['yes'], width: 40, blockSize: 32 }, place: {} };
    const whole = await shardedText(work, 1);
    expect(await shardedText(work, 3)).toBe(whole);
    const { text, kills } = await resumedText(work, [0.2, 0.7]);
    expect({ same: text === whole, kills }).toEqual({ same: true, kills: 2 });
    const other = { ...work, options: { ...work.options, step: 9 } };
    expect((await resumedText(other, [0.5])).text).not.toBe(whole);
  });

  it('set segments against sites one to one, by the middle of the site', () => {
    const site = (start: number, end: number, strand: '+' | '-' = '+') => ({
      chrom: 'c',
      start,
      end,
      strand,
    });
    const truth = [site(10, 20), site(40, 50), site(60, 70, '-')];
    const found = [site(0, 15), site(14, 16), site(36, 44), site(55, 90)];
    const matches = matchSites(truth, found);
    expect(matches.right).toEqual([truth[0], truth[2]]);
    expect(matches.missed).toEqual([truth[1]]);
    expect(matches.wrong).toEqual([found[0], found[2]]);
    expect(matches.strand).toBe(0.5);
    expect(f1Of(matches, 1).value).toBeCloseTo(4 / 7, 12);
  });

  it('plant sites that are where they say, on their strand, with up to two letters exchanged', () => {
    const genome = plantedGenome(40_000, { ...planted, every: 500 });
    expect(genome.sites.length).toBeGreaterThan(50);
    const exact = matchingMotif(genome, planted.motif, 2).map((site) => JSON.stringify(site));
    for (const site of genome.sites) expect(exact).toContain(JSON.stringify(site));
    const { chrom, start, end } = genome.sites.find(({ strand }) => strand === '-')!;
    const read = reverseComplement(genome.chromosomes[chrom]!.slice(start, end), dna);
    expect([...read].filter((letter, i) => letter !== planted.motif[i]).length).toBeLessThanOrEqual(2);
    const { records, target } = plantedWindows(60, planted);
    expect(records.every(({ sequence }) => sequence.length === 32)).toBe(true);
    expect(Array.from(target!.truth).filter((label) => label === 1).length).toBe(30);
  });

  it('make sequences of any length in pieces', async () => {
    const pieces = await collect(endlessStretches(100_000, 1, 30_000).pieces());
    expect(pieces.map(({ at, letters, last }) => [at, letters.length, last])).toEqual([
      [0, 30_000, false],
      [30_000, 30_000, false],
      [60_000, 30_000, false],
      [90_000, 10_000, true],
    ]);
    const text = new TextDecoder().decode(pieces[3]!.letters);
    for (const base of 'ACGT') expect(text.split(base).length / 10_000).toBeCloseTo(0.25, 1);
  });
});
