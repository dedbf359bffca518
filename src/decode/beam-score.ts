/** How hypotheses of different lengths are compared (Wu et al. 2016, section 7). */
export interface BeamScore<State> {
  /** α: 0 ranks by log-probability, 1 nearly by the mean over the tokens. */
  lengthPenalty: number;
  coverage?: Coverage<State> | undefined;
}

/** Rewards hypotheses that have looked at the whole source. */
export interface Coverage<State> {
  /** β, 0.2 if not given. */
  weight?: number;
  /** The attention over the source with which the token after this state was predicted; asked after `next`. */
  attention(state: State): ArrayLike<number>;
}

/** lp(n) = ((5 + n) / 6)^α. */
export const lengthFactor = (tokens: number, alpha: number) => ((5 + tokens) / 6) ** alpha;

/** β Σᵢ ln min(Σⱼ pᵢⱼ, 1) over source positions i; a position never looked at counts as 1e-12, not as nothing. */
export function coverageBonus(attended: Float64Array, weight: number): number {
  let sum = 0;
  for (const total of attended) sum += Math.log(Math.min(Math.max(total, 1e-12), 1));
  return weight * sum;
}

/**
 * The best score that a hypothesis of `value` ≤ 0 with `tokens` tokens can still come to by `most`: its value can
 * only fall, its coverage bonus is at most 0, and the length factor is monotone.
 */
export function scoreBound(value: number, alpha: number, { tokens, most }: { tokens: number; most: number }) {
  const ends = [lengthFactor(Math.min(tokens + 1, most), alpha), lengthFactor(most, alpha)];
  return value / Math.max(...ends);
}
