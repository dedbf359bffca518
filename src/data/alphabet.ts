import { dataError, usageError } from '../core/errors.ts';

/**
 * A set of letters and the numbers that models see in their place.
 *
 * Tokens are the canonical letters in order, then the ambiguity letters; one more id, `padding`,
 * fills batches. Case never matters (unless a custom alphabet holds both cases of a letter), and
 * U and T are the same token in `dna` and `rna`.
 */
export interface Alphabet {
  name: string;
  /** Canonical letters in the order of their ids: `ACGT`, `ACGU`, `ACDEFGHIKLMNPQRSTVWY`. */
  letters: string;
  /** How many canonical letters there are. */
  size: number;
  /** Canonical letters, then IUPAC ambiguity letters and the gap. */
  tokens: string[];
  /** The id of padding: `tokens.length`. */
  padding: number;
  /** The canonical letters a token stands for: `dna.members('R')` is `'AG'`; empty for gap and stop. */
  members(token: string): string;
  /** Ids of a sequence; throws a data error with letter and position for a letter that is no token. */
  encode(sequence: string): Int32Array;
  /** One row of `size` numbers per token and one (zero) for padding, row-major; ambiguity spreads evenly. */
  table(): Float64Array;
  /** Token id of the complement for every token id and padding; only for nucleic acids. */
  complement?: Int32Array;
  /** Id of every ASCII code, −1 where the code is no token. For scanning without allocation. */
  ids: Int16Array;
}

/** What to do with letters outside the canonical ones: stop, keep them as tokens, or leave the record out. */
export type AmbiguityPolicy = 'error' | 'mask' | 'skip';

interface Definition {
  name: string;
  letters: string;
  ambiguity?: Record<string, string>;
  aliases?: Record<string, string>;
  complements?: string[];
  foldCase?: boolean;
}

function defineAlphabet({
  name,
  letters,
  ambiguity = {},
  aliases = {},
  complements,
  foldCase = true,
}: Definition): Alphabet {
  const tokens = [...letters, ...Object.keys(ambiguity)];
  const ids = new Int16Array(128).fill(-1);
  const assign = (letter: string, id: number) => {
    ids[letter.charCodeAt(0)] = id;
    if (!foldCase) return;
    ids[letter.toLowerCase().charCodeAt(0)] = id;
    ids[letter.toUpperCase().charCodeAt(0)] = id;
  };
  tokens.forEach(assign);
  for (const [alias, letter] of Object.entries(aliases)) assign(alias, tokens.indexOf(letter));
  const members = (token: string) => {
    const id = ids[token.charCodeAt(0)] ?? -1;
    if (token.length !== 1 || id < 0) throw usageError(`"${token}" is not a letter of alphabet ${name}.`);
    return id < letters.length ? letters[id]! : ambiguity[tokens[id]!]!;
  };
  const alphabet: Alphabet = {
    name,
    letters,
    size: letters.length,
    tokens,
    padding: tokens.length,
    members,
    ids,
    encode: (sequence) => encode(sequence, alphabet),
    table: () => oneHotTable(alphabet),
  };
  if (complements) alphabet.complement = complementIds(alphabet, complements);
  return alphabet;
}

function encode(sequence: string, alphabet: Alphabet): Int32Array {
  const { ids } = alphabet;
  const encoded = new Int32Array(sequence.length);
  for (let i = 0; i < sequence.length; i++) {
    const code = sequence.charCodeAt(i);
    const id = code < 128 ? ids[code]! : -1;
    if (id < 0) throw dataError(`${describeLetter(sequence, i)}; expected ${expectedLetters(alphabet)}.`);
    encoded[i] = id;
  }
  return encoded;
}

function oneHotTable({ size, letters, tokens, members }: Alphabet): Float64Array {
  const table = new Float64Array((tokens.length + 1) * size);
  tokens.forEach((token, id) => {
    const stands = members(token);
    for (const letter of stands) table[id * size + letters.indexOf(letter)] = 1 / stands.length;
  });
  return table;
}

function complementIds({ ids, padding }: Alphabet, pairs: string[]): Int32Array {
  const complement = new Int32Array(padding + 1).fill(padding);
  for (const [one, other] of pairs) {
    const a = ids[one!.charCodeAt(0)]!;
    const b = ids[other!.charCodeAt(0)]!;
    complement[a] = b;
    complement[b] = a;
  }
  return complement;
}

/** IUPAC-IUB nucleotide codes (Cornish-Bowden 1985); `-` is a gap and stands for no base. */
const nucleotideCodes = (t: 'T' | 'U') => ({
  R: 'AG',
  Y: `C${t}`,
  S: 'CG',
  W: `A${t}`,
  K: `G${t}`,
  M: 'AC',
  B: `CG${t}`,
  D: `AG${t}`,
  H: `AC${t}`,
  V: 'ACG',
  N: `ACG${t}`,
  '-': '',
});

