import { usageError } from '../../core/errors.ts';
import { add, mul, slice, sub, sumOf } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { normal } from '../initializers.ts';
import { linear } from '../linear.ts';
import { module, parameter } from '../module.ts';
import { layerNorm } from '../normalization.ts';

/**
 * One vector out of several kinds of features, such as those of a sequence, of a table's columns and of an image, any of which may be missing:
 * each is normalised and brought to one width, one that is missing is replaced by a learned vector, and the mean is what comes out.
 * parts[m] [batch, widths[m]] → [batch, size]. `present` [batch, parts], 1 or 0; all are there by default. What a missing part holds does not matter.
 * @example fusion({ widths: [128, 5], size: 64 }) // a network's features beside five columns of a table
 */
export const fusion = ({ widths, size }: { widths: readonly number[]; size: number }) =>
  module({
    params: {
      norms: widths.map((width) => layerNorm({ size: width })),
      layers: widths.map((width) => linear({ in: width, out: size })),
      missing: parameter([widths.length, size], { initial: normal(0.02), decay: false }),
    },
    apply: (own, parts: readonly Value[], { present }: { present?: Value | undefined } = {}): Value => {
      if (parts.length !== widths.length)
        throw usageError(`fusion: expected ${widths.length} parts, received ${parts.length}.`);
      const brought = parts.map((part, m) => {
        const there = own.layers[m]!(own.norms[m]!(part));
        if (!present) return there;
        const share = slice(present, 1, m, m + 1);
        return add(mul(there, share), mul(slice(own.missing, 0, m, m + 1), sub(1, share)));
      });
      return mul(sumOf(brought), 1 / widths.length);
    },
  });
