import { usageError } from '../../core/errors.ts';
import {
  add,
  concat,
  constant,
  div,
  full,
  matmul,
  mul,
  scan,
  slice,
  transpose,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { elu } from '../activations.ts';
import { type Attend, refuse } from './attend.ts';
import { inBlocks } from './blocks.ts';
import { clean, fromBlocks } from './local-attention.ts';

// Keeps a query that sees no key at 0 instead of 0 / 0.
const tiny = 1e-6;

/**
 * Linear attention (Katharopoulos et al. 2020): φ(query) · Σ φ(key)ᵀ value / φ(query) · Σ φ(key), with φ(x) = elu(x) + 1. The sums are over
 * all keys, or where causal over those so far, by chunks: within a chunk pair by pair, before it by running
 * totals. Time and memory grow linearly with length; no weights exist to be read out.
 */
export function linearAttention({ chunk = 64 } = {}): Attend {
  if (!Number.isInteger(chunk) || chunk < 1)
    throw usageError(`linearAttention: expected a chunk of 1 or more places, received ${chunk}.`);
  return ({ query, key, value }, call = {}) => {
    refuse('linearAttention', call, ['allowed', 'offset', 'slopes', 'drop']);
    const { lengths, causal = false } = call;
    const q = feature(query);
    const k = clean(feature(key), lengths);
    const width = value.shape[3] as number;
    // A column of ones beside the values makes the denominator part of the same products.
    const valued = concat([value, full([...value.shape.slice(0, 3), 1], 1)], 3);
    const both = causal ? causalSums(q, k, valued, chunk) : matmul(q, matmul(k, valued, { transA: true }));
    return { output: div(slice(both, 3, 0, width), add(slice(both, 3, width), tiny)) };
  };
}

const feature = (x: Value): Value => add(elu(x), 1);

/** Σ over s ≤ t of (q_t · k_s) v_s, for q, k[batch, heads, time, width] and v[batch, heads, time, any]. */
function causalSums(q: Value, k: Value, v: Value, chunk: number): Value {
  const [queries, keys, values] = [q, k, v].map((x) => inBlocks(x, chunk)) as [Value, Value, Value];
  const before = constant(
    Array.from({ length: chunk * chunk }, (_, i) => Number(i % chunk <= Math.floor(i / chunk))),
    [chunk, chunk],
  );
  const own = matmul(mul(matmul(queries, keys, { transB: true }), before), values);
  const totals = transpose(matmul(keys, values, { transA: true }), [2, 0, 1, 3, 4]);
  const start = full(totals.shape.slice(1), 0);
  const { outputs } = scan({ carry: [start], inputs: [totals] }, ([sum], [total]) => ({
    carry: [add(sum!, total!)],
    outputs: [sum!],
  }));
  const earlier = matmul(queries, transpose(outputs[0]!, [1, 2, 0, 3, 4]));
  return fromBlocks(add(own, earlier), q.shape[2]!);
}
