import type { Decay } from './probe.ts';

/** An exponential law fitted to norms by distance: norm(k) ∝ rateᵏ. */
export interface FittedRate {
  /** By what the norm is multiplied with each step. */
  readonly rate: number;
  /** 95 % interval, from the spread over stretches of the sequence. */
  readonly low: number;
  readonly high: number;
  /** Share of the variance of log norm that the straight line explains. */
  readonly r2: number;
  /** Distances that were fitted. */
  readonly steps: number;
}

/** How many stretches the interval is made of. */
const stretches = 20;

/**
 * Least squares of log₁₀ norm on distance, from `from` on as far as the norms are numbers. Neighbouring distances are
 * dependent, so the interval comes from the slopes of stretches, each by itself (mean ± 2.09 standard errors, t of 19).
 */
export function fittedRate(decay: Decay, { from = 10 } = {}): FittedRate {
  const end = decay.findIndex((v) => !Number.isFinite(v));
  const logs = decay.subarray(from, end < 0 ? decay.length : end);
  const { slope, r2 } = line(logs);
  const size = Math.floor(logs.length / stretches);
  const slopes =
    size < 2
      ? []
      : Array.from({ length: stretches }, (_, i) => {
          const part = logs.subarray(i * size, (i + 1) * size);
          return (part[part.length - 1]! - part[0]!) / (part.length - 1);
        });
  const mean = slopes.reduce((a, b) => a + b, 0) / slopes.length;
  const spread = Math.sqrt(slopes.reduce((sum, s) => sum + (s - mean) ** 2, 0) / (slopes.length - 1));
  const half = (2.09 * spread) / Math.sqrt(slopes.length);
  return {
    rate: 10 ** slope,
    low: 10 ** (slope - half),
    high: 10 ** (slope + half),
    r2,
    steps: logs.length,
  };
}

function line(y: Float64Array): { slope: number; r2: number } {
  const n = y.length;
  const middle = (n - 1) / 2;
  const mean = y.reduce((a, b) => a + b, 0) / n;
  let [cross, squares, total] = [0, 0, 0];
  y.forEach((v, x) => {
    cross += (x - middle) * (v - mean);
    squares += (x - middle) ** 2;
    total += (v - mean) ** 2;
  });
  const slope = cross / squares;
  return { slope, r2: total === 0 ? 1 : (slope * cross) / total };
}

/** Means over bins of distance, as points of a line: at most `most` of them, up to distance `end`. */
export function binned(decay: Decay, { end = decay.length, most = 200 } = {}): [number, number][] {
  const size = Math.max(1, Math.ceil(end / most));
  return Array.from({ length: Math.ceil(end / size) }, (_, b) => {
    const part = decay.subarray(b * size, Math.min(end, (b + 1) * size));
    return [b * size + (part.length - 1) / 2, part.reduce((sum, v) => sum + v, 0) / part.length];
  });
}
