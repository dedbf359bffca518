import { add, gather, matmul, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { gelu } from '../../nn/activations.ts';
import { conv1d } from '../../nn/conv1d.ts';
import { dropout as dropLayer } from '../../nn/dropout.ts';
import { normal } from '../../nn/initializers.ts';
import { linear } from '../../nn/linear.ts';
import { zeroPadding } from '../../nn/mask.ts';
import { module, parameter } from '../../nn/module.ts';
import { layerNorm } from '../../nn/normalization.ts';
import { probability, whole } from '../architectures/options.ts';
import type { MaskedDefinition } from './architecture.ts';

const options = {
  size: whole(64, 'Width of the vector of each place.'),
  layers: whole(4, 'Blocks; each sees twice as far as the one before, up to reach.', { max: 64 }),
  kernel: whole(9, 'Places that a convolution sees.', { min: 2, max: 1001 }),
  reach: whole(8, 'The widest dilation.', { max: 1024 }),
  dropout: probability(0.1, 'Dropout on what each block adds.'),
  context: whole(512, 'Tokens that it reads at once; longer sequences are read in windows.', {
    max: 2 ** 20,
  }),
};

/** Residual blocks of dilated convolutions over tokens, in the manner of GPN (Benegas et al. 2023): time grows linearly with length. */
export const convolutionMasked: MaskedDefinition<typeof options> = {
  name: 'cnn',
  summary: 'Dilated convolutions in residual blocks (as GPN): sees a window around each place.',
  options,
  make: ({ size, layers, kernel, reach, dropout }, reads) =>
    module({
      params: {
        table: parameter([reads, size], { initial: normal(0.02), decay: false }),
        blocks: Array.from({ length: layers }, (_, l) => ({
          norm: layerNorm({ size }),
          scan: conv1d({ in: size, out: size, kernel, dilation: Math.min(reach, 2 ** l) }),
          mix: linear({ in: size, out: size }),
        })),
        drop: dropLayer({ rate: dropout }),
        norm: layerNorm({ size }),
        head: { inner: linear({ in: size, out: size }), norm: layerNorm({ size }) },
        bias: parameter([reads]),
      },
      apply: (own, tokens: Value, lengths: Value) => {
        let x = gather(own.table, tokens);
        for (const block of own.blocks) {
          const channels = transpose(zeroPadding(block.norm(x), lengths, 1), [0, 2, 1]);
          const seen = gelu(transpose(block.scan(channels), [0, 2, 1]));
          x = add(x, own.drop(block.mix(seen)));
        }
        const hidden = zeroPadding(own.norm(x), lengths, 1);
        const scores = own.head.norm(gelu(own.head.inner(hidden)));
        return {
          logits: add(matmul(scores, own.table, { transB: true }), own.bias),
          hidden,
          attention: [],
        };
      },
    }),
};
