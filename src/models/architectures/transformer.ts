import { usageError } from '../../core/errors.ts';
import { add, iota, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { Attend } from '../../nn/attention/attend.ts';
import { fullAttention } from '../../nn/attention/full-attention.ts';
import { globalAttention } from '../../nn/attention/global-attention.ts';
import { leanAttention } from '../../nn/attention/lean-attention.ts';
import { linearAttention } from '../../nn/attention/linear-attention.ts';
import { localAttention } from '../../nn/attention/local-attention.ts';
import { linear } from '../../nn/linear.ts';
import { module } from '../../nn/module.ts';
import { sinusoidalPositions } from '../../nn/positions/sinusoidal.ts';
import { encoder } from '../../nn/transformer/stacks.ts';
import {
  convolutionOptions,
  dataOptions,
  inputOptions,
  type PoolName,
  poolSummary,
  pools,
  readoutOptions,
} from './common-options.ts';
import { type ConvolutionConfig, convolutions, pooledLength } from './convolutions.ts';
import { type ConfigOf, choice, probability, whole } from './options.ts';
import { pooledWidth, timePool } from './readout.ts';
import { architecture, type Body } from './sequence-model.ts';

const transformerOptions = (size: number) => ({
  size: whole(size, 'Width of the transformer; heads must divide it evenly.'),
  heads: whole(4, 'Attention heads of each block.', { max: 256 }),
  layers: whole(2, 'Transformer blocks.', { max: 64 }),
  feed: whole(4, 'Width of the feed-forward networks, in multiples of size.', { max: 64 }),
  positions: choice(
    'rotary',
    ['rotary', 'alibi', 'sinusoidal', 'none'],
    'How the blocks know where a place lies.',
  ),
  attention: choice(
    'full',
    ['full', 'lean', 'local', 'global', 'linear'],
    'full: every place sees all; lean: the same with less memory; local: places within window; global: those, and the first places see and are seen by all; linear: all through a kernel; the last three grow linearly with length.',
  ),
  window: whole(64, 'Places seen on each side (local, global).'),
  globals: whole(4, 'Places at the start that see all and are seen by all (global).'),
  blockDropout: probability(0.1, 'Dropout within the blocks.'),
});
type TransformerConfig = ConfigOf<ReturnType<typeof transformerOptions>>;

const ways: Record<TransformerConfig['attention'], (config: TransformerConfig) => Attend> = {
  full: () => fullAttention(),
  lean: () => leanAttention(),
  local: ({ window }) => localAttention({ window }),
  global: ({ window, globals }) => globalAttention({ window, globals }),
  linear: () => linearAttention(),
};

/** Transformer blocks, after convolutions if there are any, then a pool over positions. */
function transformerBody(
  inputs: number,
  config: TransformerConfig & { pool: PoolName; length: number | null } & Partial<ConvolutionConfig>,
): Body {
  const { size, heads, layers, feed, positions, attention, blockDropout } = config;
  if (attention === 'linear' && positions === 'alibi')
    throw usageError(
      'attention: linear forms no scores that alibi could lower with distance; set positions to rotary, sinusoidal or none.',
    );
  const front = config.filters ? (config as ConvolutionConfig) : undefined;
  const length = front && config.length !== null ? pooledLength(config.length, front) : config.length;
  const width = front ? front.filters[front.filters.length - 1]! : inputs;
  const pooling = { pool: config.pool, channels: size, length, timeAxis: 0 } as const;
  return {
    width: pooledWidth(pooling),
    layers: module({
      params: {
        convolutions: front && convolutions(inputs, front),
        widen: linear({ in: width, out: size }),
        encoder: encoder({
          ...{ layers, size, heads, hidden: feed * size, dropout: blockDropout },
          // The others form no weights that could be dropped.
          ...(attention === 'full' || attention === 'local' ? {} : { attentionDropout: 0 }),
          attend: ways[attention](config),
          positions: positions === 'sinusoidal' ? 'none' : positions,
        }),
        pool: timePool(pooling),
      },
      apply: (own, x: Value, given: Value) => {
        const before = own.convolutions?.(transpose(x, [0, 2, 1]), given);
        const lengths = before?.lengths ?? given;
        const wide = own.widen(before ? transpose(before.x, [0, 2, 1]) : x);
        const placed =
          positions === 'sinusoidal' ? add(wide, sinusoidalPositions(iota(wide.shape[1]!), { size })) : wide;
        const { output } = own.encoder(placed, { lengths });
        return own.pool(transpose(output, [1, 0, 2]), lengths);
      },
    }),
  };
}

const options = {
  ...dataOptions,
  ...inputOptions,
  ...transformerOptions(64),
  pool: choice('max+mean', pools, poolSummary),
  ...readoutOptions([]),
};

/** Transformer blocks over the letters (Vaswani et al. 2017; pre-norm: Xiong et al. 2020). */
export const transformer = architecture(
  'transformer',
  'Transformer blocks over the letters: any two places meet directly; for short sequences, or with local or linear attention.',
  options,
  transformerBody,
);

/** Convolutions find motifs and shorten the sequence, transformer blocks relate them (as Enformer does, Avsec et al. 2021). */
export const cnnTransformer = architecture(
  'cnn-transformer',
  'Convolutions find motifs and shorten the sequence, transformer blocks relate them.',
  { ...options, ...convolutionOptions([64], [11], [4]) },
  transformerBody,
);
