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
import { bertLike } from '../../nn/transformer/language-models.ts';
import { encoder, type StackResult } from '../../nn/transformer/stacks.ts';
import { type ConfigOf, choice, probability, whole } from '../architectures/options.ts';
import type { MaskedDefinition, MaskedModule, MaskedResult } from './architecture.ts';

const options = {
  size: whole(128, 'Width of the vector of each place; a multiple of heads.'),
  layers: whole(4, 'Blocks.', { max: 64 }),
  heads: whole(4, 'Heads of attention.', { max: 1024 }),
  kernel: whole(0, 'Places that a convolution before the blocks sees; 0: there is none, as in BERT.', {
    min: 0,
    max: 1001,
  }),
  positions: choice(
    'rotary',
    ['rotary', 'learned', 'sinusoidal', 'alibi', 'none'],
    'How places are told apart.',
  ),
  activation: choice(
    'gelu',
    ['gelu', 'geluTanh', 'relu', 'silu', 'swiglu'],
    'Within the feed-forward networks.',
  ),
  dropout: probability(0.1, 'Dropout on vectors of tokens, weights of attention and what each part adds.'),
  context: whole(256, 'Tokens that it sees at most; longer sequences are read in windows.', { max: 2 ** 20 }),
};
type Config = ConfigOf<typeof options>;

/** A bidirectional transformer in the manner of BERT; with `kernel`, a convolution shows each place its neighbours first. */
export const transformerMasked: MaskedDefinition<typeof options> = {
  name: 'transformer',
  summary: 'A bidirectional transformer (as BERT): every place sees all others.',
  options,
  make: (config, reads) => (config.kernel === 0 ? plain(config, reads) : stemmed(config, reads)),
};

const read = ({ output, weights }: StackResult, logits: Value): MaskedResult => ({
  logits,
  hidden: output,
  attention: weights.filter((layer) => layer !== undefined),
});

function plain(
  { size, layers, heads, positions, activation, dropout, context }: Config,
  reads: number,
): MaskedModule {
  const bert = bertLike({
    vocabulary: reads,
    ...{ size, layers, heads, positions, activation, dropout, limit: context },
  });
  return module({
    params: { bert },
    apply: (own, tokens: Value, lengths: Value) => {
      const result = own.bert(tokens, { lengths });
      return read(result, result.logits);
    },
  });
}

/** The same behind a convolution; positions within attention alone. */
function stemmed(
  { size, layers, heads, kernel, positions, activation, dropout }: Config,
  reads: number,
): MaskedModule {
  const inside = positions === 'alibi' || positions === 'none' ? positions : 'rotary';
  return module({
    params: {
      table: parameter([reads, size], { initial: normal(0.02), decay: false }),
      stem: conv1d({ in: size, out: size, kernel }),
      drop: dropLayer({ rate: dropout }),
      body: encoder({ layers, size, heads, activation, dropout, positions: inside }),
      head: { inner: linear({ in: size, out: size }), norm: layerNorm({ size }) },
      bias: parameter([reads]),
    },
    apply: (own, tokens: Value, lengths: Value) => {
      const x = zeroPadding(gather(own.table, tokens), lengths, 1);
      const seen = gelu(transpose(own.stem(transpose(x, [0, 2, 1])), [0, 2, 1]));
      const stack = own.body(own.drop(add(x, seen)), { lengths });
      const scores = own.head.norm(gelu(own.head.inner(stack.output)));
      return read(stack, add(matmul(scores, own.table, { transB: true }), own.bias));
    },
  });
}
