import { type Dim, dimMul } from '../../graph/dims.ts';
import { add, cast, matmul, mul, reshape, size, slice, softmax } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { mask } from '../mask.ts';
import { type Attend, refuse } from './attend.ts';
import { band, bandBias, besideBlocks, inBlocks } from './blocks.ts';
import { scaledScores } from './full-attention.ts';

export interface LocalAttentionOptions {
  /** How many places a query sees on each side of its own (on the left alone where causal). */
  window: number;
  /** Queries that are taken together; at least `window`. */
  block?: number;
}

/**
 * Sliding-window attention: a query sees the keys at most `window` places away. Computed block by block (a block sees itself and its
 * neighbours), so that time and memory grow linearly with length (Beltagy et al. 2020). Equal to `fullAttention` with a band as `allowed`.
 * weights[batch, heads, blocks, block, span]: of query c of block n, on key (n − 1) · block + m.
 * @example localAttention({ window: 64 })
 */
export function localAttention({ window, block }: LocalAttentionOptions): Attend {
  band('localAttention', { window, ...(block !== undefined && { block }) });
  return ({ query, key, value }, call = {}) => {
    refuse('localAttention', call, ['allowed', 'offset']);
    const { lengths, causal = false, slopes, drop } = call;
    const shape = band('localAttention', { window, causal, ...(block !== undefined && { block }) });
    const queries = inBlocks(query, shape.block);
    const end = lengths ?? size(key.shape[2]!, 'int32');
    const bias = bandBias(shape, { blocks: queries.shape[2]!, end, slopes });
    const weights = softmax(add(scaledScores(queries, besideBlocks(key, shape)), bias));
    const mixed = matmul(drop ? drop(weights) : weights, besideBlocks(value, shape));
    return { output: clean(fromBlocks(mixed, query.shape[2]!), lengths), weights };
  };
}

/** x[batch, heads, time, width] with 0 in the padding: a query there may have seen no real key at all. */
export function clean(x: Value, lengths: Value | undefined): Value {
  if (!lengths) return x;
  const [batch, , time] = x.shape as [Dim, Dim, Dim];
  return mul(x, cast(reshape(mask(lengths, time), [batch, 1, time, 1]), 'float32'));
}

/** [batch, heads, blocks, block, width] → [batch, heads, time, width]. */
export function fromBlocks(x: Value, time: Dim): Value {
  const [batch, heads, blocks, block, width] = x.shape as [Dim, Dim, Dim, Dim, Dim];
  return slice(reshape(x, [batch, heads, dimMul(blocks, block), width]), 2, 0, time);
}
