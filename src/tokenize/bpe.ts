import { dataError, usageError } from '../core/errors.ts';
import { applyMerges, type MergeTable, mergeTable } from './apply-merges.ts';
import {
  type BaseSymbols,
  baseSymbols,
  baseSymbolsOf,
  partCounts,
  parts,
  type Split,
} from './base-symbols.ts';
import { decodeBytes } from './bytes.ts';
import { learnMerges, type Merge } from './learn-merges.ts';
import { assemble, type Reading, type SpecialName, type Tokenizer } from './tokenizer.ts';

export interface BpeOptions {
  /** Where subwords may not cross. */
  split?: Split;
  /** Whether the 256 bytes are tokens too, so that nothing is unknown. */
  bytes?: boolean;
  special?: readonly SpecialName[];
}

export interface BpeTrainOptions extends BpeOptions {
  /** How many tokens at most, special ones included. */
  size?: number;
  /** A pair that occurs less often is not merged. */
  minCount?: number;
  /** The most characters of a subword. */
  longest?: number;
}

/** The most characters that a subword may have, whoever asks for it. */
export const longestSubword = 1000;

/**
 * Byte-pair encoding from its characters and merges: pairs of earlier ids, in the order in which they are applied. Ids are the
 * characters, then 256 bytes, then what each merge makes (a merge that spells what exists already makes that).
 * Throws a usage error for merges of ids that do not exist yet, of bytes, and for subwords beyond 1000 characters.
 * @example bpe(['A', 'C'], [[0, 1]], { bytes: false }).encode('ACA') // [2, 0]
 */
export function bpe(
  characters: readonly string[],
  merges: readonly Merge[],
  { split = 'none', bytes = true, special = [] }: BpeOptions = {},
): Tokenizer {
  const base = baseSymbols(characters, bytes);
  const { spellings, made } = madeBy(base, merges);
  const table = mergeTable(merges, made);
  const read = (text: string, unknown: number | undefined) =>
    readSubwords(text, unknown, { base, table, split });
  return assemble(
    {
      name: 'bpe',
      count: spellings.length,
      lossless: true,
      encode: (text, unknown) => read(text, unknown).ids,
      offsets: (text, unknown) => read(text, unknown).offsets,
      decode: decodeBytes(base.byteOf),
      token: (id) => spellings[id]!,
      describe: () => ({ characters, merges, split, bytes }),
    },
    special,
  );
}

/**
 * Learns byte-pair encoding from texts or sequences; see `learnMerges`. The same texts give the same tokenizer. The most frequent
 * 1000 characters are tokens (without `bytes`: all), whatever else comes is spelled in bytes.
 * Throws a usage error where `size` has no room for the characters and bytes, a data error for texts without a letter.
 * @example trainBpe(['ACGACGACG'], { size: 4, bytes: false }).encode('ACGA') // [4, 0] where 4 would be ACG
 */
export function trainBpe(
  texts: Iterable<string>,
  {
    size = 4096,
    minCount = 2,
    longest = 128,
    split = 'none',
    bytes = true,
    special = [],
  }: BpeTrainOptions = {},
): Tokenizer {
  if (!(Number.isInteger(longest) && longest >= 1 && longest <= longestSubword))
    throw usageError(`longest is ${longest}; expected 1 to ${longestSubword} characters.`);
  const counts = partCounts(texts, split);
  const base = baseSymbolsOf(counts.keys(), bytes);
  if (base.characters.length === 0) throw dataError('The texts to learn from are empty.');
  const room = checkedRoom(size, base, special);
  const { spellings, make } = maker(base, longest);
  const corpus = [...counts].map(([part, count]) => ({ symbols: base.read(part, undefined), count }));
  const merges = learnMerges(corpus, { make, enough: () => spellings.length >= room, minCount });
  return bpe(base.characters, merges, { split, bytes, special });
}

/** How many tokens there is room for beside the special ones; throws where not even the symbols fit. */
export function checkedRoom(size: number, base: BaseSymbols, special: readonly SpecialName[]): number {
  const least = base.count + special.length;
  if (Number.isInteger(size) && size >= least && size <= 2 ** 20) return size - special.length;
  throw usageError(
    `A tokenizer of ${size} tokens cannot be: ${base.characters.length} characters, ${base.count - base.characters.length} bytes and ${special.length} special tokens are ${least}, and 2^20 are the most.`,
  );
}

/** Gives every new spelling a symbol of its own, and one that exists already its own again. */
function maker(base: BaseSymbols, longest: number) {
  const spellings = Array.from({ length: base.count }, (_, symbol) => base.spell(symbol));
  const lengths = spellings.map(() => 1);
  const ids = new Map(base.characters.map((character, id) => [character, id]));
  const make = (left: number, right: number): number | undefined => {
    // Bytes are for what is rare: they stay single.
    if (base.byteOf(left) !== undefined || base.byteOf(right) !== undefined) return undefined;
    const length = lengths[left]! + lengths[right]!;
    if (length > longest) return undefined;
    const spelling = spellings[left]! + spellings[right]!;
    const known = ids.get(spelling);
    if (known !== undefined) return known;
    ids.set(spelling, spellings.length);
    lengths.push(length);
    return spellings.push(spelling) - 1;
  };
  return { spellings, make };
}

function madeBy(base: BaseSymbols, merges: readonly Merge[]): { spellings: string[]; made: number[] } {
  const { spellings, make } = maker(base, longestSubword);
  let letters = 0;
  const made = merges.map(([left, right], i) => {
    const known = (id: number) => Number.isInteger(id) && id >= 0 && id < spellings.length;
    const id = known(left) && known(right) ? make(left, right) : undefined;
    if (id === undefined)
      throw usageError(
        `Merge ${i + 1} of ${left} and ${right} cannot be: expected ids of characters or of earlier merges, ${longestSubword} letters at most.`,
      );
    letters += spellings[id]!.length;
    if (letters > 2 ** 26) throw usageError(`The first ${i + 1} merges spell more than 2^26 letters.`);
    return id;
  });
  return { spellings, made };
}

function readSubwords(
  text: string,
  unknown: number | undefined,
  { base, table, split }: { base: BaseSymbols; table: MergeTable; split: Split },
): Reading {
  const ids: number[] = [];
  const offsets: number[] = [];
  let from = 0;
  for (const part of parts(text, split)) {
    const spans: number[] = [];
    const symbols = base.read(part, unknown, spans);
    applyMerges(symbols, table, (id, first, last) => {
      ids.push(id);
      offsets.push(from + spans[2 * first]!, from + spans[2 * last + 1]!);
    });
    from += part.length;
  }
  return { ids, offsets };
}
