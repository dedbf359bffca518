import { usageError } from '../core/errors.ts';

/**
 * How the influence of an event falls with the time since: a density over t ≥ 0, so that its integral is one
 * and a kernel times a weight has that weight in all.
 */
export interface DecayKernel {
  readonly name: 'exponential' | 'power-law' | 'alpha';
  /** k(t); 0 before the event. */
  density(t: number): number;
  /** ∫₀ᵗ k: the share of the influence that has been by time t. */
  cumulative(t: number): number;
}

const positive = (what: string, x: number) => {
  if (!(x > 0 && Number.isFinite(x))) throw usageError(`A ${what} of ${x}; expected a number above zero.`);
};

/** k(t) = e^(−t/τ) / τ: what is forgotten in each moment is proportional to what is left. */
export function exponentialKernel(tau: number): DecayKernel {
  positive('time constant', tau);
  return {
    name: 'exponential',
    density: (t) => (t < 0 ? 0 : Math.exp(-t / tau) / tau),
    cumulative: (t) => (t <= 0 ? 0 : -Math.expm1(-t / tau)),
  };
}

/** k(t) = (p/c)·(1 + t/c)^−(1+p) (Omori 1894; Utsu 1961): a long tail, without a time scale beyond c. */
export function powerLawKernel({ exponent, scale = 1 }: { exponent: number; scale?: number }): DecayKernel {
  positive('exponent', exponent);
  positive('scale', scale);
  return {
    name: 'power-law',
    density: (t) => (t < 0 ? 0 : (exponent / scale) * (1 + t / scale) ** -(1 + exponent)),
    cumulative: (t) => (t <= 0 ? 0 : -Math.expm1(-exponent * Math.log1p(t / scale))),
  };
}

/** k(t) = t·e^(−t/τ) / τ² (Rall 1967): the influence rises first, is largest at τ, and falls. */
export function alphaKernel(tau: number): DecayKernel {
  positive('time constant', tau);
  return {
    name: 'alpha',
    density: (t) => (t < 0 ? 0 : (t / tau / tau) * Math.exp(-t / tau)),
    cumulative: (t) => (t <= 0 ? 0 : -Math.expm1(-t / tau) - (t / tau) * Math.exp(-t / tau)),
  };
}

/**
 * The kernel over steps 0 … length − 1 of width `step`: the integral over each step, so that the taps sum to
 * `cumulative(length·step)` whatever the step (sampling the density would not).
 * @example discretized(exponentialKernel(2), { length: 10 })
 */
export function discretized(
  kernel: DecayKernel,
  { length, step = 1 }: { length: number; step?: number },
): Float64Array {
  positive('step', step);
  return Float64Array.from(
    { length },
    (_, i) => kernel.cumulative((i + 1) * step) - kernel.cumulative(i * step),
  );
}

/** yₜ = Σᵢ tapsᵢ·xₜ₋ᵢ for every t: what is felt of all that came before (nothing before the beginning). */
export function causalFilter(taps: ArrayLike<number>, x: ArrayLike<number>): Float64Array {
  const y = new Float64Array(x.length);
  for (let t = 0; t < y.length; t++) {
    let sum = 0;
    for (let i = 0, most = Math.min(taps.length - 1, t); i <= most; i++) sum += taps[i]! * x[t - i]!;
    y[t] = sum;
  }
  return y;
}

/** The influence at each of `at` of events at `times` with `weights` (1 by default): Σ wᵢ·k(t − tᵢ) over tᵢ ≤ t. */
export function impulseResponse(
  kernel: DecayKernel,
  times: ArrayLike<number>,
  at: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Float64Array {
  return Float64Array.from(at, (t) => {
    let sum = 0;
    for (let i = 0; i < times.length; i++)
      if (times[i]! <= t) sum += (weights?.[i] ?? 1) * kernel.density(t - times[i]!);
    return sum;
  });
}

/**
 * The leaky integrator hₜ = r·hₜ₋₁ + xₜ, the causal filter of taps r⁰, r¹, r² … in one multiplication a step.
 * `initial` is h before the first step, so that a long signal can be taken in pieces: pass the last value of
 * the one before. Retention r from 0 (no memory) to 1 (a plain sum).
 * @example leakyIntegrator([1, 0, 0, 1], { retention: 0.5 }) // [1, 0.5, 0.25, 1.125]
 */
export function leakyIntegrator(
  x: ArrayLike<number>,
  { retention, initial = 0 }: { retention: number; initial?: number },
): Float64Array {
  if (!(retention >= 0 && retention <= 1))
    throw usageError(`A retention of ${retention}; expected a number from 0 (no memory) to 1 (a plain sum).`);
  const h = new Float64Array(x.length);
  let last = initial;
  for (let t = 0; t < h.length; t++) {
    last = retention * last + x[t]!;
    h[t] = last;
  }
  return h;
}

/** The retention r = e^(−step/τ) at which a leaky integrator forgets with time constant τ. */
export function retentionOf(tau: number, step = 1): number {
  positive('time constant', tau);
  return Math.exp(-step / tau);
}
