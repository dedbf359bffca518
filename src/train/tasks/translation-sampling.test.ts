import { describe, expect, it } from 'vitest';
import { type ScheduledSampling, trueShare } from './translation-sampling.ts';

const curves: ScheduledSampling[] = [
  { curve: 'linear', floor: 0.25 },
  { curve: 'linear', floor: 0.1, slope: 0.02 },
  { curve: 'exponential', k: 0.95 },
  { curve: 'inverseSigmoid', k: 10 },
];

describe('the share of true tokens', () => {
  it('follows the formulas of Bengio et al. 2015, i in percents', () => {
    expect(trueShare(curves[0]!)(0.4)).toBeCloseTo(1 - 0.75 * 0.4, 12);
    expect(trueShare(curves[1]!)(0.2)).toBeCloseTo(0.6, 12);
    expect(trueShare(curves[1]!)(0.9)).toBeCloseTo(0.1, 12);
    expect(trueShare(curves[2]!)(0.1)).toBeCloseTo(0.95 ** 10, 12);
    expect(trueShare(curves[3]!)(0.3)).toBeCloseTo(10 / (10 + Math.exp(3)), 12);
  });

  it.each(curves)('begins near 1 and never rises: $curve', (sampling) => {
    const share = trueShare(sampling);
    expect(share(0)).toBeGreaterThan(0.9);
    for (let p = 0; p < 1; p += 0.05) {
      expect(share(p + 0.05)).toBeLessThanOrEqual(share(p));
      expect(share(p)).toBeGreaterThanOrEqual(0);
    }
  });

  it('refuses constants that make no share', () => {
    expect(() => trueShare({ curve: 'exponential', k: 1.5 })).toThrow('k between 0 and 1, received 1.5');
    expect(() => trueShare({ curve: 'inverseSigmoid', k: 0.5 })).toThrow('k of at least 1, received 0.5');
    expect(() => trueShare({ curve: 'linear', floor: 2 })).toThrow('floor from 0 to 1, received 2');
    expect(() => trueShare({ curve: 'cubic' as never })).toThrow('received "cubic"');
  });
});
