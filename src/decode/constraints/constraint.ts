import { usageError } from '../../core/errors.ts';
import { dna, rna } from '../../data/alphabet.ts';
import type { Automaton } from './automaton.ts';

/** The letters that a model's tokens spell, in the order of their numbers. */
export interface Letters {
  readonly letters: readonly string[];
  /** The number of a letter; undefined for one that no token spells. */
  number(letter: string): number | undefined;
}

/** What a whole sequence, prompt included, must be; compiled against the letters of a model. */
export interface Constraint {
  /** As the user would write it, for messages: `avoid("GAATTC")`. */
  readonly text: string;
  /** The automaton over letters that accepts what the constraint allows. */
  automaton(letters: Letters): Automaton;
  /** The constraints that this one joins, so that a conflict can name the one that matters. */
  readonly parts?: readonly Constraint[];
}

/** A constraint's text: its name and what it was called with, options only where they were given. */
export function constraintText(name: string, ...values: unknown[]): string {
  const shown = values.filter((value) => !isEmptyRecord(value)).map(show);
  return `${name}(${shown.join(', ')})`;
}

const isEmptyRecord = (value: unknown) =>
  value === undefined ||
  (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0);

function show(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? String(value);
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return `{${entries.map(([key, entry]) => ` ${key}: ${show(entry)}`).join(',')} }`;
}

/** A set of letters, one flag for each. */
export type LetterSet = Uint8Array;

export const letterSet = ({ letters }: Letters, has: (letter: string) => boolean): LetterSet =>
  Uint8Array.from(letters, (letter) => +has(letter));

/** The nucleic acid alphabet that a model's letters speak: RNA where they have U and no T. */
export const nucleic = ({ number }: Letters) =>
  number('U') !== undefined && number('T') === undefined ? rna : dna;

/**
 * The set of letters that one letter of a motif stands for: itself or, read as IUPAC, all that it may be (T and U
 * are one). Throws a usage error where no letter of the model is meant.
 */
export function motifLetter(
  letter: string,
  letters: Letters,
  { iupac = false, text }: { iupac?: boolean; text: string },
): LetterSet {
  const alphabet = nucleic(letters);
  const isCode = iupac && (alphabet.ids[letter.charCodeAt(0)] ?? -1) >= 0;
  const meant = isCode ? alphabet.members(letter) : letter;
  const set = letterSet(letters, (one) => (isCode ? meant.includes(one.toUpperCase()) : one === letter));
  if (!set.includes(1)) throw unknownLetter(letter, letters, text);
  return set;
}

export function unknownLetter(letter: string, { letters }: Letters, text: string) {
  const known = letters.length > 40 ? `${letters.slice(0, 40).join(' ')} …` : letters.join(' ');
  const iupac = /^[RYSWKMBDHVN]$/.test(letter) ? ' For IUPAC codes give { iupac: true }.' : '';
  return usageError(
    `${text}: ${JSON.stringify(letter)} is none of the letters that this model writes (${known}).${iupac}`,
  );
}
