import { dataError, usageError } from '../core/errors.ts';
import { type Alphabet, describeLetter, expectedLetters } from '../data/alphabet.ts';
import { assemble, type SpecialName, type Tokenizer } from './tokenizer.ts';

/** What becomes of letters that stand for several (N, R, X …) and of gaps. */
export type AmbiguousLetters = 'keep' | 'unknown' | 'error';

/**
 * One token a letter of an alphabet: bases, residues, states. Ids are the alphabet's own: canonical letters in order, then, with
 * `ambiguous: 'keep'`, the ambiguity letters and the gap. With `unknown` these are the unknown token (which is added), with
 * `error` they are refused. Case is folded and U is read as T (in `rna` T as U); letters outside the alphabet are refused
 * or, with an unknown token, unknown.
 * @example letters(dna).encode('ACGTN') // [0, 1, 2, 3, 14]
 * @example letters(dna, { ambiguous: 'unknown' }).encode('ACGTN') // [0, 1, 2, 3, 4]
 */
export function letters(
  alphabet: Alphabet,
  {
    ambiguous = 'keep',
    special = [],
  }: { ambiguous?: AmbiguousLetters; special?: readonly SpecialName[] } = {},
): Tokenizer {
  if (!['keep', 'unknown', 'error'].includes(ambiguous))
    throw usageError(`ambiguous is ${JSON.stringify(ambiguous)}; expected keep, unknown or error.`);
  const count = ambiguous === 'keep' ? alphabet.tokens.length : alphabet.size;
  const roles: readonly SpecialName[] =
    ambiguous === 'unknown' && !special.includes('unknown') ? [...special, 'unknown'] : special;
  return assemble(
    {
      name: 'letters',
      count,
      lossless: true,
      encode: (text, unknown) => encodeLetters(text, alphabet, count, unknown),
      decode: (ids, spell) => ids.map(spell).join(''),
      token: (id) => alphabet.tokens[id]!,
      // Letters outside ASCII take one unit each here, as in `encode`.
      offsets: (text) => Int32Array.from({ length: 2 * text.length }, (_, i) => (i + 1) >> 1),
      describe: () => ({ alphabet: { name: alphabet.name, letters: alphabet.letters }, ambiguous }),
    },
    roles,
  );
}

function encodeLetters(
  text: string,
  alphabet: Alphabet,
  count: number,
  unknown: number | undefined,
): Int32Array {
  const encoded = new Int32Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const id = code < 128 ? alphabet.ids[code]! : -1;
    if (id >= 0 && id < count) encoded[i] = id;
    else if (unknown !== undefined) encoded[i] = unknown;
    else {
      const expected = count > alphabet.size ? expectedLetters(alphabet) : `one of ${alphabet.letters}`;
      throw dataError(`${describeLetter(text, i)}; expected ${expected}.`);
    }
  }
  return encoded;
}
