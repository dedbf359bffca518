import { type Dim, dimSub } from '../../graph/dims.ts';
import { add, constant, gather, matmul, mul, pad, reshape } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { CustomNetwork } from '../../models/custom-network.ts';
import { zeros } from '../../nn/initializers.ts';
import { kmerCount, kmers, oneHotInput } from '../../nn/input.ts';
import { module, parameter } from '../../nn/module.ts';
import { meanOverTime } from '../../nn/pooling.ts';

/** 1 for features that may have a weight, 0 for those that may not. */
export type FeatureMask = Float32Array;

/** The weights of both linear networks, which penalties act on; the bias is free. */
export const weightPath = 'weight';

/** A linear model of aligned sequences, all of them of `length` letters: a weight for each letter at each of `length` positions, [length · letters, outputs]. */
export const positionNetwork =
  (length: number, mask?: FeatureMask): CustomNetwork =>
  ({ alphabet, outputs }) =>
    module({
      params: {
        weight: parameter([length * alphabet.size, outputs], { initial: zeros }),
        bias: parameter([outputs]),
      },
      apply: (own, { tokens }) => {
        const [batch, time] = tokens.shape as [Dim, Dim];
        const letters = oneHotInput(tokens, alphabet);
        const fixed = pad(letters, 1, 0, dimSub(length, time));
        return add(
          matmul(reshape(fixed, [batch, length * alphabet.size]), masked(own.weight, mask)),
          own.bias,
        );
      },
    });

/**
 * A linear model of sequences of any length: a weight for each k-mer, [k-mers + 1, outputs], times its share of the sequence; the last row is
 * that of k-mers with unknown letters. Shares are small, so they count `scale` times.
 */
export const wordNetwork =
  (k: number, scale: number, mask?: FeatureMask): CustomNetwork =>
  ({ alphabet, outputs }) => {
    const options = { k, letters: alphabet.size };
    return module({
      params: {
        weight: parameter([kmerCount(options), outputs], { initial: zeros }),
        bias: parameter([outputs]),
      },
      apply: (own, { tokens, lengths }) => {
        const words = kmers(tokens, lengths, options);
        return add(
          mul(meanOverTime(gather(masked(own.weight, mask), words.ids), words.lengths), scale),
          own.bias,
        );
      },
    });
  };

const masked = (weight: Value, mask: FeatureMask | undefined): Value =>
  mask ? mul(weight, constant(mask, [mask.length, 1])) : weight;
