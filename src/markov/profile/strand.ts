import { usageError } from '../../core/errors.ts';
import type { ProfileAlphabet } from './alphabet.ts';

/**
 * Codes of the other strand, read in its own direction. Throws a usage error for letters that have no complement.
 * @example reverseComplementCodes(encodeSequence('AACG', dnaProfile), dnaProfile) // those of CGTT
 */
export function reverseComplementCodes(codes: Uint8Array, alphabet: ProfileAlphabet): Uint8Array {
  const { name, members } = alphabet;
  if (name !== 'DNA' && name !== 'RNA')
    throw usageError(`Only DNA and RNA have another strand, not ${name} sequences.`);
  // A, C, G, T are 0 to 3, and complements add up to 3; so do those of letters that stand for several.
  const key = (of: readonly number[]) => [...of].sort().join();
  const byMembers = new Map(members.map((of, code) => [key(of), code]));
  const complements = Uint8Array.from(members, (of, code) =>
    of.length === 0 ? code : byMembers.get(key(of.map((x) => 3 - x)))!,
  );
  const out = new Uint8Array(codes.length);
  for (let i = 0; i < codes.length; i++) out[codes.length - 1 - i] = complements[codes[i]!]!;
  return out;
}
