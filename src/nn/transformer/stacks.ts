import { usageError } from '../../core/errors.ts';
import type { Value } from '../../graph/value.ts';
import type { AttentionCache } from '../attention/attend.ts';
import { zeroPadding } from '../mask.ts';
import { module } from '../module.ts';
import { layerNorm } from '../normalization.ts';
import { type DecoderBlockOptions, type DecoderCall, decoderBlock } from './decoder-block.ts';
import { type BlockOptions, type EncoderCall, encoderBlock } from './encoder-block.ts';

export interface StackResult {
  /** After the last normalisation, [batch, time, size]; 0 in padding where lengths are given. */
  readonly output: Value;
  /** What each block gave, in order. */
  readonly states: readonly Value[];
  /** Weights of each block's heads, where its way of attending forms them. */
  readonly weights: readonly (Value | undefined)[];
  /** The same for what a decoder looked at in its memory. */
  readonly memoryWeights: readonly (Value | undefined)[];
  /** Keys and values of each block: `past` of the call that reads what follows. */
  readonly cache: readonly AttentionCache[];
}

/** What a stack is called with: `past` is the `cache` of a call that read what lies before. */
export type StackCall<C> = Omit<C, 'past'> & { past?: readonly AttentionCache[] | undefined };

const repeat = <T>(layers: number, make: () => T): T[] => Array.from({ length: layers }, make);

/**
 * Encoder blocks one after the other and a last normalisation: x[batch, time, size] → output of the same shape. Every place sees every
 * other one, or with `causal` those before it; padding never changes a result.
 * @example encoder({ layers: 4, size: 128, heads: 4, attend: localAttention({ window: 64 }) })
 */
export const encoder = ({ layers, ...block }: BlockOptions & { layers: number }) =>
  module({
    params: { blocks: repeat(layers, () => encoderBlock(block)), norm: layerNorm({ size: block.size }) },
    apply: (own, x: Value, call: StackCall<EncoderCall> = {}): StackResult => {
      let y = x;
      const results = own.blocks.map((run, i) => {
        const result = run(y, { ...call, past: call.past?.[i] });
        y = result.output;
        return result;
      });
      return {
        output: ended(own.norm(y), call),
        states: results.map(({ output }) => output),
        weights: results.map(({ weights }) => weights),
        memoryWeights: [],
        cache: results.map(({ cache }) => cache),
      };
    },
  });

/** Decoder blocks one after the other and a last normalisation; see `decoderBlock`. */
export const decoder = ({ layers, ...block }: DecoderBlockOptions & { layers: number }) =>
  module({
    params: { blocks: repeat(layers, () => decoderBlock(block)), norm: layerNorm({ size: block.size }) },
    apply: (own, x: Value, call: StackCall<DecoderCall> = {}): StackResult => {
      let y = x;
      const results = own.blocks.map((run, i) => {
        const result = run(y, { ...call, past: call.past?.[i] });
        y = result.output;
        return result;
      });
      return {
        output: ended(own.norm(y), call),
        states: results.map(({ output }) => output),
        weights: results.map(({ weights }) => weights),
        memoryWeights: results.map(({ memoryWeights }) => memoryWeights),
        cache: results.map(({ cache }) => cache),
      };
    },
  });

export interface EncoderDecoderOptions {
  encoder: BlockOptions & { layers: number };
  decoder: Omit<DecoderBlockOptions, 'memory'> & { layers: number };
}

export interface EncoderDecoderCall {
  /** What is translated from, embedded: [batch, keys, size]. */
  source?: Value | undefined;
  sourceLengths?: Value | undefined;
  /** What an earlier call encoded, in place of a source. */
  memory?: Value | undefined;
  /** The target, embedded and one place behind: [batch, time, size′]. */
  target?: Value | undefined;
  lengths?: Value | undefined;
  /** `decoded.cache` of a call that read the places before this target. */
  past?: readonly AttentionCache[] | undefined;
}

/**
 * Source to target. With a source and a target it learns (teacher forcing); a source alone is encoded; `memory`, the output of that,
 * with the target so far gives the next place, so that a decoder encodes once.
 * @example model({ source, sourceLengths, target, lengths }).decoded.output // [batch, time, size′]
 */
export const encoderDecoder = ({ encoder: first, decoder: second }: EncoderDecoderOptions) =>
  module({
    params: { encoder: encoder(first), decoder: decoder({ ...second, memory: first.size }) },
    apply: (own, { source, sourceLengths, memory: held, target, lengths, past }: EncoderDecoderCall) => {
      const encoded = source && own.encoder(source, { lengths: sourceLengths });
      const memory = encoded?.output ?? held;
      if (!memory) throw usageError('encoderDecoder: expected a source, or the memory of an earlier call.');
      const decoded = target && own.decoder(target, { lengths, memory, memoryLengths: sourceLengths, past });
      return { memory, encoded, decoded };
    },
  });

// With a past, lengths count from its start, and where x itself is padded is not known here.
const ended = (y: Value, { lengths, past }: { lengths?: Value | undefined; past?: unknown }): Value =>
  lengths && !past ? zeroPadding(y, lengths, 1) : y;
