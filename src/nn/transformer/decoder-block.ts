import { usageError } from '../../core/errors.ts';
import { add } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { multiHeadAttention } from '../attention/multi-head.ts';
import { dropout as dropLayer } from '../dropout.ts';
import { module } from '../module.ts';
import { layerNorm } from '../normalization.ts';
import type { BlockOptions, BlockResult, EncoderCall } from './encoder-block.ts';
import { feedForward } from './feed-forward.ts';

export interface DecoderBlockOptions extends Omit<BlockOptions, 'causal'> {
  /** Width of what is translated from; without it the block looks at its own sequence only. */
  memory?: number | undefined;
}

export interface DecoderCall extends EncoderCall {
  /** What is translated from, [batch, keys, memory]. */
  memory?: Value | undefined;
  /** How much of it is real, int32 [batch]. */
  memoryLengths?: Value | undefined;
}

export interface DecoderBlockResult extends BlockResult {
  /** Where each head looked in the memory, [batch, heads, time, keys]. */
  readonly memoryWeights?: Value | undefined;
}

/**
 * A block that sees no later place: causal attention to its own sequence, then (where `memory` has a width) attention to another one,
 * then the feed-forward network, each after a normalisation and added to what came in. x[batch, time, size] → the same shape.
 */
export const decoderBlock = ({
  size,
  hidden,
  activation = 'gelu',
  dropout = 0,
  memory: memorySize,
  ...options
}: DecoderBlockOptions) =>
  module({
    params: {
      attentionNorm: layerNorm({ size }),
      attention: multiHeadAttention({ size, dropout, ...options, causal: true }),
      crossNorm: memorySize ? layerNorm({ size }) : undefined,
      cross: memorySize
        ? multiHeadAttention({ size, dropout, heads: options.heads, memory: memorySize })
        : undefined,
      feedNorm: layerNorm({ size }),
      feed: feedForward({ size, hidden, activation, dropout }),
      attentionDrop: dropLayer({ rate: dropout }),
      crossDrop: dropLayer({ rate: dropout }),
      feedDrop: dropLayer({ rate: dropout }),
    },
    apply: (own, x: Value, call: DecoderCall = {}): DecoderBlockResult => {
      const { memory, memoryLengths, ...self } = call;
      if (Boolean(memory) !== Boolean(own.cross))
        throw usageError(
          `decoderBlock: ${memory ? 'a memory was given to a block that was made without one' : 'expected the memory that the block was made for'}; see the option "memory".`,
        );
      const { output, weights, cache } = own.attention(own.attentionNorm(x), self);
      let y = add(x, own.attentionDrop(output));
      let memoryWeights: Value | undefined;
      if (own.cross && own.crossNorm) {
        const looked = own.cross(own.crossNorm(y), { memory, lengths: memoryLengths });
        y = add(y, own.crossDrop(looked.output));
        memoryWeights = looked.weights;
      }
      return { output: add(y, own.feedDrop(own.feed(own.feedNorm(y)))), weights, memoryWeights, cache };
    },
  });
