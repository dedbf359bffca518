import { describe, expect, it } from 'vitest';
import { histone, histoneDefaults } from '../../src/recipes/histone.ts';

const full = { threads: 1, device: 'auto', quick: false } as const;

describe('histone', () => {
  it.each([1, 2, 3])('meets every claim with seed %i', async (seed) => {
    const { report } = await histone.run({ ...histoneDefaults }, { ...full, seed });
    for (const { text, met, value } of report.claims!) expect(met, `${text}: ${value}`).toBe(true);
    expect(report.evaluation!.alarms).toEqual([]);
  });

  it('meets none where marks were moved to the wrong places', async () => {
    const { report } = await histone.run({ ...histoneDefaults, misplaced: true }, { ...full, seed: 1 });
    expect(report.claims!.map(({ met }) => met)).toEqual(new Array(6).fill(false));
  });
});
