import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { normalCrps, normalQuantile, normalShare } from './normal.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../../../test/golden/forecast/scores.json', import.meta.url), 'utf8'),
) as {
  crps: { mean: number; deviation: number; y: number; crps: number }[];
  quantiles: { level: number; z: number }[];
};

describe('normal distributions', () => {
  it.each(golden.crps)('CRPS of N($mean, $deviation) at $y is the integral that defines it', (c) => {
    expect(normalCrps(c.mean, c.deviation, c.y) / c.crps).toBeCloseTo(1, 9);
  });

  it.each(golden.quantiles)('the quantile of $level is that of scipy', ({ level, z }) => {
    expect(normalQuantile(level)).toBeCloseTo(z, 9);
    expect(normalQuantile(1 - level)).toBeCloseTo(-z, 6);
    if (level > 1e-6) expect(normalShare(normalQuantile(level)) / level).toBeCloseTo(1, 8);
  });

  it('without doubt the score is the distance', () => {
    expect(normalCrps(3, 0, 5)).toBe(2);
  });
});
