import { dataError, usageError } from '../core/errors.ts';
import { type Alphabet, dna } from '../data/alphabet.ts';
import { type GeneticCode, geneticCode } from '../data/genetic-codes.ts';
import { plainWindow, type Window } from './kmer-window.ts';
import { letterCodes, type Remainder, refuseAmbiguous } from './kmers.ts';
import { assemble, type Reading, type SpecialName, type Tokenizer } from './tokenizer.ts';

export interface CodonTokenizerOptions {
  /** A translation table of the NCBI by number: what the codons mean. */
  table?: number;
  /** How many letters stand before the first codon: 0, 1 or 2. */
  frame?: 0 | 1 | 2;
  /**
   * What becomes of the letters before the frame, of an incomplete last codon and of codons with ambiguous letters (which keep
   * the frame): spelled one by one, left out (an ambiguous codon is then the unknown token), or refused.
   */
  remainder?: Remainder;
  alphabet?: Alphabet;
  special?: readonly SpecialName[];
}

/** A tokenizer of codons, which also knows what they mean. */
export interface CodonTokenizer extends Tokenizer {
  readonly table: number;
  /** The amino acid that a token means, `*` for stop, and '' for single letters and special tokens. */
  aminoAcid(id: number): string;
}

/**
 * Codons in one reading frame. The 64 codons are in alphabetical order (AAA 0, AAC 1 … TTT 63); with `remainder: 'letters'` one
 * id for every letter of the alphabet follows, and nothing is lost.
 * @example codons().encode('ATGTAAC') // [14, 48, 65]: ATG, TAA, C
 */
export function codons({
  table = 1,
  frame = 0,
  remainder = 'letters',
  alphabet = dna,
  special = [],
}: CodonTokenizerOptions = {}): CodonTokenizer {
  const code = geneticCode(table);
  if (![0, 1, 2].includes(frame)) throw usageError(`frame is ${frame}; expected 0, 1 or 2 letters.`);
  if (!['letters', 'drop', 'error'].includes(remainder))
    throw usageError(`remainder is ${JSON.stringify(remainder)}; expected letters, drop or error.`);
  if (alphabet.size !== 4 || !alphabet.complement)
    throw usageError(`Codons are made of dna or rna, not ${alphabet.name}.`);
  const window = plainWindow(alphabet, '111');
  const settings = { window, frame, remainder, alphabet };
  const spelled = remainder === 'letters';
  const body = {
    name: 'codons',
    count: 64 + (spelled ? alphabet.tokens.length : 0),
    lossless: spelled || (remainder === 'error' && frame === 0),
    encode: (text: string, unknown: number | undefined) => readCodons(text, unknown, settings).ids,
    offsets: (text: string, unknown: number | undefined) => readCodons(text, unknown, settings).offsets,
    decode: (ids: readonly number[], spell: (id: number) => string) => ids.map(spell).join(''),
    token: (id: number) => (id < 64 ? window.spell(id) : alphabet.tokens[id - 64]!),
    describe: () => ({
      alphabet: { name: alphabet.name, letters: alphabet.letters },
      ...{ table, frame, remainder },
    }),
  };
  const meanings = meaningsOf(code, window);
  return { ...assemble(body, special), table, aminoAcid: (id) => meanings[id] ?? '' };
}

const meaningsOf = ({ aminoAcids }: GeneticCode, { spell }: Window): string[] =>
  Array.from({ length: 64 }, (_, id) => aminoAcids[spell(id).replaceAll('U', 'T')]!);

interface Settings {
  readonly window: Window;
  readonly frame: number;
  readonly remainder: Remainder;
  readonly alphabet: Alphabet;
}

function readCodons(
  text: string,
  unknown: number | undefined,
  { window, frame, remainder, alphabet }: Settings,
): Reading {
  const codes = letterCodes(text, alphabet, unknown);
  const ids: number[] = [];
  const offsets: number[] = [];
  const add = (id: number, from: number, to: number) => {
    ids.push(id);
    offsets.push(from, to);
  };
  const spell = (from: number, to: number) => {
    for (let i = from; i < to; i++) add(codes[i]! < 0 ? unknown! : 64 + codes[i]!, i, i + 1);
  };
  const first = Math.min(frame, codes.length);
  if (remainder === 'letters') spell(0, first);
  let at = first;
  for (; at + 3 <= codes.length; at += 3) {
    const id = window.read(codes, at);
    if (id >= 0) add(id, at, at + 3);
    else if (remainder === 'letters') spell(at, at + 3);
    else add(unknown ?? refuseAmbiguous(text, at, codes, alphabet), at, at + 3);
  }
  if (remainder === 'letters') spell(at, codes.length);
  else if (remainder === 'error' && at < codes.length)
    throw dataError(
      `${codes.length} letters in frame ${frame} end with ${codes.length - at} that make no codon. Cut the text, choose another frame, or another remainder than "error".`,
    );
  return { ids, offsets };
}
