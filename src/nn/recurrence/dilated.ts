import { usageError } from '../../core/errors.ts';
import { type Dim, dimAdd, dimFloorDiv, dimMul, dimSub } from '../../graph/dims.ts';
import { add, expandDims, full, iota, pad, reshape, size, slice, sub } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { Cell, CellSize } from '../cells.ts';
import { floorDivide } from '../conv1d.ts';
import { zeroPadding } from '../mask.ts';
import { module } from '../module.ts';
import { recurrent } from '../recurrent.ts';

export interface DilatedOptions extends CellSize {
  /** How many steps back each layer's state lies; one layer a number. */
  dilations?: readonly number[];
}

/**
 * Dilated recurrence (Chang et al. 2017): in layer l the state comes from dilations[l] steps back, so that a sequence of n
 * steps is n / d long to it, and a stack of powers of two sees far in few steps. A layer reads the d interleaved
 * sequences side by side. x[time, batch, in] → [time, batch, hidden], 0 in padding.
 * @example dilatedRecurrent(gruCell(), { in: 4, hidden: 32, dilations: [1, 4, 16, 64] })
 */
export function dilatedRecurrent(
  cell: Cell,
  { in: inputs, hidden, dilations = [1, 2, 4, 8] }: DilatedOptions,
) {
  if (dilations.length === 0 || dilations.some((d) => !Number.isInteger(d) || d < 1))
    throw usageError(
      `dilatedRecurrent: expected one or more dilations of 1 or more steps, received [${dilations.join(', ')}].`,
    );
  return module({
    params: { layers: dilations.map((_, l) => recurrent(cell, { in: l === 0 ? inputs : hidden, hidden })) },
    apply: (own, x: Value, { lengths }: { lengths?: Value | undefined } = {}): Value => {
      const [time, batch] = x.shape as [Dim, Dim];
      const ends = lengths ?? add(full([batch], 0, 'int32'), size(time, 'int32'));
      let y = x;
      own.layers.forEach((run, l) => {
        const every = dilations[l]!;
        const { output } = run(interleave(y, every), { lengths: interleavedLengths(ends, every) });
        y = slice(reshape(output, [dimMul(output.shape[0]!, every), batch, hidden]), 0, 0, time);
      });
      return lengths ? zeroPadding(y, lengths, 0) : y;
    },
  });
}

/** [time, batch, in] → [⌈time / d⌉, d · batch, in]: every d-th step in a sequence of its own. */
function interleave(x: Value, every: number): Value {
  const [time, batch, width] = x.shape as [Dim, Dim, Dim];
  const steps = dimFloorDiv(dimAdd(time, every - 1), every);
  const filled = pad(x, 0, 0, dimSub(dimMul(steps, every), time));
  return reshape(filled, [steps, dimMul(batch, every), width]);
}

/** How many steps of each interleaved sequence are real: ⌈(length − r) / d⌉ for r = 0 … d − 1. */
function interleavedLengths(lengths: Value, every: number): Value {
  const left = add(sub(expandDims(lengths, 0), expandDims(iota(every), 1)), every - 1);
  return reshape(floorDivide(left, every), [dimMul(lengths.shape[0]!, every)]);
}
