import { onceEach } from './ranking.ts';

/** Keeps the logarithm finite: the spacing of float64 at 1, as scikit-learn does. */
const tiny = 2 ** -52;

/** −ln of a probability, at most 36. */
export const surprise = (p: number) => -Math.log(Math.min(1 - tiny, Math.max(tiny, p)));

/**
 * Each record's log loss (nats): −ln of the probability given to its true class.
 * `values` is n×k, row by row.
 */
export const logLosses = (values: Float64Array, truth: Int32Array, k: number) =>
  Float64Array.from(truth, (t, i) => surprise(values[i * k + t]!));

/**
 * Each record's Brier score (Brier 1950). Two classes: (p − y)² of the last class, from 0 to 1.
 * More: the sum over the classes, from 0 to 2.
 */
export function brierScores(values: Float64Array, truth: Int32Array, k: number): Float64Array {
  return Float64Array.from(truth, (t, i) => {
    if (k === 2) return (values[i * 2 + 1]! - t) ** 2;
    let score = 0;
    for (let c = 0; c < k; c++) score += (values[i * k + c]! - (c === t ? 1 : 0)) ** 2;
    return score;
  });
}

/** The mean where row i counts `weights[i]` times. */
export function weightedMean(values: Float64Array, weights: Float64Array): number {
  let [sum, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    sum += values[i]! * weights[i]!;
    total += weights[i]!;
  }
  return sum / total;
}

/** One column of a reliability diagram: how sure the model was, and how often it was right. */
export interface CalibrationBin {
  low: number;
  high: number;
  count: number;
  /** Mean probability in the bin. */
  confidence: number;
  /** Share that came true. */
  observed: number;
}

/** The bin of each probability when [0, 1] is cut in `bins` equal parts. */
export const binOf = (probabilities: Float64Array, bins = 15) =>
  Int32Array.from(probabilities, (p) => Math.min(bins - 1, Math.max(0, Math.floor(p * bins))));

/**
 * Reliability diagram (DeGroot and Fienberg 1983) in equal-width bins; empty bins are left out.
 * `outcomes` holds 1 where what the probability speaks of came true.
 */
export function calibrationBins(
  probabilities: Float64Array,
  outcomes: Uint8Array,
  { bins = 15 } = {},
): CalibrationBin[] {
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, observed: 0 }));
  binOf(probabilities, bins).forEach((b, i) => {
    const bin = sums[b]!;
    bin.count++;
    bin.confidence += probabilities[i]!;
    bin.observed += outcomes[i]!;
  });
  return sums.flatMap(({ count, confidence, observed }, b) => {
    if (count === 0) return [];
    const [low, high] = [b / bins, (b + 1) / bins];
    return [{ low, high, count, confidence: confidence / count, observed: observed / count }];
  });
}

/**
 * Expected calibration error as a function of row weights (Naeini et al. 2015; Guo et al. 2017): over equal-width
 * bins, the mean distance between probability and outcome, weighted by the number in the bin.
 * Σ_b |Σ w (p − y)| / Σ w; the bins are found once. Where every record speaks `columns` times (labels), its weight
 * counts for each.
 */
export function eceScorer(
  probabilities: Float64Array,
  outcomes: Uint8Array,
  { bins = 15, columns = 1 } = {},
) {
  const bin = binOf(probabilities, bins);
  const gap = probabilities.map((p, i) => p - outcomes[i]!);
  const gaps = new Float64Array(bins);
  return (weights: Float64Array): number => {
    gaps.fill(0);
    let total = 0;
    for (let i = 0; i < bin.length; i++) {
      const weight = weights[columns === 1 ? i : Math.floor(i / columns)]!;
      gaps[bin[i]!]! += weight * gap[i]!;
      total += weight;
    }
    return gaps.reduce((sum, g) => sum + Math.abs(g), 0) / total;
  };
}

/** Expected calibration error in 15 equal-width bins; see `eceScorer`. */
export const ece = (probabilities: Float64Array, outcomes: Uint8Array, { bins = 15 } = {}) =>
  eceScorer(probabilities, outcomes, { bins })(onceEach(probabilities.length));

/**
 * The calibration error that chance alone gives a perfectly calibrated model: for each bin the mean absolute
 * deviation √(2v/π) of a normal with the variance v = Σ p(1 − p) of its sum.
 */
export function eceByChance(probabilities: Float64Array, { bins = 15 } = {}): number {
  const variance = new Float64Array(bins);
  binOf(probabilities, bins).forEach((b, i) => {
    variance[b]! += Math.max(0, probabilities[i]! * (1 - probabilities[i]!));
  });
  return variance.reduce((sum, v) => sum + Math.sqrt((2 * v) / Math.PI), 0) / probabilities.length;
}
