import { usageError } from '../../core/errors.ts';

/** How high the strongest motif scores where there is none: a Gumbel distribution. */
export interface ChanceScores {
  readonly scores: readonly number[];
  readonly location: number;
  readonly scale: number;
}

const eulerGamma = 0.5772156649015329;

/**
 * A Gumbel distribution of given mean and deviation (the method of moments): the best of many starts is an extreme value. A scale below one is
 * taken for chance in few scores: scores are logarithms of ratios of likelihoods, whose tail falls no faster than e to their negative.
 * Throws a usage error for fewer than three scores.
 * @example chanceScores([10, 12, 11]).location // 10.4…
 */
export function chanceScores(scores: readonly number[]): ChanceScores {
  if (scores.length < 3)
    throw usageError(
      `${scores.length} control searches; expected at least 3 to know what scores come by chance.`,
    );
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  const variance = scores.reduce((sum, s) => sum + (s - mean) ** 2, 0) / (scores.length - 1);
  const scale = Math.max(1, Math.sqrt(6 * variance) / Math.PI);
  return { scores, location: mean - eulerGamma * scale, scale };
}

/** P(the strongest motif of a control scores at least this). */
export const chanceOf = (score: number, { location, scale }: ChanceScores): number =>
  -Math.expm1(-Math.exp(-(score - location) / scale));
