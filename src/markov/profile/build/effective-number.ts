import type { ProfileAlphabet } from '../alphabet.ts';
import { meanRelativeEntropy } from '../profile-hmm.ts';
import type { ProfileCounts } from './counts.ts';
import { matchParameters } from './parameters.ts';
import type { ProfilePriors } from './priors.ts';

/** Bits a match state should have, by alphabet, and in all (HMMER 3.4; Karplus et al. 1998, Johnson 2006). */
const targets: Readonly<Record<string, number>> = { amino: 0.59, DNA: 0.62, RNA: 0.62 };
const defaultSigma = 45;

/**
 * How many independent sequences an alignment is worth: so many that the mean relative entropy of the match states is
 * the target, which short profiles raise so that all of it has `sigma` bits more than its length costs. Never more than
 * there are rows.
 */
export function effectiveNumber(
  counts: ProfileCounts,
  rows: number,
  alphabet: ProfileAlphabet,
  priors: ProfilePriors,
  { target, sigma = defaultSigma }: { target?: number; sigma?: number } = {},
): number {
  const { nodes } = counts;
  const least = (sigma - Math.log2(2 / (nodes * (nodes + 1)))) / nodes;
  const aim = Math.max(target ?? targets[alphabet.name] ?? 1, least);
  const entropyOf = (number: number) => {
    const match = matchParameters(counts, priors, alphabet.size, number / rows);
    return meanRelativeEntropy({ ...counts, name: '', alphabet, match });
  };
  if (entropyOf(rows) <= aim) return rows;
  let [low, high] = [0, rows];
  // Two digits suffice; HMMER ends at the same width of the interval.
  while (high - low > 0.01) {
    const middle = (low + high) / 2;
    if (entropyOf(middle) > aim) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
