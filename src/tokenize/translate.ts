import { dataError, usageError } from '../core/errors.ts';
import { describeLetter, dna } from '../data/alphabet.ts';
import { type GeneticCode, geneticCode } from '../data/genetic-codes.ts';

export interface TranslateOptions {
  /** A translation table of the NCBI by number, or a code of your own. */
  table?: number | GeneticCode;
  /** How many letters stand before the first codon. */
  frame?: 0 | 1 | 2;
  /** End before the first stop, where there is one. */
  toStop?: boolean;
  /** One or two letters at the end that make no codon: left out, or refused. */
  incomplete?: 'drop' | 'error';
}

/**
 * The protein of a coding sequence, DNA or RNA in upper or lower case; `*` is stop. A codon with ambiguous letters means the amino
 * acid that all its readings share, B, Z or J where they share D and N, E and Q, or I and L, else X; three gaps are a gap.
 * Every codon means what the table says, the first one too: a start codon other than ATG is not turned into M.
 * Throws a data error for letters that are none of DNA's, and with `incomplete: 'error'` for a rest.
 * @example translate('ATGGCNTAAC') // 'MA*'
 */
export function translate(
  sequence: string,
  { table = 1, frame = 0, toStop = false, incomplete = 'drop' }: TranslateOptions = {},
): string {
  const { aminoAcids } = geneticCode(table);
  if (![0, 1, 2].includes(frame)) throw usageError(`frame is ${frame}; expected 0, 1 or 2 letters.`);
  const meanings = new Map(Object.entries(aminoAcids));
  const upper = sequence.toUpperCase().replaceAll('U', 'T');
  const protein: string[] = [];
  let at = frame;
  for (; at + 3 <= upper.length; at += 3) {
    const codon = upper.slice(at, at + 3);
    let meaning = meanings.get(codon);
    if (meaning === undefined)
      meanings.set(codon, (meaning = ambiguousMeaning(codon, sequence, at, aminoAcids)));
    if (toStop && meaning === '*') break;
    protein.push(meaning);
  }
  const rest = upper.length - at;
  if (incomplete === 'error' && (rest === 1 || rest === 2))
    throw dataError(`${upper.length} letters in frame ${frame} end with ${rest} that make no codon.`);
  return protein.join('');
}

/** Pairs of amino acids with a letter of their own (IUPAC-IUB 1984). */
const pairs: Readonly<Record<string, string>> = { DN: 'B', EQ: 'Z', IL: 'J' };

function ambiguousMeaning(
  codon: string,
  sequence: string,
  at: number,
  aminoAcids: GeneticCode['aminoAcids'],
): string {
  if (codon === '---') return '-';
  const [first, second, third] = [...codon].map((letter, i) => readings(letter, sequence, at + i));
  const found = new Set<string>();
  for (const a of first!)
    for (const b of second!) for (const c of third!) found.add(aminoAcids[a + b + c] ?? 'X');
  if (found.size === 1) return [...found][0]!;
  return pairs[[...found].sort().join('')] ?? 'X';
}

function readings(letter: string, sequence: string, at: number): string {
  if ((dna.ids[letter.charCodeAt(0)] ?? -1) < 0)
    throw dataError(`${describeLetter(sequence, at)}; expected a DNA or RNA letter (A C G T U or IUPAC).`);
  return dna.members(letter);
}
