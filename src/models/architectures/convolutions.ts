import { usageError } from '../../core/errors.ts';
import { sub } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { activation } from '../../nn/activations.ts';
import { conv1d, paddingSides } from '../../nn/conv1d.ts';
import { zeroPadding } from '../../nn/mask.ts';
import { module } from '../../nn/module.ts';
import { batchNorm } from '../../nn/normalization.ts';
import { maxPool1d, type Pooled } from '../../nn/pool1d.ts';
import type { convolutionOptions } from './common-options.ts';
import type { ConfigOf } from './options.ts';

export type ConvolutionConfig = ConfigOf<ReturnType<typeof convolutionOptions>>;

/** Which ends of x are ends of the sequence. At another one x goes on, and only what x alone decides is computed. */
export interface Ends {
  readonly begins: boolean;
  readonly ends: boolean;
}
const wholeSequence: Ends = { begins: true, ends: true };

/**
 * Convolution, normalisation, activation and max pooling, as often as the lists say: x[batch, in, time] → [batch, filters, time′]. Padding is
 * zeroed before each convolution, so that a sequence gives the same numbers in a longer batch.
 */
export function convolutions(inputs: number, config: ConvolutionConfig) {
  const { filters, kernels, pools } = config;
  if (kernels.length !== filters.length || pools.length !== filters.length)
    throw usageError(
      `expected filters, kernels and pools to be lists of one length, received ${filters.length}, ${kernels.length} and ${pools.length} entries.`,
    );
  return module({
    params: {
      blocks: filters.map((out, i) => ({
        convolution: conv1d({ in: filters[i - 1] ?? inputs, out, kernel: kernels[i]! }),
        norm: config.normalization === 'batch' ? batchNorm({ channels: out }) : undefined,
      })),
    },
    apply: ({ blocks }, x: Value, lengths: Value, { begins, ends }: Ends = wholeSequence): Pooled =>
      blocks.reduce<Pooled>(
        (before, { convolution, norm }, i) => {
          // The input and what max pooling returns are zero in padding already.
          const clean = i === 0 || pools[i - 1]! > 1;
          const [left, right] = paddingSides({ kernel: kernels[i]! });
          const zeros = [begins ? left : 0, ends ? right : 0] as const;
          const y = convolution(clean ? before.x : zeroPadding(before.x, before.lengths, 2), zeros);
          const lost = left + right - zeros[0] - zeros[1];
          const after = lost === 0 ? before.lengths : sub(before.lengths, lost);
          const active = activation(config.activation)(norm ? norm(y, after) : y);
          return maxPool1d(active, after, { window: pools[i]! });
        },
        { x, lengths },
      ),
  });
}

/** How many positions are left of `length`. */
export const pooledLength = (length: number, { pools }: Pick<ConvolutionConfig, 'pools'>): number =>
  pools.reduce((time, window) => Math.ceil(time / window), length);
