import { usageError } from '../../core/errors.ts';
import type { Dim } from '../../graph/dims.ts';
import { gather, iota } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type Initializer, normal } from '../initializers.ts';
import { module, parameter } from '../module.ts';

/** Throws where a sequence is longer than a table of learned positions; to be asked before a batch is run, too. */
export function checkPositionTable(time: Dim, rows: number): void {
  if (typeof time === 'number' && time > rows)
    throw usageError(
      `learnedPositions: a sequence of ${time} places does not fit a table of ${rows}. Cut the sequences, retrain with a larger table, or use sinusoidal, rotary or ALiBi positions, which have no end.`,
    );
}

/**
 * A learned vector for each place: a number of places, or int32 positions[…] → [places, size] or […, size]. There is nothing beyond the
 * table's `rows`: a fixed length is checked here, one that is known only at run time by `checkPositionTable` before the run.
 * @example add(embedded, positions(embedded.shape[1]))
 */
export const learnedPositions = ({
  rows,
  size,
  initial = normal(0.02),
}: {
  rows: number;
  size: number;
  initial?: Initializer;
}) =>
  module({
    params: { weight: parameter([rows, size], { initial, decay: false }) },
    apply: ({ weight }, places: Dim | Value) => {
      if (typeof places === 'object') return gather(weight, places);
      checkPositionTable(places, rows);
      return gather(weight, iota(places));
    },
  });
