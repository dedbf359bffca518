import { erf } from '../../../graph/ops/elementwise.ts';

/** Density of the standard normal distribution. */
export const normalDensity = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

/** P(Z ≤ z). Far below 0 it is 0 where it is less than about 1e-16. */
export const normalShare = (z: number): number => 0.5 * (1 + erf(z / Math.SQRT2));

/**
 * The z below which the share `level` of a standard normal distribution lies: bisection of `normalShare` on the side of the mean where it
 * keeps its digits.
 * @example normalQuantile(0.975) // 1.95996…
 */
export function normalQuantile(level: number): number {
  if (level === 0.5) return 0;
  if (level > 0.5) return -normalQuantile(1 - level);
  // P(Z > z) = ½ (1 − erf(z/√2)) loses its digits as it becomes small; a continued fraction keeps them (Abramowitz and Stegun 26.2.14).
  let [low, high] = [0, 40];
  for (let i = 0; i < 200 && low < high; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (upperTail(middle) > level) low = middle;
    else high = middle;
  }
  return -(low + high) / 2;
}

/** P(Z > z) for z ≥ 0. */
function upperTail(z: number): number {
  if (z < 2) return 1 - normalShare(z);
  let fraction = 0;
  for (let k = 100; k > 0; k--) fraction = k / (z + fraction);
  return normalDensity(z) / (z + fraction);
}

/**
 * Continuous ranked probability score of a normal forecast: σ (z (2Φ(z) − 1) + 2φ(z) − 1/√π) with z = (y − μ)/σ (Gneiting and Raftery
 * 2007). In the unit of y, and |y − μ| for a forecast without doubt.
 */
export function normalCrps(mean: number, deviation: number, y: number): number {
  if (deviation === 0) return Math.abs(y - mean);
  const z = (y - mean) / deviation;
  return deviation * (z * (2 * normalShare(z) - 1) + 2 * normalDensity(z) - 1 / Math.sqrt(Math.PI));
}
