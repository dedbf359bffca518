import { usageError } from '../../core/errors.ts';
import { type Dim, dimSub } from '../../graph/dims.ts';
import {
  concat,
  expandDims,
  full,
  greater,
  reshape,
  reverse,
  reverseSequence,
  slice,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { State } from '../cells.ts';
import { dropout } from '../dropout.ts';
import { zeroPadding } from '../mask.ts';
import { module } from '../module.ts';
import { lastOverTime } from '../pooling.ts';
import type { RecurrentCall, RecurrentOptions, RecurrentResult } from '../recurrent.ts';
import { diagonalCell, type LinearCell, minGruCell, minLstmCell } from './linear-cells.ts';
import { linearRecurrence } from './linear-recurrence.ts';

export interface LinearRecurrentOptions extends RecurrentOptions {
  /** Steps that run one after the other within a chunk; see `linearRecurrence`. */
  chunk?: number | undefined;
}

/**
 * Layers of a linear cell, parallel over time: as `recurrent(cellOf(cell), options)` in inputs, results and names of parameters, so that
 * weights of one serve the other. x[time, batch, in] → output[time, batch, hidden · directions].
 */
export const linearRecurrent = (
  cell: LinearCell,
  { in: inputs, hidden, layers = 1, bidirectional = false, dropout: rate = 0, chunk }: LinearRecurrentOptions,
) => {
  const directions = bidirectional ? 2 : 1;
  const sizes = Array.from({ length: layers }, (_, l) => ({
    in: l === 0 ? inputs : hidden * directions,
    hidden,
  }));
  return module({
    params: {
      layers: sizes.map((size) => ({
        forward: cell.parameters(size),
        backward: bidirectional ? cell.parameters(size) : undefined,
      })),
      between: dropout({ rate }),
    },
    apply: (own, x: Value, { lengths, initial }: RecurrentCall = {}): RecurrentResult => {
      if (initial && initial.length !== layers * directions)
        throw usageError(
          `${cell.name}: expected ${layers * directions} initial states, received ${initial.length}.`,
        );
      let output = x;
      const final: State[] = [];
      own.layers.forEach(({ forward, backward }, l) => {
        const runs = [forward, ...(backward ? [backward] : [])].map((parameters, d) => {
          const { decay, input } = cell.coefficients(parameters, output);
          const start = initial?.[l * directions + d]?.[0];
          return run(decay, input, { start, lengths, backwards: d === 1, chunk });
        });
        final.push(...runs.map((r) => [r.final]));
        output = concat(
          runs.map((r) => r.output),
          2,
        );
        if (l + 1 < layers) output = own.between(output);
      });
      return { output: lengths ? zeroPadding(output, lengths, 0) : output, final };
    },
  });
};

interface Run {
  start: Value | undefined;
  lengths: Value | undefined;
  backwards: boolean;
  chunk: number | undefined;
}

/** One direction of one layer. */
function run(decay: Value, input: Value, { start, lengths, backwards, chunk }: Run) {
  const turned = (v: Value) => {
    if (!backwards) return v;
    return lengths ? reverseSequence(v, lengths, 0) : reverse(v, 0);
  };
  const states = linearRecurrence(turned(decay), turned(input), { initial: start, chunk });
  return { output: turned(states), final: finalState(states, start, lengths) };
}

/** The state after the last real step of h[time, batch, width]; that before the first, where there is none. */
export function finalState(states: Value, start: Value | undefined, lengths: Value | undefined): Value {
  const [time, batch, width] = states.shape as [Dim, Dim, Dim];
  if (!lengths) return reshape(slice(states, 0, dimSub(time, 1)), [batch, width]);
  const some = expandDims(greater(lengths, 0), 1);
  return where(some, lastOverTime(states, lengths, 0), start ?? full([batch, width], 0));
}

/** Minimal GRU: see `minGruCell`. */
export const minGru = (options: LinearRecurrentOptions) => linearRecurrent(minGruCell(), options);

/** Minimal LSTM: see `minLstmCell`. */
export const minLstm = (options: LinearRecurrentOptions) => linearRecurrent(minLstmCell(), options);

/** Diagonal linear recurrence: see `diagonalCell`. */
export const diagonal = ({
  shortest,
  longest,
  ...options
}: LinearRecurrentOptions & { shortest?: number; longest?: number }) =>
  linearRecurrent(
    diagonalCell({ ...(shortest !== undefined && { shortest }), ...(longest !== undefined && { longest }) }),
    options,
  );
