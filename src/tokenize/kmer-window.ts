import { usageError } from '../core/errors.ts';
import type { Alphabet } from '../data/alphabet.ts';

/** The k-mers of an alphabet as numbers. */
export interface Window {
  /** How many different ones there are. */
  readonly count: number;
  /** The id of the k-mer that begins at `at` among codes of letters; −1 where one that counts is not canonical. */
  read(codes: Int32Array, at: number): number;
  /** Its letters; positions that do not count are `.`. */
  spell(id: number): string;
}

/** Every k-mer is its own: the id is the number that its letters are the digits of. */
export function plainWindow({ size, letters }: Alphabet, mask: string): Window {
  const counting = [...mask].flatMap((bit, i) => (bit === '1' ? [i] : []));
  return {
    count: size ** counting.length,
    read(codes, at) {
      let value = 0;
      for (const i of counting) {
        const code = codes[at + i]!;
        if (code < 0 || code >= size) return -1;
        value = value * size + code;
      }
      return value;
    },
    spell(id) {
      const spelled: string[] = [...mask].map((bit) => (bit === '1' ? '' : '.'));
      let value = id;
      for (const i of counting.toReversed()) {
        spelled[i] = letters[value % size]!;
        value = Math.floor(value / size);
      }
      return spelled.join('');
    },
  };
}

/** A k-mer and its reverse complement are the same: the smaller number of the two, counted without gaps. */
export function canonicalWindow(alphabet: Alphabet, mask: string): Window {
  const { complement, size, name } = alphabet;
  if (!complement)
    throw usageError(`Canonical k-mers need letters with complements: dna or rna, not ${name}.`);
  if (mask !== [...mask].reverse().join(''))
    throw usageError(
      `The mask ${mask} reads differently backwards, so that k-mers of the other strand would not be the same. Choose one such as 11011.`,
    );
  const plain = plainWindow(alphabet, mask);
  const k = mask.replaceAll('0', '').length;
  const ids = new Int32Array(plain.count);
  const values: number[] = [];
  for (let value = 0; value < plain.count; value++) {
    const other = reverseComplementValue(value, k, size, complement);
    if (other >= value) values.push(value);
    ids[value] = other >= value ? values.length - 1 : ids[other]!;
  }
  return {
    count: values.length,
    read(codes, at) {
      const value = plain.read(codes, at);
      return value < 0 ? -1 : ids[value]!;
    },
    spell: (id) => plain.spell(values[id]!),
  };
}

function reverseComplementValue(value: number, k: number, size: number, complement: Int32Array): number {
  let [rest, other] = [value, 0];
  for (let i = 0; i < k; i++) {
    other = other * size + complement[rest % size]!;
    rest = Math.floor(rest / size);
  }
  return other;
}
