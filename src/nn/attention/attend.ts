import { usageError } from '../../core/errors.ts';
import type { Dim } from '../../graph/dims.ts';
import { reshape, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';

/** What attention compares and mixes, head by head: query[batch, heads, queries, width], key[…, keys, width], value[…, keys, any]. */
export interface Heads {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
}

export interface AttendCall {
  /** How many keys of each sequence are real, int32 [batch]; without it all of them. */
  lengths?: Value | undefined;
  /** A query sees keys up to its own place. */
  causal?: boolean;
  /** The place of the first query among the keys, an int32 scalar: for queries that continue an earlier piece. */
  offset?: Value | undefined;
  /** Which query may see which key: bool, broadcast to [batch, heads, queries, keys]. */
  allowed?: Value | undefined;
  /** ALiBi: one slope a head; a key at distance d scores slope · d less. */
  slopes?: readonly number[] | undefined;
  /** Applied to the weights before they mix the values (dropout). */
  drop?: (weights: Value) => Value;
}

export interface Attended {
  /** [batch, heads, queries, width of the values] */
  readonly output: Value;
  /** Where each head looked; absent where the method never forms the weights. Its shape is the method's. */
  readonly weights?: Value | undefined;
}

/** Keys and values of the places read so far, [batch, heads, places, width]: what a decoder keeps from token to token. */
export interface AttentionCache {
  readonly key: Value;
  readonly value: Value;
}

/** A way of attending. All of them take and give the same shapes, so that a model may exchange one for another. */
export type Attend = (heads: Heads, call?: AttendCall) => Attended;

/** Added to a score, it leaves a weight of exactly 0; unlike −∞ it never makes a NaN. */
export const hiddenScore = -1e30;

/** [batch, time, heads · width] → [batch, heads, time, width]. */
export function splitHeads(x: Value, heads: number): Value {
  const [batch, time, size] = x.shape as [Dim, Dim, number];
  return transpose(reshape(x, [batch, time, heads, size / heads]), [0, 2, 1, 3]);
}

/** [batch, heads, time, width] → [batch, time, heads · width]. */
export function joinHeads(x: Value): Value {
  const [batch, heads, time, width] = x.shape as [Dim, number, Dim, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, time, heads * width]);
}

/** Refuses what a method of attending cannot do, by name. */
export function refuse(method: string, call: AttendCall, unsupported: readonly (keyof AttendCall)[]): void {
  for (const option of unsupported)
    if (call[option])
      throw usageError(
        `${method}: "${option}" is not possible here; use fullAttention, or leave the option out.`,
      );
}
