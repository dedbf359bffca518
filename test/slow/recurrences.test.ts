import { describe, expect, it } from 'vitest';
import { loadRecipe } from '../../src/recipes/index.ts';

/** Recipes whose claims must hold whatever the seed. */
describe.each([
  'automaton',
  'no-recurrence',
  'vanishing-gradients',
  'leaky-enhancer',
  'methylation',
  'forget-gate',
  'initial-state',
])('%s', (id) => {
  it.each([1, 2, 3])('keeps every claim with seed %i', async (seed) => {
    const recipe = await loadRecipe(id);
    const { report } = await recipe.run({}, { threads: 1, device: 'auto', seed, quick: false });
    expect(report.claims!.length).toBeGreaterThan(0);
    expect(report.claims!.filter(({ met }) => !met)).toEqual([]);
  });
});
