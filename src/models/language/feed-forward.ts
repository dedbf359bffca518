import type { Shape } from '../../graph/dims.ts';
import { dimAdd } from '../../graph/dims.ts';
import { concat, conv1d, full, gather, slice, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { activation } from '../../nn/activations.ts';
import { dropout } from '../../nn/dropout.ts';
import { heUniform, normal } from '../../nn/initializers.ts';
import { linear } from '../../nn/linear.ts';
import { module, parameter } from '../../nn/module.ts';
import { probability, whole } from '../architectures/options.ts';
import { languageArchitecture } from './architecture.ts';

const options = {
  order: whole(3, 'Tokens that it looks back, and not one more.', { max: 1024 }),
  embedding: whole(32, 'Size of the vector of a token.'),
  hidden: whole(128, 'Width of the hidden layer.'),
  dropout: probability(0, 'Dropout on the hidden layer.'),
  context: whole(64, 'Tokens in a row of a batch.'),
};

/**
 * The neural n-gram model: the vectors of the last `order` tokens through one hidden layer (Bengio et al. 2003). What it carries is the
 * vectors of the tokens before, zeros where there is none.
 */
export const feedForwardLanguage = languageArchitecture(
  'feed-forward',
  'A neural n-gram model (Bengio et al. 2003): the last few tokens through a hidden layer.',
  options,
  ({ order, embedding, hidden, dropout: rate }, { reads, writes }) => {
    const before = order - 1;
    const net = module({
      params: {
        embedding: parameter([reads, embedding], { initial: normal(1), decay: false }),
        window: {
          weight: parameter([hidden, embedding, order], { initial: heUniform }),
          bias: parameter([hidden]),
        },
        drop: dropout({ rate }),
        head: linear({ in: hidden, out: writes }),
      },
      apply: (own, tokens: Value, states?: readonly Value[]) => {
        const [batch, time] = tokens.shape as [string, string];
        const vectors = gather(own.embedding, tokens);
        const past = before === 0 ? [] : [states?.[0] ?? full([batch, before, embedding], 0)];
        const all = concat([...past, vectors], 1);
        const { weight, bias } = own.window;
        const seen = activation('relu')(conv1d(transpose(all, [0, 2, 1]), weight, { bias }));
        const last = before === 0 ? [] : [slice(all, 1, time, dimAdd(time, before))];
        return { logits: own.head(own.drop(transpose(seen, [0, 2, 1]))), states: last };
      },
    });
    const states: Shape[] = before === 0 ? [] : [['batch', before, embedding]];
    return { ...net, states, sees: null };
  },
);
