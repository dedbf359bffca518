import { usageError } from '../../core/errors.ts';
import { type GeneticCode, geneticCode } from '../../data/genetic-codes.ts';
import { automaton } from './automaton.ts';
import { type Constraint, constraintText } from './constraint.ts';

export interface CodonOptions {
  /** A translation table of the NCBI by number, or a code of your own. */
  table?: number | GeneticCode;
  /** How many letters stand before the first codon; they are free. */
  frame?: number;
  /** What the first codon may be: a list, true for the start codons of the table, false for any. */
  start?: readonly string[] | boolean;
  /** Whether the last codon is a stop; there is none before it in any case. */
  stop?: boolean;
  /** What the codons before the stop must mean, in amino acid letters. A start codon that is not ATG means M. */
  protein?: string;
}

/**
 * One open reading frame of whole codons: a start codon first, a stop codon last, none between.
 * T and U are the same; a codon with any other letter than A, C, G and T is not allowed.
 * @example codons() // ATG … TAA, TAG or TGA
 * @example codons({ table: 11, start: true, protein: 'MKV' })
 */
export function codons(options: CodonOptions = {}): Constraint {
  const { table = 1, frame = 0, start = ['ATG'], stop = true, protein } = options;
  const text = constraintText(
    'codons',
    typeof table === 'number' ? options : { ...options, table: table.name },
  );
  const { aminoAcids, starts } = geneticCode(table);
  if (!Number.isInteger(frame) || frame < 0)
    throw usageError(`${text}: frame is ${frame}; expected a whole number of letters from 0.`);
  const first = start === true ? starts : start || undefined;
  const strange = first?.find((codon) => aminoAcids[dnaLetters(codon)] === undefined);
  if (strange !== undefined)
    throw usageError(`${text}: "${strange}" is not a codon; expected three of A, C, G, T.`);
  const begins = first && new Set(first.map(dnaLetters));
  const expected = protein?.toUpperCase();

  /** What the codon at `index` leaves: `ended` after a stop, undefined where it may not stand. */
  const read = (codon: string, index: number): 'open' | 'ended' | undefined => {
    const meaning = aminoAcids[codon];
    if (meaning === undefined) return undefined;
    if (index === 0 && begins && !begins.has(codon)) return undefined;
    if (meaning === '*' && !(index === 0 && begins))
      return stop && (expected === undefined || index === expected.length) ? 'ended' : undefined;
    const shown = index === 0 && begins ? 'M' : meaning;
    return expected === undefined || expected[index] === shown ? 'open' : undefined;
  };
  interface State {
    /** Letters still to come before the first codon. */
    skip: number;
    /** Codons that were read; beyond the first they count only where the protein is given. */
    index: number;
    /** The letters of the codon that is being read. */
    part: string;
    ended: boolean;
  }
  return {
    text,
    automaton: ({ letters }) =>
      automaton<State>(letters.length, {
        start: { skip: frame, index: 0, part: '', ended: false },
        key: ({ skip, index, part, ended }) => `${skip}:${index}:${part}:${ended}`,
        next(state, letter) {
          if (state.skip > 0) return { ...state, skip: state.skip - 1 };
          if (state.ended) return undefined;
          const part = state.part + dnaLetters(letters[letter]!);
          if (part.length < 3) return /^[ACGT]+$/.test(part) ? { ...state, part } : undefined;
          const result = read(part, state.index);
          if (result === undefined) return undefined;
          const index = expected === undefined ? 1 : state.index + 1;
          return { skip: 0, index, part: '', ended: result === 'ended' };
        },
        accepts: ({ skip, index, part, ended }) =>
          skip === 0 &&
          part === '' &&
          (stop ? ended : index > 0) &&
          (expected === undefined || index === expected.length + (stop ? 1 : 0)),
      }),
  };
}

const dnaLetters = (letters: string) => letters.toUpperCase().replaceAll('U', 'T');
