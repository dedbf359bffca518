import { add, gather, iota, matmul, size as sizeOf } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { gelu } from '../activations.ts';
import type { AttentionCache } from '../attention/attend.ts';
import type { MultiHeadOptions } from '../attention/multi-head.ts';
import { dropout as dropLayer } from '../dropout.ts';
import { normal } from '../initializers.ts';
import { linear } from '../linear.ts';
import { module, parameter } from '../module.ts';
import { layerNorm } from '../normalization.ts';
import { learnedPositions } from '../positions/learned.ts';
import { sinusoidalPositions } from '../positions/sinusoidal.ts';
import type { BlockOptions } from './encoder-block.ts';
import { encoder, type StackResult } from './stacks.ts';

export interface LanguageModelOptions extends Pick<BlockOptions, 'hidden' | 'activation' | 'rotary'> {
  /** How many token ids there are. */
  vocabulary: number;
  size?: number;
  layers?: number;
  heads?: number;
  positions?: 'learned' | 'sinusoidal' | 'rotary' | 'alibi' | 'none';
  /** Rows of a table of learned positions: the longest sequence. */
  limit?: number;
  attend?: MultiHeadOptions['attend'];
  dropout?: number;
}

export interface LanguageModelCall {
  /** int32 [batch] */
  lengths?: Value | undefined;
  /** Where the tokens lie, int32 [time] or [batch, time], such as genome coordinates; 0, 1, 2, … by default. */
  positions?: Value | undefined;
  /** `cache` of a call that read the tokens before these. */
  past?: readonly AttentionCache[] | undefined;
}

export interface LanguageModelResult extends StackResult {
  /** [batch, time, vocabulary] */
  readonly logits: Value;
}

/** Tokens, a stack, and logits by the table that embedded them. */
function languageModel(
  {
    vocabulary,
    size = 128,
    layers = 4,
    heads = 4,
    positions: kind = 'learned',
    limit = 512,
    dropout = 0.1,
    ...block
  }: LanguageModelOptions,
  { causal, head }: { causal: boolean; head: boolean },
) {
  const inside = kind === 'rotary' || kind === 'alibi' ? kind : 'none';
  const body = { layers, size, heads, causal, dropout, positions: inside, ...block } as const;
  return module({
    params: {
      embedding: parameter([vocabulary, size], { initial: normal(0.02), decay: false }),
      positions: kind === 'learned' ? learnedPositions({ rows: limit, size }) : undefined,
      drop: dropLayer({ rate: dropout }),
      body: encoder(body),
      head: head ? { inner: linear({ in: size, out: size }), norm: layerNorm({ size }) } : undefined,
      bias: head ? parameter([vocabulary]) : undefined,
    },
    apply: (
      own,
      tokens: Value,
      { lengths, positions, past }: LanguageModelCall = {},
    ): LanguageModelResult => {
      let x = gather(own.embedding, tokens);
      const time = tokens.shape[1]!;
      const before = past?.[0]?.key.shape[2];
      const continued = before === undefined ? undefined : add(iota(time), sizeOf(before, 'int32'));
      const places = positions ?? continued;
      if (own.positions) x = add(x, own.positions(places ?? time));
      if (kind === 'sinusoidal') x = add(x, sinusoidalPositions(places ?? iota(time), { size }));
      const stack = own.body(own.drop(x), { lengths, positions, past });
      const read = own.head ? own.head.norm(gelu(own.head.inner(stack.output))) : stack.output;
      const scores = matmul(read, own.embedding, { transB: true });
      return { ...stack, logits: own.bias ? add(scores, own.bias) : scores };
    },
  });
}

/**
 * A model of the next token in the manner of GPT-2 (Radford et al. 2019): a causal pre-norm stack whose logits come from the table that
 * embeds the tokens. int32 tokens[batch, time] → logits[batch, time, vocabulary] (place t tells of token t + 1), and what
 * the stack reads out.
 * @example gptLike({ vocabulary: 65, size: 128, layers: 4, heads: 4, limit: 256 })
 */
export const gptLike = (options: LanguageModelOptions) =>
  languageModel(options, { causal: true, head: false });

/**
 * A model of hidden tokens in the manner of BERT (Devlin et al. 2019): every place sees all others; a small network and the embedding
 * table give the logits. Pre-norm, unlike the original. int32 tokens[batch, time] → logits[batch, time, vocabulary] of
 * the token in each place itself.
 * @example bertLike({ vocabulary: 4 ** 6 + 3, positions: 'rotary' }) // 6-mers of DNA
 */
export const bertLike = (options: LanguageModelOptions) =>
  languageModel(options, { causal: false, head: true });
