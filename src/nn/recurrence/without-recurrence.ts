import { full } from '../../graph/library.ts';
import type { Cell } from '../cells.ts';

/**
 * The same cell with its recurrence switched off: every step starts from a state of 0, so that the layer is a position-wise network. The
 * parameters keep their names and shapes: weights of the trained layer serve its ablation. `of: 'hidden'` forgets only
 * what the gates see (as a recurrent weight of 0 would) and leaves an LSTM its cell.
 * @example recurrent(withoutRecurrence(lstmCell()), { in: 4, hidden: 32 })
 */
export const withoutRecurrence = (cell: Cell, { of = 'all' as 'all' | 'hidden' } = {}): Cell => {
  const { name, states, parameters, project } = cell;
  return {
    name: `${name} without recurrence`,
    states,
    parameters,
    project,
    step: (own, projected, state) =>
      cell.step(
        own,
        projected,
        state.map((v, i) => (of === 'all' || i === 0 ? full(v.shape, 0) : v)),
      ),
  };
};
