import type { Dim } from '../../graph/dims.ts';
import { add, cast, greater, iota, matmul, mul, reshape, softmax } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { Attend, AttendCall, Attended, Heads } from './attend.ts';
import { scoreBias } from './score-bias.ts';

/**
 * Scaled dot-product attention (Vaswani et al. 2017): weights = softmax(query · keyᵀ / √width) over the keys that a query may see,
 * output = weights · value. A query that sees no key at all gets 0. weights[batch, heads, queries, keys].
 * @example fullAttention()({ query, key, value }, { lengths, causal: true }).output
 */
export const fullAttention =
  (): Attend =>
  (heads, call = {}) => {
    const { query, key } = heads;
    const first = iota(query.shape[2]!);
    const positions = call.offset ? add(first, call.offset) : first;
    return attendTo(heads, call, scoreBias(call, { positions, keys: key.shape[2]! }));
  };

/** Softmax attention with a given bias on the scores; what hides all keys of a query makes its output 0. */
export function attendTo(
  { query, key, value }: Heads,
  { lengths, allowed, drop }: Pick<AttendCall, 'lengths' | 'allowed' | 'drop'>,
  bias: Value | undefined,
): Attended {
  const scores = scaledScores(query, key);
  let weights = softmax(bias ? add(scores, bias) : scores);
  if (allowed) weights = mul(weights, cast(allowed, 'float32'));
  const mixed = matmul(drop ? drop(weights) : weights, value);
  if (!lengths) return { output: mixed, weights };
  const some = anyKey(lengths);
  return { output: mul(mixed, some), weights: mul(weights, some) };
}

/** query · keyᵀ / √width; the queries are scaled rather than the scores, which are more. */
export const scaledScores = (query: Value, key: Value): Value =>
  matmul(mul(query, 1 / Math.sqrt(query.shape[query.shape.length - 1] as number)), key, { transB: true });

/** 1 where a sequence has a key at all, else 0: [batch, 1, 1, 1]. */
const anyKey = (lengths: Value): Value =>
  cast(greater(reshape(lengths, [lengths.shape[0] as Dim, 1, 1, 1]), 0), 'float32');
