import type { Value } from '../../graph/value.ts';
import { localAttention } from '../../nn/attention/index.ts';
import { linear } from '../../nn/linear.ts';
import { module } from '../../nn/module.ts';
import { encoder } from '../../nn/transformer/index.ts';
import { type ConfigOf, choice, probability, whole } from '../architectures/options.ts';
import { type TaggerArchitecture, taggerBodies } from '../tagger/bodies.ts';

const localOptions = {
  width: whole(64, 'Width of the blocks; a multiple of twice the heads.'),
  layers: whole(2, 'Blocks.', { max: 64 }),
  heads: whole(4, 'Heads of attention.'),
  reach: whole(32, 'How many bins before and after itself a bin looks at.'),
  positions: choice('rotary', ['rotary', 'none'], 'How bins know where they are.'),
  between: probability(0.1, 'Dropout of what the blocks add.'),
};

/** Attention that reaches so far and no further: its cost grows with the bins, not with their square. */
const localTransformer: TaggerArchitecture = {
  summary: 'A transformer whose bins look at their neighbours.',
  options: localOptions,
  build(inputs, config) {
    const { width, layers, heads, reach, positions, between } = config as ConfigOf<typeof localOptions>;
    const attend = localAttention({ window: reach });
    const blocks = { layers, size: width, heads, positions, attend, dropout: between, attentionDropout: 0 };
    return {
      width,
      layers: module({
        params: { widen: linear({ in: inputs, out: width }), encoder: encoder(blocks) },
        apply: (own, x: Value, lengths: Value) => own.encoder(own.widen(x), { lengths }).output,
      }),
    };
  },
};

const { bilstm, bigru, cnn, window } = taggerBodies as Record<string, TaggerArchitecture>;

/** What reads the bins in their order, by the names that the command line and model folders use. */
export const marksBodies: Readonly<Record<string, TaggerArchitecture>> = {
  bilstm: { ...bilstm!, summary: 'A bidirectional LSTM over the bins.' },
  bigru: { ...bigru!, summary: 'A bidirectional GRU over the bins: three quarters of the parameters.' },
  cnn: { ...cnn!, summary: 'Dilated convolutions over the bins, each added to what it read.' },
  transformer: localTransformer,
  window: { ...window!, summary: 'Logistic regression on the bins of a window: the simple model.' },
};
