import type { StatePosterior } from './decoding.ts';
import type { SearchProfile } from './search-profile.ts';
import type { ProfileTrace, TraceDomain } from './trace.ts';

/**
 * Odds of every letter code under a null model made of the states that a domain used: what a biased composition alone
 * would explain (Eddy 2008, "null2").
 */
export function null2ByPosterior(profile: SearchProfile, posterior: StatePosterior): Float64Array {
  const { nodes, length, states, flankN, flankJ, flankC } = posterior;
  const width = nodes + 1;
  const matches = new Float64Array(width);
  let others = 0;
  for (let i = 1; i <= length; i++) {
    const at = i * 2 * width;
    for (let k = 1; k <= nodes; k++) {
      matches[k]! += states[at + k]!;
      others += states[at + width + k]!;
    }
    others += flankN[i]! + flankJ[i]! + flankC[i]!;
  }
  return usageOdds(profile, matches, others, length);
}

/** The same for one domain of a sampled path. */
export function null2ByTrace(
  profile: SearchProfile,
  { states, nodes }: ProfileTrace,
  { start, end }: TraceDomain,
): Float64Array {
  const matches = new Float64Array(profile.nodes + 1);
  let emitted = 0;
  for (let at = start; at <= end; at++) {
    if (states[at] !== 'M' && states[at] !== 'I') continue;
    // As in HMMER, whose scores these are to equal, a letter that is inserted counts for its node's match state.
    matches[nodes[at]!]!++;
    emitted++;
  }
  return usageOdds(profile, matches, 0, emitted);
}

/** Letters of no residue have odds 1; those that stand for several have the mean. */
function usageOdds(
  { nodes, odds, alphabet: { members, size } }: SearchProfile,
  matches: Float64Array,
  others: number,
  length: number,
): Float64Array {
  const out = new Float64Array(members.length).fill(1);
  for (let x = 0; x < size; x++) {
    let sum = others;
    const of = odds[x]!;
    for (let k = 1; k <= nodes; k++) sum += matches[k]! * of[k]!;
    out[x] = sum / length;
  }
  members.forEach((stands, code) => {
    if (code >= size && stands.length > 0)
      out[code] = stands.reduce((sum, x) => sum + out[x]!, 0) / stands.length;
  });
  return out;
}
