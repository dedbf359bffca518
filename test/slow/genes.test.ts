import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/core/random.ts';
import { plantedContig, realGenes } from '../../src/recipes/genes/simulate.ts';
import { genes, genesDefaults, runGenes } from '../../src/recipes/genes.ts';
import type { RecipeContext } from '../../src/recipes/recipe.ts';

const context = (seed: number): RecipeContext => ({ threads: 1, device: 'auto', seed, quick: false });

describe('genes', () => {
  it.each([1, 2, 3])('keeps every claim with seed %i', async (seed) => {
    const { report } = await genes.run({}, context(seed));
    expect(report.claims!.length).toBe(5);
    expect(report.claims!.filter(({ met }) => !met)).toEqual([]);
  });

  it.each([1, 2, 42])('keeps every claim in a quick run with seed %i', async (seed) => {
    const { report } = await genes.run({}, { ...context(seed), quick: true });
    expect(report.claims!.length).toBe(5);
    expect(report.claims!.filter(({ met }) => !met)).toEqual([]);
  });

  it('claims nothing of genes whose codons are in no order that it learned: letters of test genes shuffled within each codon', async () => {
    const pool = await realGenes(1);
    const random = randomStream(1, 'broken');
    const broken = pool.slice(120, 200).map((cds) => {
      const inside = cds
        .slice(3, -3)
        .match(/.../g)!
        .map((codon) => random.shuffle([...codon]).join(''));
      // A stop in the middle would make it another gene.
      const open = inside.map((codon) => (/TAA|TAG|TGA/.test(codon) ? [...codon].reverse().join('') : codon));
      return (
        cds.slice(0, 3) +
        open.map((codon) => (/TAA|TAG|TGA/.test(codon) ? 'TTA' : codon)).join('') +
        cds.slice(-3)
      );
    });
    const plan = {
      ways: [
        {
          teacher: 'annotation' as const,
          contigs: [plantedContig(pool.slice(0, 120), { id: 'learned', seed: 1 })],
        },
      ],
      tested: [plantedContig(broken, { id: 'planted', seed: 1 })],
      written: [],
      read: { sources: [], skipped: [] },
      notes: [],
      builtIn: true,
    };
    const { report } = await runGenes(plan, genesDefaults, context(1));
    expect(report.claims!.find(({ id }) => id === 'found')).toMatchObject({ met: false });
  });
});

const root = fileURLToPath(new URL('../../..', import.meta.url));
const plasmid =
  process.env.SEQWRIGHT_PPCP1 ?? `${root}shared/data/bench/small_genomes/Tests/GenBank/NC_005816.gb`;

describe.skipIf(!existsSync(plasmid))('genes of the plasmid pPCP1', () => {
  it('are found by a network that learned from planted genes of E. coli, around the circle', async () => {
    const { report } = await genes.run({}, { ...context(1), input: { path: plasmid } });
    expect(report.metrics!.sensitivity!.value).toBeGreaterThanOrEqual(0.8);
    expect(report.metrics!.precision!.value).toBeGreaterThanOrEqual(0.8);
  });
});
