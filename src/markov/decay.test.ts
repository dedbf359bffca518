import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alphaKernel,
  causalFilter,
  discretized,
  exponentialKernel,
  impulseResponse,
  leakyIntegrator,
  powerLawKernel,
  retentionOf,
} from './decay.ts';

const kernels = [exponentialKernel(2), powerLawKernel({ exponent: 1.5, scale: 3 }), alphaKernel(1.5)];
const signal = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 30 });

describe.each(kernels)('the $name kernel', (kernel) => {
  it('is the derivative of its cumulative share, which goes from 0 to 1', () => {
    expect(kernel.cumulative(0)).toBe(0);
    expect(kernel.density(-1)).toBe(0);
    for (const t of [0.3, 1, 4, 20]) {
      const slope = (kernel.cumulative(t + 1e-5) - kernel.cumulative(t - 1e-5)) / 2e-5;
      expect(slope).toBeCloseTo(kernel.density(t), 7);
    }
    expect(kernel.cumulative(1e9)).toBeCloseTo(1, 9);
  });

  it('has taps that sum to its share by then, whatever the step', () => {
    for (const step of [0.25, 1, 2]) {
      const taps = discretized(kernel, { length: 16 / step, step });
      expect(taps.reduce((a, b) => a + b)).toBeCloseTo(kernel.cumulative(16), 12);
    }
  });

  it('is its own impulse response, and responses add up', () => {
    const one = impulseResponse(kernel, [0], [0.5, 2, 7]);
    [0.5, 2, 7].forEach((t, i) => {
      expect(one[i]).toBe(kernel.density(t));
    });
    const sum = impulseResponse(kernel, [0, 1], [0.5, 3], [2, 10]);
    expect(sum[0]).toBeCloseTo(2 * kernel.density(0.5), 12);
    expect(sum[1]).toBeCloseTo(2 * kernel.density(3) + 10 * kernel.density(2), 12);
  });
});

describe('the leaky integrator', () => {
  it('is the causal filter of the powers of its retention', () => {
    fc.assert(
      fc.property(signal, fc.double({ min: 0, max: 1, noNaN: true }), (x, retention) => {
        const closed = causalFilter(
          x.map((_, i) => retention ** i),
          x,
        );
        leakyIntegrator(x, { retention }).forEach((h, t) => {
          expect(Math.abs(h - closed[t]!)).toBeLessThan(1e-9);
        });
      }),
    );
  });

  it('may be run in pieces', () => {
    fc.assert(
      fc.property(signal, fc.nat(30), (x, cut) => {
        const whole = leakyIntegrator(x, { retention: 0.7 });
        const one = leakyIntegrator(x.slice(0, cut), { retention: 0.7 });
        const two = leakyIntegrator(x.slice(cut), { retention: 0.7, initial: one.at(-1) ?? 0 });
        expect([...one, ...two]).toEqual([...whole]);
      }),
    );
  });

  it('forgets as the exponential kernel does at the retention of its time constant', () => {
    const taps = discretized(exponentialKernel(3), { length: 8 });
    const h = leakyIntegrator([1, 0, 0, 0, 0, 0, 0, 0], { retention: retentionOf(3) });
    h.forEach((value, t) => {
      expect(value * taps[0]!).toBeCloseTo(taps[t]!, 12);
    });
  });

  it('and kernels refuse numbers that make no sense', () => {
    expect(() => leakyIntegrator([1], { retention: 1.1 })).toThrow('A retention of 1.1');
    expect(() => exponentialKernel(0)).toThrow('time constant of 0');
    expect(() => powerLawKernel({ exponent: -1 })).toThrow('exponent of -1');
    expect(() => discretized(alphaKernel(1), { length: 3, step: 0 })).toThrow('step of 0');
  });
});
