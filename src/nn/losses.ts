import { usageError } from '../core/errors.ts';
import {
  abs,
  add,
  broadcastTo,
  cast,
  constant,
  div,
  equal,
  exp,
  expandDims,
  gather,
  log,
  logSoftmax,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  not,
  oneHot,
  softplus,
  square,
  sub,
  sum,
  where,
} from '../graph/library.ts';
import type { Value } from '../graph/value.ts';

/** Σ weights · losses / Σ weights; the plain mean without weights. Weights broadcast against the losses; all 0 gives 0. */
export function weightedMean(losses: Value, weights?: Value): Value {
  if (!weights) return mean(losses);
  const spread = broadcastTo(weights, losses.shape);
  return div(sum(mul(losses, spread)), maximum(sum(spread), tiny));
}
// Keeps a batch whose weights are all 0 at loss 0 instead of NaN.
const tiny = 1e-12;

export interface CrossEntropyOptions {
  /** One weight a class, [classes]. */
  weights?: Value | undefined;
  /** This share of the target is spread evenly over all classes (Szegedy et al. 2016). */
  smoothing?: number;
  /** One weight a target, of the targets' shape. */
  sampleWeights?: Value | undefined;
  /** Targets with this label count for nothing. */
  ignored?: number;
}

/**
 * −log p(target): logits[…, classes], int32 targets[…] → scalar, as PyTorch defines it: the sum of the weighted losses over the sum of
 * the weights of the targets' classes.
 */
export function crossEntropy(
  logits: Value,
  targets: Value,
  { weights, smoothing = 0, sampleWeights, ignored = -100 }: CrossEntropyOptions = {},
): Value {
  const classes = logits.shape[logits.shape.length - 1]!;
  if (typeof classes !== 'number' || targets.dtype !== 'int32')
    throw usageError(
      `crossEntropy: expected a known number of classes and int32 targets, received ${classes} and ${targets.dtype}.`,
    );
  const kept = not(equal(targets, ignored));
  const labels = where(kept, targets, 0);
  const certain = oneHot(labels, classes);
  const smoothed = smoothing === 0 ? certain : add(mul(certain, 1 - smoothing), smoothing / classes);
  const losses = distributionLoss(logits, weights ? mul(smoothed, weights) : smoothed);
  const counted = cast(kept, 'float32');
  const shares = sampleWeights ? mul(counted, sampleWeights) : counted;
  const total = sum(weights ? mul(shares, gather(weights, labels)) : shares);
  return div(sum(mul(losses, shares)), maximum(total, tiny));
}

/** −Σ q log p for target distributions q[…, classes] (soft labels), the mean over all targets. */
export const softCrossEntropy = (
  logits: Value,
  targets: Value,
  { sampleWeights }: { sampleWeights?: Value } = {},
): Value => weightedMean(distributionLoss(logits, targets), sampleWeights);

const distributionLoss = (logits: Value, targets: Value): Value =>
  neg(sum(mul(targets, logSoftmax(logits)), -1));

export interface BinaryCrossEntropyOptions {
  /** How much more a positive counts than a negative, per label [labels]. */
  positiveWeights?: Value | undefined;
  /** Broadcast against the logits; 0 where a label is unknown. */
  sampleWeights?: Value | undefined;
}

/**
 * −(w y log σ(x) + (1 − y) log(1 − σ(x))) for independent labels: logits and 0/1 targets of one shape → the mean over all entries. Stable
 * for any logit: (1 − y) x + (1 + (w − 1) y) softplus(−x).
 */
export function binaryCrossEntropy(
  logits: Value,
  targets: Value,
  { positiveWeights, sampleWeights }: BinaryCrossEntropyOptions = {},
): Value {
  const factor = positiveWeights ? add(mul(sub(positiveWeights, 1), targets), 1) : undefined;
  const soft = softplus(neg(logits));
  const losses = add(mul(sub(1, targets), logits), factor ? mul(factor, soft) : soft);
  return weightedMean(losses, sampleWeights);
}

export interface RegressionOptions {
  sampleWeights?: Value | undefined;
}

/** Mean of (x − y)². */
export const meanSquaredError = (x: Value, y: Value, { sampleWeights }: RegressionOptions = {}): Value =>
  weightedMean(square(sub(x, y)), sampleWeights);

/** Mean of |x − y|. */
export const meanAbsoluteError = (x: Value, y: Value, { sampleWeights }: RegressionOptions = {}): Value =>
  weightedMean(abs(sub(x, y)), sampleWeights);

/** Mean of ½ d² where d = |x − y| is at most `delta`, of delta (d − ½ delta) beyond: outliers pull no harder than that (Huber 1964). */
export function huber(
  x: Value,
  y: Value,
  { delta = 1, sampleWeights }: RegressionOptions & { delta?: number } = {},
): Value {
  const distance = abs(sub(x, y));
  const near = minimum(distance, delta);
  return weightedMean(mul(near, sub(distance, mul(near, 0.5))), sampleWeights);
}

/** Poisson negative log-likelihood of counts y at rate eˣ, without the constant log y!: the mean of eˣ − y x. */
export const poissonFromLog = (x: Value, y: Value, { sampleWeights }: RegressionOptions = {}): Value =>
  weightedMean(sub(exp(x), mul(y, x)), sampleWeights);

/** Poisson negative log-likelihood of counts y at a positive rate (such as softplus of a network's output): the mean of r − y log(r + ε). */
export const poisson = (
  rate: Value,
  y: Value,
  { sampleWeights, epsilon = 1e-8 }: RegressionOptions & { epsilon?: number } = {},
): Value => weightedMean(sub(rate, mul(y, log(add(rate, epsilon)))), sampleWeights);

/**
 * Pinball loss of quantiles (Koenker and Bassett 1978): x[…, levels] and y[…] → the mean over all entries and levels of
 * max(q (y − x), (q − 1)(y − x)), which is least where x is the q-quantile of y. Sample weights are of y's shape.
 */
export function pinball(
  x: Value,
  y: Value,
  levels: readonly number[],
  { sampleWeights }: RegressionOptions = {},
): Value {
  const last = x.shape[x.shape.length - 1];
  if (last !== levels.length)
    throw usageError(`pinball: expected a last axis of ${levels.length} levels, received ${last}.`);
  const above = sub(expandDims(y, -1), x);
  const share = constant(levels, [levels.length]);
  const losses = maximum(mul(above, share), mul(above, sub(share, 1)));
  return weightedMean(losses, sampleWeights && expandDims(sampleWeights, -1));
}

/**
 * Negative log-likelihood of y under a normal distribution, without the constant ½ ln 2π, as PyTorch leaves it out: the mean of
 * ln σ + ½ ((y − μ) / σ)². Deviations must be above 0.
 */
export const gaussianNegativeLogLikelihood = (
  mean: Value,
  deviation: Value,
  y: Value,
  { sampleWeights }: RegressionOptions = {},
): Value => weightedMean(add(log(deviation), mul(square(div(sub(y, mean), deviation)), 0.5)), sampleWeights);
