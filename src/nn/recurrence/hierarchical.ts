import { usageError } from '../../core/errors.ts';
import { type Dim, dimAdd, dimFloorDiv, dimMul, dimSub } from '../../graph/dims.ts';
import {
  add,
  concat,
  expandDims,
  full,
  iota,
  maximum,
  minimum,
  mul,
  pad,
  reshape,
  size,
  slice,
  sub,
  transpose,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { Cell, CellSize } from '../cells.ts';
import { floorDivide } from '../conv1d.ts';
import { module } from '../module.ts';
import { type RecurrentResult, recurrent } from '../recurrent.ts';

export interface HierarchicalOptions extends CellSize {
  /** Steps that the lower level sums up in one state. */
  window?: number;
  /** Units of the upper level; as many as below by default. */
  upper?: number;
  bidirectional?: boolean;
}

export interface HierarchicalResult {
  /** The lower level, which starts anew in each window: [time, batch, hidden · directions]; 0 in padding. */
  readonly output: Value;
  /** The upper level, one step a window: [⌈time / window⌉, batch, upper · directions]. */
  readonly windows: RecurrentResult;
  /** How many windows of each sequence are real, int32 [batch]. */
  readonly lengths: Value;
}

/**
 * Two levels of recurrence (El Hihi and Bengio 1995): the lower one reads each window of the sequence on its own, all windows side by
 * side; the upper one reads the windows' last states. Gradients cross time / window + window steps instead of time. x[time, batch, in].
 * @example hierarchicalRecurrent(lstmCell(), { in: 4, hidden: 64, window: 100 }) // 10,000 bases: 100 steps of 100
 */
export function hierarchicalRecurrent(
  cell: Cell,
  { in: inputs, hidden, window = 64, upper = hidden, bidirectional = false }: HierarchicalOptions,
) {
  if (!Number.isInteger(window) || window < 1)
    throw usageError(`hierarchicalRecurrent: expected a window of 1 or more steps, received ${window}.`);
  const width = hidden * (bidirectional ? 2 : 1);
  return module({
    params: {
      lower: recurrent(cell, { in: inputs, hidden, bidirectional }),
      upper: recurrent(cell, { in: width, hidden: upper, bidirectional }),
    },
    apply: (own, x: Value, { lengths }: { lengths?: Value | undefined } = {}): HierarchicalResult => {
      const [time, batch, channels] = x.shape as [Dim, Dim, Dim];
      const ends = lengths ?? add(full([batch], 0, 'int32'), size(time, 'int32'));
      const count = dimFloorDiv(dimAdd(time, window - 1), window);
      const filled = pad(x, 0, 0, dimSub(dimMul(count, window), time));
      const apart = transpose(reshape(filled, [count, window, batch, channels]), [1, 0, 2, 3]);
      const rows = dimMul(count, batch);
      const inside = own.lower(reshape(apart, [window, rows, channels]), {
        lengths: windowLengths(ends, { count, window }),
      });
      const summaries = concat(
        inside.final.map(([h]) => h!),
        1,
      );
      const after = floorDivide(add(ends, window - 1), window);
      const windows = own.upper(reshape(summaries, [count, batch, width]), { lengths: after });
      const joined = transpose(reshape(inside.output, [window, count, batch, width]), [1, 0, 2, 3]);
      const output = slice(reshape(joined, [dimMul(count, window), batch, width]), 0, 0, time);
      return { output, windows, lengths: after };
    },
  });
}

/** How many steps of each window are real: [windows · batch]. */
function windowLengths(ends: Value, { count, window }: { count: Dim; window: number }): Value {
  const left = sub(expandDims(ends, 0), expandDims(mul(iota(count), window), 1));
  return reshape(minimum(maximum(left, 0), window), [dimMul(count, ends.shape[0]!)]);
}
