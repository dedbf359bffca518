import type { ProfileAlphabet } from './alphabet.ts';
import { DD, DM, II, IM, MD, MI, MM, matchOccupancy, type ProfileHmm } from './profile-hmm.ts';

/**
 * A profile made ready to search: odds ratios to the null model, and a begin for every match state
 * (Eddy 2008). Arrays over nodes have nodes + 1 entries, of which 0 is not used.
 */
export interface SearchProfile {
  readonly profile: ProfileHmm;
  readonly alphabet: ProfileAlphabet;
  readonly nodes: number;
  /** Whether an alignment may begin and end at any node; else it spans the whole profile. */
  readonly local: boolean;
  /** Odds of match emissions by letter code; of letters that stand for several, the mean score. */
  readonly odds: readonly Float64Array[];
  /** By letter code: 1, or 0 for symbols that no state emits. Inserts have the null model's frequencies. */
  readonly inserts: Float64Array;
  /** Begin to match k. */
  readonly begin: Float64Array;
  readonly mm: Float64Array;
  readonly mi: Float64Array;
  readonly md: Float64Array;
  readonly im: Float64Array;
  readonly ii: Float64Array;
  readonly dm: Float64Array;
  readonly dd: Float64Array;
}

/** Makes a profile ready to search: `local` alignments to a part of it, or `glocal` ones to all of it. */
export function searchProfile(
  profile: ProfileHmm,
  { mode = 'local' }: { mode?: 'local' | 'glocal' } = {},
): SearchProfile {
  const { nodes, transitions, alphabet } = profile;
  const column = (transition: number) =>
    Float64Array.from({ length: nodes + 1 }, (_, k) =>
      k > 0 && k < nodes ? transitions[k * 7 + transition]! : 0,
    );
  return {
    profile,
    alphabet,
    nodes,
    local: mode === 'local',
    odds: matchOdds(profile),
    inserts: Float64Array.from(alphabet.members, (members) => (members.length > 0 ? 1 : 0)),
    begin: mode === 'local' ? localBegin(profile) : glocalBegin(profile),
    mm: column(MM),
    mi: column(MI),
    md: column(MD),
    im: column(IM),
    ii: column(II),
    dm: column(DM),
    dd: column(DD),
  };
}

/** All pairs of begin and end are equally probable, weighted by how often a node is matched (Eddy 2008). */
function localBegin(profile: ProfileHmm): Float64Array {
  const { nodes } = profile;
  const begin = matchOccupancy(profile);
  let total = 0;
  for (let k = 1; k <= nodes; k++) total += begin[k]! * (nodes - k + 1);
  return begin.map((p) => (total > 0 ? p / total : 0));
}

/** Deletes before the first match are folded into the begin. */
function glocalBegin({ nodes, transitions: t }: ProfileHmm): Float64Array {
  const begin = new Float64Array(nodes + 1);
  begin[1] = 1 - t[MD]!;
  let deleted = t[MD]!;
  for (let k = 2; k <= nodes; k++) {
    begin[k] = deleted * t[(k - 1) * 7 + DM]!;
    deleted *= t[(k - 1) * 7 + DD]!;
  }
  return begin;
}

function matchOdds({ nodes, match, alphabet: { size, members, background } }: ProfileHmm): Float64Array[] {
  return members.map((stands) => {
    const odds = new Float64Array(nodes + 1);
    if (stands.length === 0) return odds;
    const weight = stands.reduce((sum, x) => sum + background[x]!, 0);
    for (let k = 1; k <= nodes; k++) {
      let score = 0;
      for (const x of stands) score += background[x]! * Math.log(match[k * size + x]! / background[x]!);
      odds[k] = Math.exp(score / weight);
    }
    return odds;
  });
}

/** How sequence outside of domains is modelled: flanks and linkers of `length` letters in all are expected. */
export interface LengthModel {
  readonly loop: number;
  readonly move: number;
  /** After a domain: another one, or the end. */
  readonly again: number;
  readonly end: number;
}

/** The length model of sequences of `length`; `multihit` allows several domains in one. */
export function lengthModel(length: number, { multihit = true } = {}): LengthModel {
  const domains = multihit ? 1 : 0;
  const move = (2 + domains) / (length + 2 + domains);
  return { loop: 1 - move, move, again: multihit ? 0.5 : 0, end: multihit ? 0.5 : 1 };
}

/** ln P of a sequence of `length` letters having that length under the null model. */
export const nullScore = (length: number): number =>
  length * Math.log(length / (length + 1)) + Math.log(1 / (length + 1));
