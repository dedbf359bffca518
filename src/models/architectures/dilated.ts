import { add, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type ActivationName, activation, activations } from '../../nn/activations.ts';
import { conv1d } from '../../nn/conv1d.ts';
import { zeroPadding } from '../../nn/mask.ts';
import { module } from '../../nn/module.ts';
import { batchNorm } from '../../nn/normalization.ts';
import { dataOptions, inputOptions, poolSummary, pools, readoutOptions } from './common-options.ts';
import { type ConfigOf, choice, whole } from './options.ts';
import { pooledWidth, timePool } from './readout.ts';
import { architecture, type Body } from './sequence-model.ts';

const options = {
  ...dataOptions,
  ...inputOptions,
  size: whole(64, 'Channels throughout.'),
  stem: whole(11, 'Width of the first convolution, in positions.'),
  kernel: whole(3, 'Width of the dilated convolutions, in positions.'),
  layers: whole(5, 'Residual blocks; block i looks 2^i positions apart, so five see 125 positions.', {
    max: 20,
  }),
  normalization: choice('none', ['none', 'batch'], 'Normalisation before each convolution of a block.'),
  activation: choice(
    'relu',
    Object.keys(activations) as ActivationName[],
    'What precedes each convolution of a block and follows each dense layer.',
  ),
  pool: choice('max+mean', pools, poolSummary),
  ...readoutOptions([]),
};

/** A convolution, then residual blocks activation–convolution–activation–convolution whose dilation doubles from one to the next. */
function dilatedBody(inputs: number, config: ConfigOf<typeof options>): Body {
  const { size, stem, kernel, layers, normalization, pool, length } = config;
  const pooling = { pool, channels: size, length, timeAxis: 2 } as const;
  const active = activation(config.activation);
  const norm = () => (normalization === 'batch' ? batchNorm({ channels: size }) : undefined);
  return {
    width: pooledWidth(pooling),
    layers: module({
      params: {
        stem: conv1d({ in: inputs, out: size, kernel: stem }),
        blocks: Array.from({ length: layers }, (_, i) => ({
          firstNorm: norm(),
          first: conv1d({ in: size, out: size, kernel, dilation: 2 ** i }),
          secondNorm: norm(),
          second: conv1d({ in: size, out: size, kernel }),
        })),
        pool: timePool(pooling),
      },
      apply: (own, x: Value, lengths: Value) => {
        const clean = (y: Value) => zeroPadding(y, lengths, 2);
        const first = own.stem(transpose(x, [0, 2, 1]));
        const last = own.blocks.reduce((before, block) => {
          const inner = block.first(clean(active(block.firstNorm?.(before, lengths) ?? before)));
          return add(before, block.second(clean(active(block.secondNorm?.(inner, lengths) ?? inner))));
        }, first);
        return own.pool(last, lengths);
      },
    }),
  };
}

/** Residual dilated convolutions, as Basset's successors and SpliceAI use them (Jaganathan et al. 2019; Yu and Koltun 2016). */
export const dilatedCnn = architecture(
  'dilated-cnn',
  'Residual convolutions that look ever further apart: wide context at the price of a convolution.',
  options,
  dilatedBody,
);
