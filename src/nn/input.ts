import { usageError } from '../core/errors.ts';
import { type Dim, dimAdd } from '../graph/dims.ts';
import {
  add,
  and,
  concat,
  constant,
  full,
  gather,
  less,
  maximum,
  mul,
  slice,
  sub,
  where,
} from '../graph/library.ts';
import type { Value } from '../graph/value.ts';

export interface OneHotTable {
  /** Row-major: one row of `size` numbers per token id. */
  readonly table: ArrayLike<number>;
  /** Canonical letters. */
  readonly size: number;
}

/**
 * Tokens as rows of a fixed table: int32 tokens[…] → [… , size]. A letter is 1 at its own place; an ambiguity letter spreads evenly
 * over the letters it stands for; padding is all zero.
 * @example oneHotInput(tokens, { table: dna.table(), size: 4 }) // 'RA' → [[½, 0, ½, 0], [1, 0, 0, 0]]
 */
export function oneHotInput(tokens: Value, { table, size }: OneHotTable): Value {
  if (table.length % size !== 0)
    throw usageError(`oneHotInput: expected rows of ${size} numbers, received ${table.length} numbers.`);
  return gather(constant(table, [table.length / size, size]), tokens);
}

export interface KmerOptions {
  k: number;
  /** Canonical letters: ids below it are letters, all others are unknown. */
  letters: number;
}

/** How many ids `kmers` gives: every k-mer of letters, then one for k-mers that hold anything else. */
export const kmerCount = ({ k, letters }: KmerOptions): number => letters ** k + 1;

/**
 * Overlapping k-mers as ids, the first letter the most significant: int32 tokens[batch, time] → ids[batch, time] and lengths max(length
 * − k + 1, 0). A k-mer with an ambiguity letter, a gap or padding has the last id, `letters`ᵏ.
 * @example kmers of 'ACGTN' with k = 2 // AC 1, CG 6, GT 11, TN 16
 */
export function kmers(
  tokens: Value,
  lengths: Value,
  { k, letters }: KmerOptions,
): { ids: Value; lengths: Value } {
  if (!Number.isInteger(k) || k < 1 || letters ** k >= 2 ** 24)
    throw usageError(`kmers: expected k ≥ 1 with ${letters}^k below 2^24, received ${k}.`);
  const [batch, time] = tokens.shape as [Dim, Dim];
  // Letters after the end are unknown, so that ids stand for every place and time may be shorter than k.
  const filled = k === 1 ? tokens : concat([tokens, full([batch, k - 1], letters, 'int32')], 1);
  const places = Array.from({ length: k }, (_, i) => slice(filled, 1, i, dimAdd(time, i)));
  const known = places.map((t) => less(t, letters)).reduce(and);
  const id = places.reduce((sum, t) => add(mul(sum, letters), t));
  return { ids: where(known, id, letters ** k), lengths: maximum(sub(lengths, k - 1), 0) };
}
