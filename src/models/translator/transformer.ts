import { type Dim, dimSub, type Shape } from '../../graph/dims.ts';
import { add, concat, gather, iota, mean, mul, size as sizeOf, slice, where } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { AttentionCache } from '../../nn/attention/attend.ts';
import {
  type MultiHeadCall,
  type MultiHeadResult,
  multiHeadAttention,
} from '../../nn/attention/multi-head.ts';
import { relativeAttention } from '../../nn/attention/relative-attention.ts';
import { dropout } from '../../nn/dropout.ts';
import { normal } from '../../nn/initializers.ts';
import { linear } from '../../nn/linear.ts';
import { zeroPadding } from '../../nn/mask.ts';
import { type Module, module, parameter } from '../../nn/module.ts';
import { layerNorm } from '../../nn/normalization.ts';
import { sinusoidalPositions } from '../../nn/positions/sinusoidal.ts';
import { feedForward } from '../../nn/transformer/feed-forward.ts';
import { type ConfigOf, choice, type Option, probability, whole } from '../architectures/options.ts';
import {
  type BuiltTranslator,
  type Decoded,
  type Encoded,
  type OwnTokens,
  type TranslatorSizes,
  translatorArchitecture,
} from './architecture.ts';
import { ownPlaces, picked, pickNoise } from './own-tokens.ts';

const paceOption: Option<number> = {
  default: 1,
  expected: 'a number above 0 up to 1000',
  summary:
    'Source tokens for each target token (relative): where a place of the target stands in the source.',
  accepts: (x) => typeof x === 'number' && x > 0 && x <= 1000,
};
const options = {
  size: whole(128, 'Width of the vector of each place; a multiple of heads.'),
  layers: whole(2, 'Blocks of encoder and decoder.', { max: 64 }),
  heads: whole(4, 'Heads of attention.', { max: 1024 }),
  positions: choice(
    'sinusoidal',
    ['sinusoidal', 'rotary', 'relative', 'none'],
    'How places are told apart; relative: by distance alone, from target to source too, which holds beyond the lengths seen.',
  ),
  reach: whole(16, 'Distances that are told apart, on each side (relative).', { max: 4096 }),
  beyond: choice(
    'shared',
    ['shared', 'hidden'],
    'Places beyond the reach count alike, or are hidden: then a translation depends on no more than is near (relative).',
  ),
  pace: paceOption,
  activation: choice(
    'gelu',
    ['gelu', 'geluTanh', 'relu', 'silu', 'swiglu'],
    'Within the feed-forward networks.',
  ),
  dropout: probability(0.1, 'Dropout on vectors of tokens, weights of attention and what each part adds.'),
};
type Config = ConfigOf<typeof options>;
type Attention = Module<[x: Value, call?: MultiHeadCall], MultiHeadResult>;

interface BlockCall {
  lengths?: Value;
  past?: AttentionCache | undefined;
  source?: Encoded;
}

/** Pre-norm: attention to its own sequence, to the source (of a decoder), and the feed-forward network. */
function block(
  { size, heads, positions, reach, beyond, pace, activation, dropout: rate }: Config,
  decodes: boolean,
) {
  const common = { size, heads, dropout: rate };
  const relative = positions === 'relative';
  const self: Attention = relative
    ? relativeAttention({ ...common, reach, beyond, causal: decodes })
    : multiHeadAttention({
        ...common,
        causal: decodes,
        positions: positions === 'rotary' ? 'rotary' : 'none',
      });
  const across: Attention = relative
    ? relativeAttention({ ...common, reach, beyond, rate: pace })
    : multiHeadAttention(common);
  return module({
    params: {
      norm: layerNorm({ size }),
      self,
      crossNorm: decodes ? layerNorm({ size }) : undefined,
      cross: decodes ? across : undefined,
      feedNorm: layerNorm({ size }),
      feed: feedForward({ size, activation, dropout: rate }),
      drop: dropout({ rate }),
    },
    apply: (own, x: Value, { source, lengths, past }: BlockCall) => {
      const { output, cache } = own.self(own.norm(x), { lengths, past });
      let y = add(x, own.drop(output));
      let weights: Value | undefined;
      if (own.cross && source) {
        const { memory } = source;
        const offset = past && sizeOf(past.key.shape[2]!, 'int32');
        const looked = own.cross(own.crossNorm!(y), { memory, lengths: source.lengths, offset });
        y = add(y, own.drop(looked.output));
        weights = looked.weights;
      }
      return { output: add(y, own.drop(own.feed(own.feedNorm(y)))), weights, cache };
    },
  });
}

