import { type ProfilePass, profileBackward, profileForward } from './forward.ts';
import type { LengthModel, SearchProfile } from './search-profile.ts';
import { fastPasses } from './simd/passes.ts';

/** Forward and Backward of one profile over many sequences. */
export interface Passes {
  forward(codes: Uint8Array, lengths: LengthModel, options?: { rows?: boolean }): ProfilePass;
  /** With the scales of the Forward pass over the same codes. */
  backward(
    codes: Uint8Array,
    lengths: LengthModel,
    forward: ProfilePass,
    options?: { rows?: boolean },
  ): ProfilePass;
}

const known = new WeakMap<SearchProfile, Passes>();

/**
 * The passes of a profile: 4 nodes at a time in float32 where WebAssembly with SIMD is to be had, the profile is local and
 * all letters can be emitted; otherwise `profileForward` and `profileBackward`.
 */
export function passesOf(profile: SearchProfile): Passes {
  let passes = known.get(profile);
  if (!passes) {
    passes = makePasses(profile);
    known.set(profile, passes);
  }
  return passes;
}

function makePasses(profile: SearchProfile): Passes {
  const fast = profile.local ? fastPasses(profile) : null;
  const emitted = profile.inserts;
  const suits = (codes: Uint8Array) => {
    for (let i = 0; i < codes.length; i++) if (emitted[codes[i]!] !== 1) return false;
    return true;
  };
  return {
    forward: (codes, lengths, options) =>
      (fast && suits(codes) ? fast.forward(codes, lengths, options) : null) ??
      profileForward(profile, codes, lengths, options),
    backward: (codes, lengths, forward, options) =>
      (fast && suits(codes) ? fast.backward(codes, lengths, forward, options) : null) ??
      profileBackward(profile, codes, lengths, forward, options),
  };
}
