import { randomStream } from '../../core/random.ts';
import { customProfileAlphabet, type ProfileAlphabet } from './alphabet.ts';
import { DD, DM, MD, type ProfileHmm } from './profile-hmm.ts';
import type { LengthModel, SearchProfile } from './search-profile.ts';

/** A profile of random probabilities, none of them zero. */
export function randomProfile(
  nodes: number,
  seed: number,
  alphabet: ProfileAlphabet = customProfileAlphabet('ab', [0.3, 0.7]),
): ProfileHmm {
  const stream = randomStream(seed, 'profile');
  const { size } = alphabet;
  const draw = (n: number) => {
    const p = Array.from({ length: n }, () => 0.05 + stream.uniform() ** 2);
    const total = p.reduce((a, b) => a + b);
    return p.map((x) => x / total);
  };
  const rows = (n: number) => Float64Array.from(Array.from({ length: nodes + 1 }, () => draw(n)).flat());
  const transitions = Float64Array.from(
    Array.from({ length: nodes + 1 }, () => [...draw(3), ...draw(2), ...draw(2)]).flat(),
  );
  const last = nodes * 7;
  transitions[last]! += transitions[last + MD]!;
  transitions[last + MD] = 0;
  for (const at of [0, last]) {
    transitions[at + DM] = 1;
    transitions[at + DD] = 0;
  }
  return { name: `random${seed}`, alphabet, nodes, match: rows(size), insert: rows(size), transitions };
}

/** Random codes of canonical letters. */
export const randomCodes = (length: number, size: number, seed: number): Uint8Array => {
  const stream = randomStream(seed, 'codes');
  return Uint8Array.from({ length }, () => stream.below(size));
};

/**
 * Every path of a search profile through a sequence, one at a time, by plain recursion: calls `visit` with its odds. A
 * second account of the architecture, which shares nothing with the recursions under test.
 */
export function enumeratePaths(
  p: SearchProfile,
  codes: Uint8Array,
  { loop, move, again, end }: LengthModel,
  visit: (odds: number) => void,
): void {
  const length = codes.length;
  const emit = (k: number, i: number) => p.odds[codes[i]!]![k]!;
  const flank = (i: number, state: 'N' | 'J' | 'C', odds: number): void => {
    if (odds === 0) return;
    if (state === 'C' && i === length) visit(odds * move);
    if (i < length) flank(i + 1, state, odds * loop);
    if (state !== 'C')
      for (let k = 1; k <= p.nodes && i < length; k++) match(i, k, odds * move * p.begin[k]!);
  };
  const ends = (i: number, k: number, odds: number): void => {
    if (!p.local && k !== p.nodes) return;
    flank(i, 'C', odds * end);
    flank(i, 'J', odds * again);
  };
  /** Letter i is emitted by match k. */
  const match = (i: number, k: number, odds: number): void => {
    if (i === length || odds === 0) return;
    const now = odds * emit(k, i);
    ends(i + 1, k, now);
    if (k === p.nodes) return;
    match(i + 1, k + 1, now * p.mm[k]!);
    insert(i + 1, k, now * p.mi[k]!);
    skip(i + 1, k + 1, now * p.md[k]!);
  };
  const insert = (i: number, k: number, odds: number): void => {
    if (i === length) return;
    match(i + 1, k + 1, odds * p.im[k]!);
    insert(i + 1, k, odds * p.ii[k]!);
  };
  const skip = (i: number, k: number, odds: number): void => {
    ends(i, k, odds);
    if (k === p.nodes) return;
    match(i, k + 1, odds * p.dm[k]!);
    skip(i, k + 1, odds * p.dd[k]!);
  };
  flank(0, 'N', 1);
}
