import { transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { gelu } from '../activations.ts';
import { conv1d, convLengths } from '../conv1d.ts';
import { zeroPadding } from '../mask.ts';
import { module } from '../module.ts';
import { maxPool1d } from '../pool1d.ts';

export interface StemOptions {
  /** Channels of the input, such as 4 for one-hot DNA. */
  in: number;
  /** Width of the transformer that follows. */
  size: number;
  /** Places that each of the convolutions sees; one convolution a number. */
  kernels?: readonly number[];
  /** How many neighbours become one place after each convolution. */
  pool?: number;
}

/**
 * Convolutions that shorten a long sequence before a transformer looks at it: convolution, GELU and pooling of neighbours by
 * their maximum, once for each kernel. x[batch, time, in] and lengths → x[batch, time′, size] and lengths′, time′ = ⌈time / pool⌉ each time.
 * @example convolutionalStem({ in: 4, size: 64, kernels: [15, 5], pool: 4 }) // 1,000 bases → 63 places
 */
export const convolutionalStem = ({ in: channels, size, kernels = [15], pool = 2 }: StemOptions) =>
  module({
    params: {
      scans: kernels.map((kernel, i) => conv1d({ in: i === 0 ? channels : size, out: size, kernel })),
    },
    apply: (own, x: Value, lengths: Value): { x: Value; lengths: Value } => {
      let y = transpose(x, [0, 2, 1]);
      let ends = lengths;
      own.scans.forEach((scan, i) => {
        const seen = gelu(scan(zeroPadding(y, ends, 2)));
        ends = convLengths(ends, { kernel: kernels[i]! });
        const pooled = maxPool1d(seen, ends, { window: pool });
        [y, ends] = [pooled.x, pooled.lengths];
      });
      return { x: transpose(y, [0, 2, 1]), lengths: ends };
    },
  });
