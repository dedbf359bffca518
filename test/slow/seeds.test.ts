import { describe, expect, it } from 'vitest';
import { alignDefaults, runAlign } from '../../src/recipes/align.ts';
import { randomGenes } from '../../src/recipes/dna-to-protein/genes.ts';
import { proteinDefaults, runDnaToProtein } from '../../src/recipes/dna-to-protein.ts';
import { walks } from '../../src/recipes/exposure-bias/series.ts';
import { driftDefaults, runExposureBias } from '../../src/recipes/exposure-bias.ts';

const quick = { threads: 1, device: 'auto', quick: true } as const;

describe('claims hold for other seeds than those of the unit tests', () => {
  it.each([1, 2, 3])('of align, seed %i', async (seed) => {
    const config = { ...alignDefaults, length: 20, pairs: 1500, divergences: [0.1, 0.3], tests: 60 };
    const { report } = await runAlign(config, { ...quick, seed });
    expect(report.claims!.map(({ met }) => met)).toEqual([true, true]);
  });

  it.each([1, 2, 3])('of exposure-bias, seed %i', async (seed) => {
    const config = { ...driftDefaults, count: 500, tests: 150, roundEpochs: 3 };
    const series = walks({ ...config, seed });
    const { report } = await runExposureBias(series, config, { ...quick, seed }, { builtIn: true });
    expect(report.claims!.map(({ met }) => met)).toEqual([true, true]);
  });

  it.each([
    [1, 1],
    [2, 2],
    [3, 1],
  ])('of dna-to-protein, seed %i, genetic code %i', async (seed, code) => {
    const lengths = { learn: { from: 6, to: 18 }, translate: { from: 30, to: 50 } };
    const config = { ...proteinDefaults, genes: 1200, tests: 20, ...lengths, code };
    const genes = randomGenes({ ...config, seed });
    const { report } = await runDnaToProtein(genes, config, { ...quick, seed }, { builtIn: true });
    expect(report.claims).toMatchObject([{ id: 'exact', met: true }]);
  });
});
