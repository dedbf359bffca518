import { averageRanks, onceEach, rankRows } from './ranking.ts';

/** Below this share of its own mean square, a sum of squared deviations is rounding and no spread. */
const rounding = 1e-26;

/** Weighted mean and sum of squared deviations; the latter exactly 0 where all values are equal. */
function spread(x: Float64Array, weights: Float64Array): { mean: number; squares: number; total: number } {
  let [sum, total, raw] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    sum += weights[i]! * x[i]!;
    raw += weights[i]! * x[i]! * x[i]!;
    total += weights[i]!;
  }
  const mean = sum / total;
  let squares = 0;
  for (let i = 0; i < x.length; i++) squares += weights[i]! * (x[i]! - mean) ** 2;
  return { mean, squares: squares <= rounding * raw ? 0 : squares, total };
}

/**
 * Pearson's correlation; row i counts `weights[i]` times. NaN where either side is constant or n = 1.
 * @example pearson(Float64Array.of(1, 2, 3), Float64Array.of(2, 4, 6)) // 1
 */
export function pearson(x: Float64Array, y: Float64Array, weights = onceEach(x.length)): number {
  const [a, b] = [spread(x, weights), spread(y, weights)];
  if (a.squares === 0 || b.squares === 0) return Number.NaN;
  let cross = 0;
  for (let i = 0; i < x.length; i++) cross += weights[i]! * (x[i]! - a.mean) * (y[i]! - b.mean);
  return Math.max(-1, Math.min(1, cross / Math.sqrt(a.squares * b.squares)));
}

/** Spearman's rank correlation as a function of row weights, with ties sharing average ranks; sorts once. */
export function spearmanScorer(x: Float64Array, y: Float64Array) {
  const [orderX, orderY] = [rankRows(x), rankRows(y)];
  return (weights: Float64Array) =>
    pearson(averageRanks(x, weights, orderX), averageRanks(y, weights, orderY), weights);
}

/** Spearman's rank correlation: Pearson's of average ranks (Spearman 1904). NaN where a side is constant. */
export const spearman = (x: Float64Array, y: Float64Array, weights = onceEach(x.length)) =>
  spearmanScorer(x, y)(weights);

/**
 * Coefficient of determination, 1 − Σ(y − ŷ)² / Σ(y − ȳ)²; negative where worse than the mean.
 * NaN where the truth is constant or n = 1.
 */
export function r2(truth: Float64Array, predicted: Float64Array, weights = onceEach(truth.length)): number {
  const { squares } = spread(truth, weights);
  if (squares === 0) return Number.NaN;
  let residual = 0;
  for (let i = 0; i < truth.length; i++) residual += weights[i]! * (truth[i]! - predicted[i]!) ** 2;
  return 1 - residual / squares;
}

/** Root of the mean squared error, in the target's unit. */
export function rmse(truth: Float64Array, predicted: Float64Array, weights = onceEach(truth.length)): number {
  let [sum, total] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    sum += weights[i]! * (truth[i]! - predicted[i]!) ** 2;
    total += weights[i]!;
  }
  return Math.sqrt(sum / total);
}

/** Mean absolute error, in the target's unit. */
export function mae(truth: Float64Array, predicted: Float64Array, weights = onceEach(truth.length)): number {
  let [sum, total] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    sum += weights[i]! * Math.abs(truth[i]! - predicted[i]!);
    total += weights[i]!;
  }
  return sum / total;
}
