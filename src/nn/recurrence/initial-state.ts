import type { Dim } from '../../graph/dims.ts';
import { broadcastTo, expandDims, gather, split, tanh } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { State } from '../cells.ts';
import { normal, zeros } from '../initializers.ts';
import { linear } from '../linear.ts';
import { module, parameter } from '../module.ts';

/** Which states a recurrent layer starts from: `count` is layers · directions, `states` those of its cell (an LSTM has 2). */
export interface StateSize {
  hidden: number;
  states?: number;
  count?: number;
}

const widthOf = ({ hidden, states = 1, count = 1 }: StateSize): number => hidden * states * count;

/** Numbers [batch, count · states · hidden] as the `initial` of a recurrent layer. */
function asStates(x: Value, { hidden, states = 1, count = 1 }: StateSize): State[] {
  const parts = split(x, 1, new Array<number>(states * count).fill(hidden));
  return Array.from({ length: count }, (_, i) => parts.slice(i * states, (i + 1) * states));
}

/** A trained start, the same for every sequence: the number of sequences → `initial` of a recurrent layer. */
export const learnedState = (size: StateSize) =>
  module({
    params: { state: parameter([widthOf(size)], { initial: zeros }) },
    apply: ({ state }, batch: Dim): State[] =>
      asStates(broadcastTo(expandDims(state, 0), [batch, widthOf(size)]), size),
  });

/** A trained start for each class: int32 classes[batch] → `initial` of a recurrent layer. */
export const classState = ({ classes, ...size }: StateSize & { classes: number }) =>
  module({
    params: { states: parameter([classes, widthOf(size)], { initial: normal(0.1), decay: false }) },
    apply: ({ states }, labels: Value): State[] => asStates(gather(states, labels), size),
  });

/** A start that is read off a vector of context, tanh(x · weight + bias): x[batch, in] → `initial` of a recurrent layer. */
export const encodedState = ({ in: inputs, ...size }: StateSize & { in: number }) =>
  module({
    params: { encode: linear({ in: inputs, out: widthOf(size) }) },
    apply: (own, x: Value): State[] => asStates(tanh(own.encode(x)), size),
  });
