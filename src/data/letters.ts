import { dataError } from '../core/errors.ts';
import {
  type Alphabet,
  type AmbiguityPolicy,
  describeLetter,
  dna,
  expectedLetters,
  protein,
  rna,
} from './alphabet.ts';

/** Where a record came from, for messages: file and the line its header or row stands on. */
export interface Place {
  file: string;
  line: number;
  id: string;
}

/**
 * Checks every letter of a sequence. Returns false when the record is to be left out (policy `skip`).
 * Throws a data error for a letter that is no token of the alphabet, whatever the policy, and for an
 * ambiguity letter under `error`.
 */
export function checkLetters(
  sequence: string,
  alphabet: Alphabet,
  policy: AmbiguityPolicy,
  { file, line, id }: Place,
): boolean {
  const { ids, size } = alphabet;
  let ambiguous = -1;
  for (let i = 0; i < sequence.length; i++) {
    const code = sequence.charCodeAt(i);
    const token = code < 128 ? ids[code]! : -1;
    if (token < 0) {
      const found = `${file}:${line}: record "${id}" has ${describeLetter(sequence, i)}`;
      throw dataError(`${found}; expected ${expectedLetters(alphabet)}.${hint(sequence, alphabet)}`);
    }
    if (token >= size && ambiguous < 0) ambiguous = i;
  }
  if (ambiguous < 0 || policy === 'mask') return true;
  if (policy === 'skip') return false;
  throw dataError(
    `${file}:${line}: record "${id}" has ${describeLetter(sequence, ambiguous)}; expected one of ` +
      `${[...alphabet.letters].join(' ')}. Use --ambiguous mask to keep such letters or --ambiguous skip to leave the record out.`,
  );
}

const share = (sequence: string, letters: Set<string>) => {
  let inside = 0;
  for (const letter of sequence) if (letters.has(letter)) inside++;
  return sequence.length === 0 ? 0 : inside / sequence.length;
};

/** The next step after a wrong letter: another alphabet where the sequence looks like one. */
function hint(sequence: string, alphabet: Alphabet): string {
  const sample = sequence.slice(0, 10_000).toUpperCase();
  const others = [dna, rna, protein].filter((other) => other.name !== alphabet.name);
  const fits = others.find((other) => share(sample, new Set(other.tokens)) === 1);
  if (fits?.name === 'protein' && share(sample, new Set('ACGTUN-')) > 0.9) return ' Correct the file.';
  if (fits) return ` Use --alphabet ${fits.name} if these are ${plural(fits.name)}.`;
  return ' Correct the file, or leave this record out.';
}

const plural = (name: string) => (name === 'protein' ? 'proteins' : `${name.toUpperCase()} sequences`);

/** An alphabet and one sentence that says why it was chosen. */
export interface AlphabetGuess {
  alphabet: Alphabet;
  why: string;
}

/**
 * Chooses among DNA, RNA and protein by the letters of the first million positions: nucleic acid where
 * at least 90 % are A C G T U N or a gap (RNA when U outnumbers T), protein where at least 90 % are protein letters.
 * Throws a data error where neither holds.
 * @example guessAlphabet(['ACGUACGUAA']).alphabet.name // 'rna'
 */
export function guessAlphabet(sequences: Iterable<string>): AlphabetGuess {
  const counts = new Float64Array(65_536);
  let total = 0;
  for (const sequence of sequences) {
    const end = Math.min(sequence.length, 1_000_000 - total);
    for (let i = 0; i < end; i++) counts[sequence.charCodeAt(i)]!++;
    total += end;
    if (total >= 1_000_000) break;
  }
  if (total === 0) throw dataError('The alphabet cannot be told from empty sequences. Use --alphabet.');
  const count = (letters: string) =>
    [...new Set(letters + letters.toLowerCase())].reduce((sum, c) => sum + counts[c.charCodeAt(0)]!, 0);
  const percent = (part: number) => `${Math.floor((1000 * part) / total) / 10} %`;
  const bases = count('ACGTUN-');
  if (bases >= 0.9 * total) {
    const us = count('U');
    const alphabet = us > count('T') ? rna : dna;
    const thymine = alphabet === rna ? ', with U for T' : '';
    return {
      alphabet,
      why: `Alphabet ${alphabet.name}: ${percent(bases)} of the letters are bases${thymine}.`,
    };
  }
  const residues = count(protein.tokens.join(''));
  if (residues >= 0.9 * total) {
    return {
      alphabet: protein,
      why: `Alphabet protein: ${percent(bases)} of the letters are bases, ${percent(residues)} are amino acids.`,
    };
  }
  throw dataError(
    `The sequences are neither DNA, RNA nor protein: ${percent(bases)} of the letters are bases, ` +
      `${percent(residues)} are amino acids. Check the file, or give the alphabet.`,
  );
}
