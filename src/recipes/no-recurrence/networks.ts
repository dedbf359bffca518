import { add, matmul, mul, sigmoid, split, sub, tanh, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { SequenceInputs } from '../../models/architectures/index.ts';
import type { CustomNetwork } from '../../models/custom-network.ts';
import { type Cell, elmanCell, gruCell, lstmCell } from '../../nn/cells.ts';
import { oneHotInput } from '../../nn/input.ts';
import { linear } from '../../nn/linear.ts';
import { zeroPadding } from '../../nn/mask.ts';
import { type Module, module } from '../../nn/module.ts';
import { meanOverTime } from '../../nn/pooling.ts';
import { withoutRecurrence } from '../../nn/recurrence/without-recurrence.ts';
import { recurrent } from '../../nn/recurrent.ts';

export const cellNames = ['elman', 'lstm', 'gru'] as const;
export type CellName = (typeof cellNames)[number];

const cells: Record<CellName, Cell> = { elman: elmanCell(), lstm: lstmCell(), gru: gruCell() };

/** `hidden`: the gates no longer see the state (W_hh = 0), yet an LSTM keeps its cell; `all`: each step starts from nothing. */
export type Recurrence = 'on' | 'hidden' | 'all';

type Own = Readonly<Record<string, Value>>;

/** What a cell gives for one position by itself, from its weights: the formulas with a state of 0, without a loop. */
const alone: Record<CellName, (own: Own, x: Value, hidden: number) => Value> = {
  elman: ({ weight, bias }, x) => tanh(add(matmul(x, weight!), bias!)),
  lstm({ weight, bias }, x, hidden) {
    const [i, , g, o] = parts(add(matmul(x, weight!), bias!), 4, hidden);
    return mul(sigmoid(o!), tanh(mul(sigmoid(i!), tanh(g!))));
  },
  gru({ weight, bias, recurrentBias }, x, hidden) {
    const [r, z, n] = parts(add(matmul(x, weight!), bias!), 3, hidden);
    return mul(sub(1, sigmoid(z!)), tanh(add(n!, mul(sigmoid(r!), recurrentBias!))));
  },
};

const parts = (x: Value, count: number, hidden: number) =>
  split(x, -1, new Array<number>(count).fill(hidden));

interface Shape {
  readonly inputs: number;
  readonly hidden: number;
}

/** A position-wise network with the parameters of `recurrent`: x[time, batch, in] → [time, batch, hidden]. */
export const positionWise = (cell: CellName, { inputs, hidden }: Shape): Module<[Value], Value> =>
  module({
    params: { layers: [{ forward: cells[cell].parameters({ in: inputs, hidden }) }] },
    apply: (own, x: Value) => alone[cell](own.layers[0]!.forward as Own, x, hidden),
  });

/** The recurrent layer with its recurrence on or off. */
const layerOf = (cell: CellName, recurrence: Recurrence, { inputs, hidden }: Shape) => {
  const kept = cells[cell];
  const changed = recurrence === 'on' ? kept : withoutRecurrence(kept, { of: recurrence });
  return recurrent(changed, { in: inputs, hidden });
};

/**
 * Letters → recurrent layer → mean over positions → classes. With the recurrence off this is a bag of letters. Parameters are called as
 * those of the architectures `lstm` and `gru` with pool `mean`.
 */
export const classifier =
  (cell: CellName, recurrence: Recurrence, hidden: number): CustomNetwork =>
  ({ alphabet, outputs }) =>
    module({
      params: {
        body: module({
          params: { recurrent: layerOf(cell, recurrence, { inputs: alphabet.size, hidden }) },
          apply: ({ recurrent }, x: Value, lengths: Value) =>
            meanOverTime(recurrent(x, { lengths }).output, lengths, 0),
        }),
        readout: module({
          params: { head: linear({ in: hidden, out: outputs }) },
          apply: ({ head }, features: Value) => head(features),
        }),
      },
      apply: ({ body, readout }, { tokens, lengths }: SequenceInputs) =>
        readout(body(transpose(oneHotInput(tokens, alphabet), [1, 0, 2]), lengths)),
    });

/** The layer as a loop, and the position-wise network: x[time, batch, in], lengths[batch] → [time, batch, hidden], 0 in padding. */
export const bothWays = (cell: CellName, recurrence: Recurrence, shape: Shape) => ({
  looped: module({
    params: { recurrent: layerOf(cell, recurrence, shape) },
    apply: (own, x: Value, lengths: Value) => own.recurrent(x, { lengths }).output,
  }),
  alone: module({
    params: { recurrent: positionWise(cell, shape) },
    apply: (own, x: Value, lengths: Value) => zeroPadding(own.recurrent(x), lengths, 0),
  }),
});
