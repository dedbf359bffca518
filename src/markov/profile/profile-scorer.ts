import type { Scorer } from '../../core/scorer.ts';
import { categorical } from '../hmm/emissions/categorical.ts';
import { type Hmm, hmm, type StateDefinition } from '../hmm/model.ts';
import { type HmmPrefix, hmmScorer } from '../hmm/scorer.ts';
import { DD, DM, II, IM, MD, MI, MM, type ProfileHmm } from './profile-hmm.ts';

/**
 * A profile as a hidden Markov model of sequences from its first node to its last: `M1`, `I1`, silent `D1` and so on. All
 * that HMMs can do is there for it: k best and most accurate paths, posteriors, training.
 * @example viterbi(profileToHmm(profile), codes) // B M1 M2 D3 M4 …
 */
export function profileToHmm(profile: ProfileHmm): Hmm<ArrayLike<number>> {
  const { nodes, alphabet, match, insert } = profile;
  const { size } = alphabet;
  // Emission k is that of match k, emission nodes + 1 + k that of insert k; match 0 is not there.
  const rows = new Float64Array(2 * (nodes + 1) * size);
  rows.set(match);
  rows.set(insert, (nodes + 1) * size);
  for (let x = 0; x < size; x++) rows[x] = 1 / size;
  const t = Float64Array.from(profile.transitions);
  for (let at = 0; at < t.length; at += 7)
    for (const [from, to] of [
      [MM, IM],
      [IM, DM],
      [DM, 7],
    ] as const)
      normalized(t.subarray(at + from, at + to), to - from);
  const states: StateDefinition[] = [{ name: 'B', emission: null }];
  const edges: [string, string, number][] = [];
  const ends = new Map<string, number>();
  const leave = (from: string, k: number, to: 'M' | 'I' | 'D', p: number) => {
    if (p <= 0) return;
    if (to === 'M' && k === nodes) ends.set(from, p);
    else edges.push([from, `${to}${to === 'I' ? k : k + 1}`, p]);
  };
  for (let k = 0; k <= nodes; k++) {
    const at = k * 7;
    const from = k === 0 ? 'B' : `M${k}`;
    if (k > 0) states.push({ name: from, emission: k });
    states.push({ name: `I${k}`, emission: nodes + 1 + k });
    leave(from, k, 'M', t[at + MM]!);
    leave(from, k, 'I', t[at + MI]!);
    leave(from, k, 'D', k < nodes ? t[at + MD]! : 0);
    leave(`I${k}`, k, 'M', t[at + IM]!);
    leave(`I${k}`, k, 'I', t[at + II]!);
    if (k === 0) continue;
    states.push({ name: `D${k}`, emission: null });
    leave(`D${k}`, k, 'M', t[at + DM]!);
    leave(`D${k}`, k, 'D', k < nodes ? t[at + DD]! : 0);
  }
  return hmm({
    states,
    start: states.map(({ name }) => (name === 'B' ? 1 : 0)),
    edges,
    end: states.map(({ name }) => ends.get(name) ?? 0),
    emissions: categorical(normalized(rows, size), { vocabulary: size }),
  });
}

/** Files have five decimals, so that their rows sum to one only nearly. */
function normalized(rows: Float64Array, size: number): Float64Array {
  for (let at = 0; at < rows.length; at += size) {
    const row = rows.subarray(at, at + size);
    const total = row.reduce((sum, p) => sum + p, 0);
    for (let x = 0; x < size; x++) row[x]! /= total;
  }
  return rows;
}

/**
 * A profile as a `Scorer`: decoders, constraints, anomaly scores and evaluation work on it. Tokens are the alphabet's
 * letters in order, the last token is the end.
 * @example sequenceLogProbability(profileScorer(profile), [0, 3, 1, profile.alphabet.size])
 */
export const profileScorer = (profile: ProfileHmm): Scorer<HmmPrefix> => hmmScorer(profileToHmm(profile));
