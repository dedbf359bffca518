import { usageError } from '../../core/errors.ts';
import { type Dim, dimAdd, dimFloorDiv, dimMul, dimSub } from '../../graph/dims.ts';
import {
  add,
  and,
  concat,
  constant,
  expandDims,
  iota,
  less,
  mul,
  not,
  pad,
  reshape,
  slice,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { hiddenScore } from './attend.ts';
import { distancePenalty } from './score-bias.ts';

/** A band of attention cut into blocks: a block of queries sees itself and the blocks beside it. */
export interface Band {
  /** How many places a query sees on each side (on the left alone where causal). */
  readonly window: number;
  /** Queries in a block, at least `window`. */
  readonly block: number;
  readonly causal: boolean;
}

export function band(
  method: string,
  { window, block = Math.max(window, 32), causal = false }: Partial<Band> & { window: number },
): Band {
  if (!Number.isInteger(window) || window < 0)
    throw usageError(`${method}: expected a window of 0 or more places, received ${window}.`);
  if (!Number.isInteger(block) || block < Math.max(window, 1))
    throw usageError(`${method}: expected blocks of at least the window, ${window}, received ${block}.`);
  return { window, block, causal };
}

/** How many blocks hold `time` places. */
export const blockCount = (time: Dim, block: number): Dim => dimFloorDiv(dimAdd(time, block - 1), block);

/** [batch, heads, time, width] → [batch, heads, blocks, block, width], zeros after the end. */
export function inBlocks(x: Value, block: number): Value {
  const [batch, heads, time, width] = x.shape as [Dim, Dim, Dim, Dim];
  const blocks = blockCount(time, block);
  const filled = pad(x, 2, 0, dimSub(dimMul(blocks, block), time));
  return reshape(filled, [batch, heads, blocks, block, width]);
}

/** The keys (or values) that each block of queries sees: [batch, heads, time, width] → [batch, heads, blocks, span, width]. */
export function besideBlocks(x: Value, { block, causal }: Band): Value {
  const own = inBlocks(x, block);
  const blocks = own.shape[2]!;
  const wide = pad(own, 2, 1, causal ? 0 : 1);
  const shifted = Array.from({ length: causal ? 2 : 3 }, (_, i) => slice(wide, 2, i, dimAdd(blocks, i)));
  return concat(shifted, 3);
}

/** How many keys a block of queries is compared with. */
export const spanOf = ({ block, causal }: Band): number => (causal ? 2 : 3) * block;

/** −1 · distance from query c of a block to key m of its span, row by row. */
const offsets = (shape: Band): number[][] =>
  Array.from({ length: shape.block }, (_, c) =>
    Array.from({ length: spanOf(shape) }, (__, m) => m - shape.block - c),
  );

/**
 * What is added to blocked scores [batch, heads, blocks, block, span]: hidden outside the band, before the first key, from `end` on and (for
 * the sake of global tokens, which are seen apart) before `start`. `end` is int32 [batch], or the number of keys.
 */
export function bandBias(
  shape: Band,
  {
    blocks,
    end,
    start = 0,
    slopes,
  }: {
    blocks: Dim;
    end: Value;
    start?: number;
    slopes?: readonly number[] | undefined;
  },
): Value {
  const { window, block, causal } = shape;
  const span = spanOf(shape);
  const distances = offsets(shape).flat();
  const inside = distances.map((d) => (d >= -window && d <= (causal ? 0 : window) ? 0 : hiddenScore));
  const first = mul(iota(blocks), block);
  const places = add(expandDims(first, 1), add(iota(span), -block));
  const keys = reshape(places, [blocks, 1, span]);
  const real = and(not(less(keys, start)), less(keys, reshape(end, [...end.shape, 1, 1, 1, 1])));
  const seen = add(where(real, 0, hiddenScore), constant(inside, [block, span]));
  if (!slopes) return seen;
  const penalty = distancePenalty(slopes, constant(distances, [block, span]));
  return add(seen, reshape(penalty, [slopes.length, 1, block, span]));
}
