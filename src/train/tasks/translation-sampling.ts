import { usageError } from '../../core/errors.ts';

/**
 * How the share of true tokens that a decoder reads falls while it learns (Bengio et al. 2015). i counts percents of the training that are
 * done, from 0 to 100, so that a curve means the same for any amount of data.
 */
export interface ScheduledSampling {
  /** `linear`: max(floor, 1 − slope·i); `exponential`: kⁱ; `inverseSigmoid`: k / (k + exp(i / k)). */
  readonly curve: 'linear' | 'exponential' | 'inverseSigmoid';
  /** linear: the least share. */
  readonly floor?: number;
  /** linear: how much it falls with each percent. */
  readonly slope?: number;
  /** exponential (below 1) and inverseSigmoid (at least 1). */
  readonly k?: number;
  /** What the decoder reads in place of a true token: its most probable one, or one that it draws. */
  readonly pick?: 'argmax' | 'sample';
  /** Of a transformer: how many tokens of its own may follow from one another; see `OwnTokens`. */
  readonly passes?: number;
}

/**
 * The share of true tokens, from 0 to 1, for a progress from 0 to 1. Throws a usage error for constants that its curve does not have.
 * @example trueShare({ curve: 'linear', floor: 0.2, slope: 0.01 })(0.5) // 0.5
 */
export function trueShare({
  curve,
  floor = 0,
  slope = (1 - floor) / 100,
  k = curve === 'exponential' ? 0.97 : 12,
}: ScheduledSampling): (progress: number) => number {
  const wrong = (name: string, expected: string, value: number) =>
    usageError(`scheduled sampling, ${curve}: expected ${name} ${expected}, received ${value}.`);
  switch (curve) {
    case 'linear':
      if (!(floor >= 0 && floor <= 1)) throw wrong('floor', 'from 0 to 1', floor);
      if (!(slope >= 0)) throw wrong('slope', 'of at least 0', slope);
      return (progress) => Math.max(floor, 1 - slope * 100 * progress);
    case 'exponential':
      if (!(k > 0 && k < 1)) throw wrong('k', 'between 0 and 1', k);
      return (progress) => k ** (100 * progress);
    case 'inverseSigmoid':
      if (!(k >= 1)) throw wrong('k', 'of at least 1', k);
      return (progress) => k / (k + Math.exp((100 * progress) / k));
    default:
      throw usageError(
        `scheduled sampling: expected a curve out of linear, exponential, inverseSigmoid; received "${curve as string}".`,
      );
  }
}
