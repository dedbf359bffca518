import { profileForward } from './forward.ts';
import { logProfile, multipleSegmentViterbi, profileViterbi } from './max-scores.ts';
import { lengthModel, type SearchProfile } from './search-profile.ts';

/** The three scores that a sequence must pass, each dearer and closer than the one before; in nats. */
export interface FilterScores {
  msv(codes: Uint8Array): number;
  viterbi(codes: Uint8Array): number;
  forward(codes: Uint8Array): number;
}

/**
 * MSV and Viterbi scores are of HMMER's making, which profiles' statistics are of: letters outside of domains are free, and
 * all of them together cost this many nats, which is what they cost in a sequence that has no domain.
 */
export const outsideCost = 3;

/** The scores as they are defined, in float64: what faster ones are held to. */
export function plainScores(profile: SearchProfile): FilterScores {
  const logs = logProfile(profile);
  const free = (codes: Uint8Array) => ({ ...lengthModel(codes.length), loop: 1 });
  return {
    msv: (codes) => multipleSegmentViterbi(logs, codes, free(codes)) - outsideCost,
    viterbi: (codes) => profileViterbi(logs, codes, free(codes)) - outsideCost,
    forward: (codes) => profileForward(profile, codes, lengthModel(codes.length)).score,
  };
}
