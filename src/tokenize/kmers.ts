import { dataError, usageError } from '../core/errors.ts';
import { type Alphabet, describeLetter, dna, expectedLetters } from '../data/alphabet.ts';
import { canonicalWindow, plainWindow, type Window } from './kmer-window.ts';
import { assemble, type Reading, type SpecialName, type Tokenizer } from './tokenizer.ts';

/** What becomes of letters that fill no k-mer: spelled one by one, left out, or refused. */
export type Remainder = 'letters' | 'drop' | 'error';

export interface KmerOptions {
  /** Letters in a k-mer; with a mask the number of its ones. */
  k?: number;
  /** Which letters count, such as `1101`: a spaced k-mer (Ma, Tromp & Li 2002). It begins and ends with 1. */
  mask?: string;
  /** From one k-mer to the next: 1 overlaps as much as possible, k (or the mask's length) not at all. */
  stride?: number;
  /** A k-mer and its reverse complement are one token, the alphabetically first of the two. */
  canonical?: boolean;
  alphabet?: Alphabet;
  /** Default: `letters` for plain k-mers side by side, `drop` for others, which have no tokens for single letters. */
  remainder?: Remainder;
  special?: readonly SpecialName[];
}

/**
 * K-mers: overlapping (`stride: 1`, as in DNABERT), side by side (`stride: k`, as in the Nucleotide Transformer), spaced, or
 * the same on both strands. Ids are in alphabetical order of the k-mers (of the alphabet's letters); with `remainder: 'letters'`
 * one id for every letter of the alphabet, ambiguity letters included, follows.
 *
 * Side by side with `letters`, a k-mer that would hold an ambiguous letter is given up for its first letter and reading goes on
 * with the next letter. Otherwise it is the unknown token, or a data error where there is none. Plain k-mers at stride 1 or k
 * come back as they were, unless `drop` left letters out (text shorter than k, or a rest); spaced and canonical ones do not, and
 * `decode` puts spaces between them.
 *
 * Throws a usage error for more than 2²⁴ k-mers, masks that do not fit `k`, canonical k-mers of letters without complement, and
 * canonical ones with a mask that reads differently backwards.
 * @example kmers({ k: 3 }).encode('ACGTA') // [6, 27, 44]: ACG, CGT, GTA
 * @example kmers({ k: 3, stride: 3 }).encode('ACGTA') // [6, 67, 64]: ACG, T, A
 */
export function kmers(options: KmerOptions): Tokenizer {
  const settings = kmerSettings(options);
  const { k, mask, stride, canonical, alphabet, remainder } = settings;
  const window = canonical ? canonicalWindow(alphabet, mask) : plainWindow(alphabet, mask);
  const plain = !canonical && !mask.includes('0');
  const count = window.count + (remainder === 'letters' ? alphabet.tokens.length : 0);
  const read = (text: string, unknown: number | undefined) => readKmers(text, unknown, window, settings);
  const token = (id: number) => (id < window.count ? window.spell(id) : alphabet.tokens[id - window.count]!);
  return assemble(
    {
      name: 'kmers',
      count,
      lossless: plain && remainder !== 'drop' && (stride === 1 || stride === mask.length),
      encode: (text, unknown) => read(text, unknown).ids,
      offsets: (text, unknown) => read(text, unknown).offsets,
      decode: (ids, spell) => {
        if (!plain || (stride > 1 && stride !== k)) return ids.map(spell).join(' ');
        if (stride === k) return ids.map(spell).join('');
        return ids.map((id, i) => (i === 0 || id >= window.count ? spell(id) : spell(id).at(-1))).join('');
      },
      token,
      describe: () => ({
        alphabet: { name: alphabet.name, letters: alphabet.letters },
        ...{ k, mask, stride, canonical, remainder },
      }),
    },
    options.special,
  );
}

type Settings = Required<Omit<KmerOptions, 'special'>>;

