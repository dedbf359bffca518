import type { Shape } from '../../graph/dims.ts';
import { add, expandDims, reshape, size as sizeOf, slice } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { AttentionCache } from '../../nn/attention/attend.ts';
import { module } from '../../nn/module.ts';
import { gptLike } from '../../nn/transformer/language-models.ts';
import { choice, probability, whole } from '../architectures/options.ts';
import { type LoopCall, languageArchitecture } from './architecture.ts';
import { loopAttention } from './loop-attention.ts';

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

const caches = (states: readonly Value[]): AttentionCache[] =>
  Array.from({ length: states.length / 2 }, (_, l) => ({ key: states[2 * l]!, value: states[2 * l + 1]! }));

const flat = (kept: readonly AttentionCache[]): Value[] => kept.flatMap(({ key, value }) => [key, value]);

/** Without what is read but never foretold. */
const written = (logits: Value, writes: number): Value =>
  logits.shape[2] === writes ? logits : slice(logits, 2, 0, writes);

/** A causal transformer in the manner of GPT-2. */
export const transformerLanguage = languageArchitecture(
  'transformer',
  'A causal transformer (as GPT-2): sees the last context tokens at once.',
  options,
  ({ size, layers, heads, positions, activation, dropout, context }, { reads, writes }) => {
    const shape = { size, layers, heads, positions, activation, dropout, limit: context };
    const gpt = gptLike({ vocabulary: reads, ...shape });
    const cache: Shape = ['batch', heads, 'past', size / heads];
    const net = module({
      params: { gpt },
      apply: (own, tokens: Value, before?: readonly Value[]) => {
        const { logits, cache: kept } = own.gpt(tokens, { past: before && caches(before) });
        return { logits: written(logits, writes), states: flat(kept) };
      },
    });
    const attention = loopAttention();
    const loop = module({
      params: { gpt: gptLike({ vocabulary: reads, ...shape, attend: attention.attend }) },
      apply: (own, tokens: Value, { past, recent, step }: LoopCall) => {
        const place = add(step, sizeOf(past[0]!.shape[2]!, 'int32'));
        const call = { past: caches(past), recent: caches(recent), step, place };
        const token = expandDims(tokens, 1);
        const { result, recent: filled } = attention.at(call, () =>
          own.gpt(token, { positions: reshape(place, [1]) }),
        );
        const logits = written(result.logits, writes);
        return { logits: reshape(logits, [tokens.shape[0]!, writes]), recent: flat(filled) };
      },
    });
    return { ...net, states: new Array<Shape>(2 * layers).fill(cache), sees: context, loop };
  },
);
