import { type FilterScores, plainScores } from './filters.ts';
import type { SearchProfile } from './search-profile.ts';
import { fastMsv } from './simd/msv.ts';
import { fastPasses } from './simd/passes.ts';
import { fastViterbi } from './simd/viterbi.ts';

/**
 * The filter scores in small numbers, many nodes at a time, where WebAssembly with SIMD is to be had and the profile is
 * local; otherwise as they are defined. A sequence with a symbol that no state emits is
 * scored as defined, but for MSV, where such a symbol costs as much as a byte can hold.
 */
export function fastScores(profile: SearchProfile, { simd = true } = {}): FilterScores {
  const plain = plainScores(profile);
  if (!simd || !profile.local) return plain;
  const emitted = profile.inserts;
  const faster = (fast: ((codes: Uint8Array) => number) | null, slow: (codes: Uint8Array) => number) => {
    if (!fast) return slow;
    return (codes: Uint8Array) => (codes.every((code) => emitted[code] === 1) ? fast(codes) : slow(codes));
  };
  const passes = fastPasses(profile);
  const forward = passes && ((codes: Uint8Array) => passes.score(codes) ?? plain.forward(codes));
  return {
    msv: fastMsv(profile) ?? plain.msv,
    viterbi: faster(fastViterbi(profile), plain.viterbi),
    forward: faster(forward, plain.forward),
  };
}