const nucleotidePairs = (t: 'T' | 'U') => [`A${t}`, 'CG', 'RY', 'SS', 'WW', 'KM', 'BV', 'DH', 'NN', '--'];

/** DNA: A C G T, the IUPAC ambiguity letters and the gap; U is read as T. */
export const dna = defineAlphabet({
  name: 'dna',
  letters: 'ACGT',
  ambiguity: nucleotideCodes('T'),
  aliases: { U: 'T' },
  complements: nucleotidePairs('T'),
});

/** RNA: A C G U, the IUPAC ambiguity letters and the gap; T is read as U. */
export const rna = defineAlphabet({
  name: 'rna',
  letters: 'ACGU',
  ambiguity: nucleotideCodes('U'),
  aliases: { T: 'U' },
  complements: nucleotidePairs('U'),
});

/**
 * Protein: the twenty amino acids, and as ambiguity letters (IUPAC-IUB 1984, with later additions)
 * X any, B D or N, Z E or Q, J I or L; U (selenocysteine) stands for C and O (pyrrolysine) for K, the
 * residues they replace; `*` (stop) and `-` (gap) stand for no residue, so their one-hot rows are zero.
 */
export const protein = defineAlphabet({
  name: 'protein',
  letters: 'ACDEFGHIKLMNPQRSTVWY',
  ambiguity: { X: 'ACDEFGHIKLMNPQRSTVWY', B: 'DN', Z: 'EQ', J: 'IL', U: 'C', O: 'K', '*': '', '-': '' },
});

/**
 * An alphabet of your own, such as secondary structure: `customAlphabet('dssp', 'HEC')`. It has no
 * ambiguity letters. Case is folded unless both cases of a letter are given.
 * Throws a usage error for an empty alphabet, repeated letters, spaces, `>` and anything that is not ASCII.
 */
export function customAlphabet(name: string, letters: string): Alphabet {
  if (letters.length < 2) throw usageError(`Alphabet ${name} needs at least two letters, not "${letters}".`);
  const bad = [...letters].find((letter) => !/^[!-=?-~]$/.test(letter));
  if (bad !== undefined) {
    throw usageError(
      `Alphabet ${name} holds ${JSON.stringify(bad)}; letters are visible ASCII other than ">".`,
    );
  }
  const repeated = [...letters].find((letter, i) => letters.indexOf(letter) !== i);
  if (repeated !== undefined) throw usageError(`Alphabet ${name} holds "${repeated}" twice.`);
  const foldCase = new Set(letters.toUpperCase()).size === letters.length;
  return defineAlphabet({ name, letters, foldCase });
}

/**
 * The alphabet called `dna`, `rna` or `protein`; with `letters`, the custom one that a model folder
 * describes by name and letters.
 */
export function alphabetByName(name: string, letters?: string): Alphabet {
  const known = [dna, rna, protein].find((alphabet) => alphabet.name === name.toLowerCase());
  if (known && (letters === undefined || letters === known.letters)) return known;
  if (letters !== undefined) return customAlphabet(name, letters);
  throw usageError(`There is no alphabet "${name}"; choose dna, rna or protein.`);
}

/**
 * The other strand read in its own direction, case kept, ambiguity letters complemented.
 * @example reverseComplement('AACGTTRNca', dna) // 'tgNYAACGTT'
 */
export function reverseComplement(sequence: string, alphabet: Alphabet): string {
  const { complement, ids, tokens, name } = alphabet;
  if (!complement) throw usageError(`Only dna and rna have a reverse complement, not ${name}.`);
  const codes = new Uint8Array(128);
  ids.forEach((id, code) => {
    if (id < 0) return;
    const other = tokens[complement[id]!]!.charCodeAt(0);
    codes[code] = code >= 97 ? other | 32 : other;
  });
  const out = new Uint8Array(sequence.length);
  for (let i = 0; i < sequence.length; i++) {
    const code = codes[sequence.charCodeAt(i)] ?? 0;
    if (code === 0) throw dataError(`${describeLetter(sequence, i)}; expected ${expectedLetters(alphabet)}.`);
    out[sequence.length - 1 - i] = code;
  }
  return new TextDecoder().decode(out);
}

/** `"@" at position 41`, counting positions from 1. */
export function describeLetter(sequence: string, index: number): string {
  const letter = String.fromCodePoint(sequence.codePointAt(index) ?? 0xfffd);
  return `${letter === '"' ? `'"'` : JSON.stringify(letter)} at position ${index + 1}`;
}

/** `a DNA letter (A C G T or IUPAC)`, for messages. */
export function expectedLetters({ name, letters, size, tokens }: Alphabet): string {
  const title = name === 'dna' || name === 'rna' ? name.toUpperCase() : name;
  return `a ${title} letter (${[...letters].join(' ')}${tokens.length > size ? ' or IUPAC' : ''})`;
}
