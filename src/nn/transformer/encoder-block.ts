import { add } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { AttentionCache } from '../attention/attend.ts';
import { type MultiHeadCall, type MultiHeadOptions, multiHeadAttention } from '../attention/multi-head.ts';
import { dropout as dropLayer } from '../dropout.ts';
import { module } from '../module.ts';
import { layerNorm } from '../normalization.ts';
import { type FeedForwardOptions, feedForward } from './feed-forward.ts';

export interface BlockOptions
  extends Pick<MultiHeadOptions, 'size' | 'heads' | 'attend' | 'causal' | 'positions' | 'rotary'>,
    Pick<FeedForwardOptions, 'hidden' | 'activation'> {
  /** On attention weights, inside the feed-forward network and on what each of the two adds. */
  dropout?: number;
  /** On attention weights alone, where that is to differ; ways of attending that form no weights need 0. */
  attentionDropout?: number | undefined;
}

export type EncoderCall = Pick<MultiHeadCall, 'lengths' | 'allowed' | 'positions' | 'past'>;

export interface BlockResult {
  /** [batch, time, size] */
  readonly output: Value;
  /** Of each head, where the way of attending forms weights. */
  readonly weights?: Value | undefined;
  /** Keys and values, to be given as `past` with what follows. */
  readonly cache: AttentionCache;
}

/**
 * A transformer block that normalises before each part rather than after, which trains without a warm-up (Xiong et al. 2020):
 * x + attention(norm(x)), then x + feedForward(norm(x)). x[batch, time, size] → the same shape.
 * @example encoderBlock({ size: 64, heads: 4, positions: 'rotary', activation: 'swiglu' })
 */
export const encoderBlock = ({
  size,
  hidden,
  activation = 'gelu',
  dropout = 0,
  attentionDropout = dropout,
  ...options
}: BlockOptions) =>
  module({
    params: {
      attentionNorm: layerNorm({ size }),
      attention: multiHeadAttention({ size, dropout: attentionDropout, ...options }),
      feedNorm: layerNorm({ size }),
      feed: feedForward({ size, hidden, activation, dropout }),
      attentionDrop: dropLayer({ rate: dropout }),
      feedDrop: dropLayer({ rate: dropout }),
    },
    apply: (own, x: Value, call: EncoderCall = {}): BlockResult => {
      const { output, weights, cache } = own.attention(own.attentionNorm(x), call);
      const attended = add(x, own.attentionDrop(output));
      return { output: add(attended, own.feedDrop(own.feed(own.feedNorm(attended)))), weights, cache };
    },
  });
