import type { Dim } from '../../graph/dims.ts';
import { add, expandDims, matmul, reshape, tanh } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { glorotUniform } from '../initializers.ts';
import { module, parameter } from '../module.ts';
import { attendByScores } from './scores.ts';

export interface AdditiveAttentionOptions {
  /** Width of the queries, such as a decoder's state. */
  query: number;
  /** Width of what is looked at, such as an encoder's output. */
  memory: number;
  /** Width of the scoring layer. */
  hidden?: number;
}

/**
 * Additive attention (Bahdanau, Cho and Bengio 2015): score = tanh(query · weight + memory · memoryWeight + bias) · vector, softmax over the
 * real places of the memory, output = Σ weights · memory. query[batch, queries, q], memory[batch, keys, m], lengths of the memory int32
 * [batch] → output [batch, queries, m], weights [batch, queries, keys]. An empty memory gives 0.
 * In the body of a scan (one query a step) the memory's projection is computed once, before the loop.
 */
export const additiveAttention = ({ query: q, memory: m, hidden = m }: AdditiveAttentionOptions) =>
  module({
    params: {
      weight: parameter([q, hidden], { initial: glorotUniform }),
      memoryWeight: parameter([m, hidden], { initial: glorotUniform }),
      bias: parameter([hidden]),
      vector: parameter([hidden, 1], { initial: glorotUniform }),
    },
    apply: (own, query: Value, memory: Value, { lengths }: { lengths?: Value | undefined } = {}) => {
      const [batch, queries] = query.shape as [Dim, Dim];
      const keys = memory.shape[1]!;
      const asked = expandDims(add(matmul(query, own.weight), own.bias), 2);
      const held = expandDims(matmul(memory, own.memoryWeight), 1);
      const scores = reshape(matmul(tanh(add(asked, held)), own.vector), [batch, queries, keys]);
      return attendByScores(scores, memory, lengths);
    },
  });
