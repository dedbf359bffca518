import { equal, expandDims, gather, stopGradient, where } from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { type Initializer, normal } from './initializers.ts';
import { module, parameter } from './module.ts';

export interface EmbeddingOptions {
  /** How many ids there are. */
  rows: number;
  /** How many numbers stand for one. */
  size: number;
  /** The id of padding: its row starts at zero and is never trained. */
  padding?: number | undefined;
  initial?: Initializer;
}

/**
 * A learned vector for each id: int32 ids[…] → [… , size].
 * @example embedding({ rows: 17, size: 8, padding: 16 }) // tokens[batch, time] → [batch, time, 8]
 */
export const embedding = ({ rows, size, padding, initial = normal() }: EmbeddingOptions) =>
  module({
    params: {
      weight: parameter([rows, size], { initial: withZeroRow(initial, padding, size), decay: false }),
    },
    apply: ({ weight }, ids: Value) => {
      const y = gather(weight, ids);
      if (padding === undefined) return y;
      return where(equal(expandDims(ids, -1), padding), stopGradient(y), y);
    },
  });

function withZeroRow(initial: Initializer, row: number | undefined, size: number): Initializer {
  if (row === undefined) return initial;
  return {
    name: initial.name,
    fill: (shape, random) => initial.fill(shape, random).fill(0, row * size, (row + 1) * size),
  };
}