function kmerSettings({
  k,
  mask = '1'.repeat(checkedLength(k)),
  stride = 1,
  canonical = false,
  alphabet = dna,
  remainder,
}: KmerOptions): Settings {
  if (!/^1(?:[01]*1)?$/.test(mask) || mask.length > 64)
    throw usageError(
      `mask is ${JSON.stringify(mask)}; expected zeros and ones that begin and end with 1, at most 64.`,
    );
  const ones = mask.replaceAll('0', '').length;
  if (k !== undefined && k !== ones) throw usageError(`k is ${k}, but the mask ${mask} has ${ones} ones.`);
  if (!Number.isInteger(stride) || stride < 1 || stride > mask.length)
    throw usageError(
      `stride is ${stride}; expected a whole number from 1 to ${mask.length}, the length of a k-mer.`,
    );
  if (alphabet.size ** ones > 2 ** 24)
    throw usageError(
      `There are ${alphabet.size}^${ones} k-mers of ${alphabet.name}; a tokenizer has at most 2^24. Choose a smaller k.`,
    );
  const beside = stride === mask.length && !mask.includes('0') && !canonical;
  const rest = remainder ?? (beside ? 'letters' : 'drop');
  if (!['letters', 'drop', 'error'].includes(rest) || (rest === 'letters' && !beside))
    throw usageError(
      `remainder is ${JSON.stringify(rest)}; expected drop or error, or letters for plain k-mers side by side.`,
    );
  return { k: ones, mask, stride, canonical, alphabet, remainder: rest };
}

function checkedLength(k: number | undefined): number {
  if (k === undefined) throw usageError('K-mers need k, the number of their letters, or a mask.');
  if (Number.isInteger(k) && k >= 1 && k <= 24) return k;
  throw usageError(`k is ${k}; expected a whole number from 1 to 24.`);
}

function readKmers(
  text: string,
  unknown: number | undefined,
  window: Window,
  { mask, stride, alphabet, remainder }: Settings,
): Reading {
  const codes = letterCodes(text, alphabet, unknown);
  const span = mask.length;
  const ids: number[] = [];
  const offsets: number[] = [];
  const letter = (at: number) => {
    ids.push(codes[at]! < 0 ? unknown! : window.count + codes[at]!);
    offsets.push(at, at + 1);
  };
  let at = 0;
  while (at + span <= codes.length) {
    const id = window.read(codes, at);
    if (id < 0 && remainder === 'letters') {
      letter(at++);
      continue;
    }
    ids.push(id < 0 ? (unknown ?? refuseAmbiguous(text, at, codes, alphabet)) : id);
    offsets.push(at, at + span);
    at += stride;
  }
  // What the last k-mer did not cover.
  const rest = at === 0 ? 0 : at - stride + span;
  if (remainder === 'letters') while (at < codes.length) letter(at++);
  else if (remainder === 'error' && rest < codes.length)
    throw dataError(
      `${codes.length - rest} letters after position ${rest} fill no ${mask.replaceAll('0', '').length}-mer. Cut the text, or choose another remainder than "error".`,
    );
  return { ids, offsets };
}

/** The alphabet's ids; −1 where a letter is none of the alphabet's and there is an unknown token. */
export function letterCodes(text: string, alphabet: Alphabet, unknown: number | undefined): Int32Array {
  if (unknown === undefined) return alphabet.encode(text);
  return Int32Array.from({ length: text.length }, (_, i) => alphabet.ids[text.charCodeAt(i)] ?? -1);
}

export function refuseAmbiguous(text: string, at: number, codes: Int32Array, alphabet: Alphabet): never {
  let i = at;
  while (codes[i]! < alphabet.size) i++;
  throw dataError(
    `${describeLetter(text, i)}; expected ${expectedLetters(alphabet).replace(' or IUPAC', '')}. Give the tokenizer an unknown token, or mask such letters first.`,
  );
}
