import type { Shape } from '../../graph/dims.ts';
import { slice } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { module } from '../../nn/module.ts';
import { gptLike } from '../../nn/transformer/language-models.ts';
import { choice, probability, whole } from '../architectures/options.ts';
import { languageArchitecture } from './architecture.ts';

const options = {
  size: whole(128, 'Width of the vector of each place; a multiple of heads.'),
  layers: whole(4, 'Blocks.', { max: 64 }),
  heads: whole(4, 'Heads of attention.', { max: 1024 }),
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
  context: whole(128, 'Tokens that it sees at most, and learns from at once.', { max: 2 ** 20 }),
};

/** A causal transformer in the manner of GPT-2. */
export const transformerLanguage = languageArchitecture(
  'transformer',
  'A causal transformer (as GPT-2): sees the last context tokens at once.',
  options,
  ({ size, layers, heads, positions, activation, dropout, context }, { reads, writes }) => {
    const gpt = gptLike({
      vocabulary: reads,
      ...{ size, layers, heads, positions, activation, dropout, limit: context },
    });
    const cache: Shape = ['batch', heads, 'past', size / heads];
    const net = module({
      params: { gpt },
      apply: (own, tokens: Value, before?: readonly Value[]) => {
        const past =
          before &&
          Array.from({ length: layers }, (_, l) => ({ key: before[2 * l]!, value: before[2 * l + 1]! }));
        const { logits, cache: kept } = own.gpt(tokens, { past });
        return {
          logits: writes === reads ? logits : slice(logits, 2, 0, writes),
          states: kept.flatMap(({ key, value }) => [key, value]),
        };
      },
    });
    return { ...net, states: new Array<Shape>(2 * layers).fill(cache), sees: context };
  },
);