function encoderDecoder(config: Config, { reads, writes }: TranslatorSizes): BuiltTranslator {
  const { size, layers, heads, positions, dropout: rate } = config;
  const stack = (decodes: boolean) => Array.from({ length: layers }, () => block(config, decodes));
  const table = (rows: number) => parameter([rows, size], { initial: normal(size ** -0.5), decay: false });
  const net = module({
    params: {
      sourceTable: table(reads),
      targetTable: table(writes + 1),
      encoder: { blocks: stack(false), norm: layerNorm({ size }) },
      decoder: { blocks: stack(true), norm: layerNorm({ size }) },
      head: linear({ in: size, out: writes }),
      drop: dropout({ rate }),
    },
    apply: (own) => {
      const embedded = (rows: Value, tokens: Value, before: Dim) => {
        const x = mul(gather(rows, tokens), Math.sqrt(size));
        const first = iota(tokens.shape[1]!);
        const places = before === 0 ? first : add(first, sizeOf(before, 'int32'));
        return own.drop(positions === 'sinusoidal' ? add(x, sinusoidalPositions(places, { size })) : x);
      };
      const encode = (tokens: Value, lengths: Value): Encoded => {
        let x = embedded(own.sourceTable, tokens, 0);
        for (const run of own.encoder.blocks) x = run(x, { lengths }).output;
        return { memory: zeroPadding(own.encoder.norm(x), lengths, 1), lengths, initial: [] };
      };
      const read = (source: Encoded, tokens: Value, states?: readonly Value[]): Decoded => {
        let x = embedded(own.targetTable, tokens, states?.[0]?.shape[2] ?? 0);
        let weights: Value | undefined;
        const kept = own.decoder.blocks.flatMap((run, l) => {
          const past = states && { key: states[2 * l]!, value: states[2 * l + 1]! };
          const { output, cache, weights: looked } = run(x, { source, past });
          x = output;
          weights = looked;
          return [cache.key, cache.value];
        });
        return { logits: own.head(own.decoder.norm(x)), attention: mean(weights!, 1), states: kept };
      };
      const decode = (
        source: Encoded,
        tokens: Value,
        { states, own: asked }: { states?: readonly Value[]; own?: OwnTokens | undefined } = {},
      ): Decoded => {
        if (!asked) return read(source, tokens, states);
        // Two passes or more (Mihaylova and Martins 2019): what one foretells is read by the next, in part.
        const time = tokens.shape[1]!;
        const places = ownPlaces(asked, tokens.shape, 1, own.context);
        let mixed = tokens;
        for (let pass = 0; pass < (asked.passes ?? 1); pass++) {
          const { logits } = read(source, mixed);
          const foretold = picked(logits, pickNoise(asked, logits.shape, own.context));
          const behind = concat([slice(tokens, 1, 0, 1), slice(foretold, 1, 0, dimSub(time, 1))], 1);
          mixed = where(places, behind, tokens);
        }
        return read(source, mixed);
      };
      return { encode, decode };
    },
  });
  const cache: Shape = ['batch', heads, 'past', size / heads];
  return { ...net, width: size, states: new Array<Shape>(2 * layers).fill(cache), attends: true };
}

/** An encoder–decoder transformer. */
export const transformerTranslator = translatorArchitecture(
  'transformer',
  'An encoder–decoder transformer (Vaswani et al. 2017, normalised first).',
  options,
  encoderDecoder,
);
