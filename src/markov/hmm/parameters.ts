import type { Categorical } from './emissions/categorical.ts';
import type { Gaussian } from './emissions/gaussian.ts';
import type { Poisson } from './emissions/poisson.ts';
import type { Hmm } from './model.ts';

/**
 * How many numbers of a model are free: what is possible in each distribution less one, once for those that are tied. For
 * information criteria: BIC = −2·ln P(data) + free·ln(positions) (Schwarz 1978).
 */
export function freeParameters(
  { start, edges, end, tied, states, emissions }: Hmm<never>,
  { start: ofStart = true, transitions = true, emissions: ofEmissions = true } = {},
): number {
  const positive = (values: ArrayLike<number>) => Array.from(values).filter((p) => p > 0).length;
  const leaving = states.map((_, s) =>
    tied[s] === s
      ? positive(edges.probability.filter((_, e) => edges.from[e] === s)) + (end && end[s]! > 0 ? 1 : 0)
      : 0,
  );
  return (
    (ofStart ? positive(start) - 1 : 0) +
    (transitions ? leaving.reduce((sum, n) => sum + Math.max(0, n - 1), 0) : 0) +
    (ofEmissions ? ofFamily(emissions as unknown as Categorical | Gaussian | Poisson) : 0)
  );
}

function ofFamily(emissions: Categorical | Gaussian | Poisson): number {
  if (emissions.kind === 'gaussian')
    return 2 * emissions.means.length + emissions.groups * (emissions.components - 1);
  if (emissions.kind === 'poisson') return emissions.rates.length;
  const { probabilities, vocabulary } = emissions;
  let free = 0;
  for (let at = 0; at < probabilities.length; at += vocabulary)
    free += probabilities.subarray(at, at + vocabulary).reduce((n, p) => n + (p > 0 ? 1 : 0), -1);
  return free;
}
