import { usageError } from '../../core/errors.ts';
import { type Dim, dimMul } from '../../graph/dims.ts';
import {
  add,
  cast,
  concat,
  expandDims,
  iota,
  less,
  matmul,
  mul,
  reshape,
  size,
  slice,
  softmax,
  split,
  sub,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type Attend, type AttendCall, type Heads, hiddenScore, refuse } from './attend.ts';
import { type Band, band, bandBias, besideBlocks, inBlocks, spanOf } from './blocks.ts';
import { attendTo, scaledScores } from './full-attention.ts';
import { clean, fromBlocks, type LocalAttentionOptions } from './local-attention.ts';
import { distancePenalty, scoreBias } from './score-bias.ts';

export interface GlobalAttentionOptions extends LocalAttentionOptions {
  /** How many tokens at the start of each sequence see everything and are seen by all. */
  globals: number;
}

/**
 * Block-sparse attention: a sliding window, and the first `globals` tokens in reach of every place in both directions (Beltagy et
 * al. 2020; Zaheer et al. 2020). Time and memory grow linearly with length. Equal to `fullAttention` with that pattern as
 * `allowed`. Not causal: a global token sees what comes after it. No weights are read out.
 * @example globalAttention({ window: 64, globals: 1 }) // a classification token in front
 */
export function globalAttention({ window, block, globals }: GlobalAttentionOptions): Attend {
  const shape = band('globalAttention', { window, block: block ?? Math.max(window, globals, 32) });
  if (!Number.isInteger(globals) || globals < 1 || globals > shape.block)
    throw usageError(
      `globalAttention: expected from 1 to ${shape.block} global tokens (one block), received ${globals}.`,
    );
  return (heads, call = {}) => {
    refuse('globalAttention', call, ['allowed', 'offset', 'causal', 'drop']);
    const time = heads.query.shape[2]!;
    const firsts = firstPlaces(heads, shape, globals);
    const around = besideWindows(heads, firsts, shape, call);
    const positions = iota(globals);
    const seeing = attendTo(
      { ...heads, query: firsts.query },
      call,
      scoreBias(call, { positions, keys: time }),
    ).output;
    const filled = dimMul(around.shape[2]!, shape.block);
    const whole = fromBlocks(around, filled);
    const rest = slice(whole, 2, globals, filled);
    return { output: clean(slice(concat([seeing, rest], 2), 2, 0, time), call.lengths) };
  };
}

/** The rows of the global tokens; zeros where a batch is shorter than they are many. */
function firstPlaces({ query, key, value }: Heads, { block }: Band, globals: number): Heads {
  const cut = (x: Value) => {
    const blocks = inBlocks(x, block);
    return slice(fromBlocks(blocks, dimMul(blocks.shape[2]!, block)), 2, 0, globals);
  };
  return { query: cut(query), key: cut(key), value: cut(value) };
}

/** Every block against the global keys and its window, in one softmax: → [batch, heads, blocks, block, width]. */
function besideWindows(
  { query, key, value }: Heads,
  firsts: Heads,
  shape: Band,
  { lengths, slopes }: AttendCall,
): Value {
  const queries = inBlocks(query, shape.block);
  const blocks = queries.shape[2]!;
  const end = lengths ?? size(key.shape[2]!, 'int32');
  const globals = firsts.key.shape[2] as number;
  const near = bandBias(shape, { blocks, end, start: globals, slopes });
  const seen = where(less(iota(globals), reshape(end, [...end.shape, 1, 1, 1, 1])), 0, hiddenScore);
  const far = slopes ? add(seen, farPenalty(slopes, blocks, shape.block, globals)) : seen;
  const scores = [
    add(scaledScores(queries, expandDims(firsts.key, 2)), far),
    add(scaledScores(queries, besideBlocks(key, shape)), near),
  ];
  const [onGlobals, onWindow] = split(softmax(concat(scores, 4)), 4, [globals, spanOf(shape)]);
  return add(matmul(onGlobals!, expandDims(firsts.value, 2)), matmul(onWindow!, besideBlocks(value, shape)));
}

/** ALiBi's penalty of the global keys: [heads, blocks, block, globals]. */
function farPenalty(slopes: readonly number[], blocks: Dim, block: number, globals: number): Value {
  const places = add(mul(reshape(iota(blocks), [blocks, 1, 1]), block), reshape(iota(block), [block, 1]));
  return distancePenalty(slopes, cast(sub(places, iota(globals)), 'float32'));
}
