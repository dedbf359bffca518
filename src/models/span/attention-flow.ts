import type { Dim } from '../../graph/dims.ts';
import {
  add,
  concat,
  expandDims,
  matmul,
  max,
  mul,
  reshape,
  softmax,
  transpose,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { hiddenScore } from '../../nn/attention/attend.ts';
import { glorotUniform } from '../../nn/initializers.ts';
import { mask } from '../../nn/mask.ts';
import { module, parameter } from '../../nn/module.ts';

/** A passage and a question as vectors of one width, and how long each is. */
export interface Read {
  /** [batch, time, size] */
  readonly passage: Value;
  /** int32 [batch] */
  readonly lengths: Value;
  /** [batch, asked, size] */
  readonly question: Value;
  readonly questionLengths: Value;
}

/**
 * Attention in both directions (Seo et al. 2017): passage h[batch, time, size] and question u[batch, asked, size] meet in
 * S = w · [h; u; h ∘ u]. Every place of the passage takes up the question as it matters there, ũ = softmax over the question of S · u, and
 * all take up the part of the passage that the question speaks of, h̃ = softmax over the passage of max S · h.
 * → [h; ũ; h ∘ ũ; h ∘ h̃], [batch, time, 4 · size]. Padding on either side never counts.
 */
export const attentionFlow = ({ size }: { size: number }) =>
  module({
    params: {
      passage: parameter([size, 1], { initial: glorotUniform }),
      question: parameter([size, 1], { initial: glorotUniform }),
      both: parameter([size], { decay: true }),
    },
    apply: (own, { passage: h, lengths, question: u, questionLengths }: Read): Value => {
      const [batch, time, asked] = [h.shape[0]!, h.shape[1]!, u.shape[1]!] as [Dim, Dim, Dim];
      const together = matmul(mul(h, own.both), u, { transB: true });
      const apart = add(matmul(h, own.passage), transpose(matmul(u, own.question), [0, 2, 1]));
      const realQuestion = reshape(mask(questionLengths, asked), [batch, 1, asked]);
      const scores = where(realQuestion, add(together, apart), hiddenScore);
      const asks = matmul(softmax(scores), u);
      const foremost = where(mask(lengths, time), max(scores, 2), hiddenScore);
      const spoken = matmul(expandDims(softmax(foremost), 1), h);
      return concat([h, asks, mul(h, asks), mul(h, spoken)], 2);
    },
  });
