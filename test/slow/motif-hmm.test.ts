import { describe, expect, it } from 'vitest';
import { loadRecipe } from '../../src/recipes/index.ts';

const context = { threads: 1, device: 'auto', quick: false } as const;

describe('motif-hmm', () => {
  it.each([1, 2, 3, 4, 5])('keeps every claim on planted motifs with seed %i', async (seed) => {
    const recipe = await loadRecipe('motif-hmm');
    const { report } = await recipe.run({ data: 'planted' }, { ...context, seed });
    expect(report.claims!.length).toBe(3);
    expect(report.claims!.filter(({ met }) => !met)).toEqual([]);
  });
});
