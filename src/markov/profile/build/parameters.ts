import type { ProfileAlphabet } from '../alphabet.ts';
import { DD, DM, MD } from '../profile-hmm.ts';
import type { ProfileCounts } from './counts.ts';
import { posteriorMeans } from './dirichlet.ts';
import type { ProfilePriors } from './priors.ts';

/** The probabilities of a profile. */
export interface ProfileParameters {
  readonly match: Float64Array;
  readonly insert: Float64Array;
  readonly transitions: Float64Array;
}

/** Mean posterior estimates of all probabilities, where each counted path counts `scale` times. */
export function estimateParameters(
  { nodes, match, insert, transitions }: ProfileCounts,
  priors: ProfilePriors,
  { size }: ProfileAlphabet,
  scale: number,
): ProfileParameters {
  const t = new Float64Array(transitions.length);
  const [fromMatch, fromInsert, fromDelete] = [
    posteriorMeans(priors.fromMatch),
    posteriorMeans(priors.fromInsert),
    posteriorMeans(priors.fromDelete),
  ];
  const scaled = (from: number, count: number) =>
    transitions.subarray(from, from + count).map((n) => n * scale);
  for (let k = 0; k <= nodes; k++) {
    const at = k * 7;
    t.set(fromMatch(scaled(at, 3)), at);
    t.set(fromInsert(scaled(at + 3, 2)), at + 3);
    t.set(k > 0 && k < nodes ? fromDelete(scaled(at + 5, 2)) : [1, 0], at + DM);
  }
  const last = nodes * 7;
  const rest = 1 - t[last + MD]!;
  t[last]! /= rest;
  t[last + 1]! /= rest;
  t[last + MD] = 0;
  t[last + DD] = 0;
  const inserts = rowMeans(insert, size, scale, posteriorMeans(priors.insert), 0);
  return { match: matchParameters({ nodes, match }, priors, size, scale), insert: inserts, transitions: t };
}

/** Mean posterior match emissions alone, [nodes + 1, letters]. */
export function matchParameters(
  { match }: Pick<ProfileCounts, 'match' | 'nodes'>,
  priors: ProfilePriors,
  size: number,
  scale: number,
): Float64Array {
  const out = rowMeans(match, size, scale, posteriorMeans(priors.match), 1);
  out[0] = 1; // Node 0 has no match state; a valid distribution stands in.
  return out;
}

function rowMeans(
  counts: Float64Array,
  size: number,
  scale: number,
  means: (counts: ArrayLike<number>) => Float64Array,
  first: number,
): Float64Array {
  const out = new Float64Array(counts.length);
  for (let at = first * size; at < counts.length; at += size)
    out.set(means(counts.subarray(at, at + size).map((n) => n * scale)), at);
  return out;
}
