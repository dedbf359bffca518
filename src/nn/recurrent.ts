import { usageError } from '../core/errors.ts';
import {
  concat,
  expandDims,
  full,
  greater,
  reverseSequence,
  scan,
  stopGradient,
  where,
} from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import {
  type Cell,
  type CellSize,
  elmanCell,
  gruCell,
  lstmCell,
  type Sequence,
  type State,
} from './cells.ts';
import { dropout } from './dropout.ts';
import { zeroPadding } from './mask.ts';
import { module } from './module.ts';
import { lastOverTime } from './pooling.ts';

export interface RecurrentOptions extends CellSize {
  layers?: number;
  bidirectional?: boolean;
  /** Dropout between layers. */
  dropout?: number;
}

export interface RecurrentCall {
  /** int32 [batch]; without it every sequence is as long as the batch. */
  lengths?: Value | undefined;
  /** The state to start from, as `final` of another call; zeros by default. */
  initial?: readonly State[] | undefined;
}

export interface RecurrentResult {
  /** [time, batch, hidden · directions], forward beside backward; 0 in padding. */
  readonly output: Value;
  /** The state after the last real place (backward: after the first), of layer l and direction d at l · directions + d. */
  readonly final: readonly State[];
}

/**
 * Recurrent layers over time-major sequences: x[time, batch, in] → output[time, batch, hidden · directions] and final states. Padding never
 * changes a result: it lies after what the forward direction has read, and the backward direction reads each
 * sequence from its own end. Its parameters are `layers.0.forward.weight`, `layers.0.backward.weight` and so on.
 */
export const recurrent = (
  cell: Cell,
  { in: inputs, hidden, layers = 1, bidirectional = false, dropout: rate = 0 }: RecurrentOptions,
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
      const starts = initial ?? zeroStates(cell, x, { hidden, count: layers * directions });
      if (starts.length !== layers * directions || starts.some((state) => state.length !== cell.states))
        throw usageError(
          `${cell.name}: expected ${layers * directions} initial states of ${cell.states}, received ${starts.length} of ${starts[0]?.length}.`,
        );
      const { training } = own.context;
      let output = x;
      const final: State[] = [];
      own.layers.forEach(({ forward, backward }, l) => {
        const [ahead, back] = starts.slice(l * directions) as [State, State];
        const runs = [run(cell, forward, { x: output, initial: ahead, lengths, training })];
        if (backward)
          runs.push(run(cell, backward, { x: output, initial: back, lengths, reverse: true, training }));
        final.push(...runs.map((r) => r.final));
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

/** Elman network: see `elmanCell` for its equation, `recurrent` for shapes. */
export const elman = ({
  nonlinearity = 'tanh',
  ...options
}: RecurrentOptions & { nonlinearity?: 'tanh' | 'relu' }) => recurrent(elmanCell({ nonlinearity }), options);

/** Long short-term memory: see `lstmCell` for its equations, `recurrent` for shapes. */
export const lstm = ({ forgetBias = 1, ...options }: RecurrentOptions & { forgetBias?: number }) =>
  recurrent(lstmCell({ forgetBias }), options);

/** Gated recurrent unit: see `gruCell` for its equations, `recurrent` for shapes. */
export const gru = (options: RecurrentOptions) => recurrent(gruCell(), options);

/** The same states without the gradient of what led to them: carry them into the next piece of a long sequence (truncated BPTT). */
export const detach = (states: readonly State[]): State[] => states.map((state) => state.map(stopGradient));

function zeroStates(cell: Cell, x: Value, { hidden, count }: { hidden: number; count: number }): State[] {
  const zero = full([x.shape[1]!, hidden], 0);
  return Array.from({ length: count }, () => new Array<Value>(cell.states).fill(zero));
}

interface Run {
  /** [time, batch, in] */
  x: Value;
  initial: State;
  lengths: Value | undefined;
  reverse?: boolean;
  training: boolean;
}

/** One direction of one layer. */
function run(
  cell: Cell,
  own: Readonly<Record<string, Value>>,
  { x, initial, lengths, reverse = false, training }: Run,
): Sequence {
  const whole = training ? undefined : cell.sequence;
  if (!lengths) return (whole ?? looped(cell))(own, x, initial, { reverse });
  // Each sequence is reversed within its own length, so that both directions meet its padding only after its end.
  const turned = (v: Value) => (reverse ? reverseSequence(v, lengths, 0) : v);
  const projected = turned(cell.project(own, x));
  const loop = scan({ carry: initial, inputs: [projected] }, (state, [row]) => {
    const next = cell.step(own, row!, state);
    return { carry: next, outputs: next };
  });
  // The op gives no state but the last; what else is asked of it (nothing, as a rule, and then it is not computed) the loop tells.
  const output = whole ? whole(own, turned(x), initial, { reverse: false }).output : loop.outputs[0]!;
  const some = expandDims(greater(lengths, 0), 1);
  const final = [output, ...loop.outputs.slice(1)].map((all, i) =>
    where(some, lastOverTime(all, lengths, 0), initial[i]!),
  );
  return { output: turned(output), final };
}

const looped =
  (cell: Cell): NonNullable<Cell['sequence']> =>
  (own, x, initial, { reverse }) => {
    const projected = cell.project(own, x);
    const loop = scan({ carry: initial, inputs: [projected], reverse }, (state, [row]) => {
      const next = cell.step(own, row!, state);
      return { carry: next, outputs: [next[0]!] };
    });
    return { output: loop.outputs[0]!, final: loop.carry };
  };
