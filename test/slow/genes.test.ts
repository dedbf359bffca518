import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/core/random.ts';
import { plantedContig, realGenes } from '../../src/recipes/genes/simulate.ts';
import { genes, genesDefaults, runGenes } from '../../src/recipes/genes.ts';
import type { RecipeContext } from '../../src/recipes/recipe.ts';

const context = (seed: number): RecipeContext => ({ threads: 1, device: 'auto', seed, quick: false });
const metOf = (claims: readonly { id: string; met: boolean }[]) =>
  Object.fromEntries(claims.map(({ id, met }) => [id, met]));

describe('genes', () => {
  it.each([1, 2, 3])('keeps every claim with seed %i', async (seed) => {
    const { report } = await genes.run({}, context(seed));
    expect(report.claims!.length).toBe(6);
    expect(report.claims!.filter(({ met }) => !met)).toEqual([]);
  });

  it('is not ahead of an ORF finder where what it learned from has its codons in random order of letters', async () => {
    const pool = await realGenes(1);
    // Genes whose letters inside were shuffled: open frames stay open only by chance, so that those that do are kept.
    const random = randomStream(1, 'broken');
    const broken = pool.slice(0, 120).map((cds) => {
      const inside = cds
        .slice(3, -3)
        .match(/.../g)!
        .map((codon) => random.shuffle([...codon]).join(''));
      const open = inside.map((codon) => (/TAA|TAG|TGA/.test(codon) ? 'TTA' : codon));
      return cds.slice(0, 3) + open.join('') + cds.slice(-3);
    });
    const plan = {
      ways: [
        { teacher: 'annotation' as const, contigs: [plantedContig(broken, { id: 'learned', seed: 1 })] },
      ],
      tested: [plantedContig(pool.slice(120, 200), { id: 'planted', seed: 1 })],
      written: [],
      read: { sources: [], skipped: [] },
      notes: [],
      builtIn: true,
    };
    const { report } = await runGenes(plan, genesDefaults, context(1));
    expect(metOf(report.claims!)).toMatchObject({ found: false });
  });
});
