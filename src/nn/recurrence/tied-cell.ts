import { add, matmul, mul, sigmoid, split, sub } from '../../graph/library.ts';
import { type Cell, type CellSize, defineCell } from '../cells.ts';
import { glorotUniform, orthogonal, perGate } from '../initializers.ts';
import { parameter } from '../module.ts';

/**
 * An LSTM with tied gates and a logistic candidate: c′ = f∘c + (1 − f)∘g with f and g = σ(…), so that a cell that starts within [0, 1] (as
 * zero does) is an average of numbers there and stays there: a smoothed fraction, f its smoothing factor. h′ = o∘c′, or c′ itself
 * without an output gate. Gates in the order f, g, o: weight[in, 3H], recurrent[H, 3H], bias[3H] (2H each without o).
 * After the coupled gates of Greff et al. (2017).
 */
export const tiedCell = ({ outputGate = true } = {}): Cell => {
  const gates = outputGate ? 3 : 2;
  return defineCell({
    name: 'tied',
    states: 2,
    parameters: ({ in: inputs, hidden }: CellSize) => ({
      weight: parameter([inputs, gates * hidden], { initial: perGate(gates, glorotUniform) }),
      recurrent: parameter([hidden, gates * hidden], { initial: perGate(gates, orthogonal()) }),
      bias: parameter([gates * hidden]),
    }),
    project: ({ weight, bias }, x) => add(matmul(x, weight), bias),
    step: ({ recurrent }, projected, [h, c]) => {
      const width = h!.shape[h!.shape.length - 1]!;
      const parts = split(add(projected, matmul(h!, recurrent)), -1, new Array(gates).fill(width));
      const [keep, candidate] = [sigmoid(parts[0]!), sigmoid(parts[1]!)];
      const cell = add(candidate, mul(keep, sub(c!, candidate)));
      return [parts[2] ? mul(sigmoid(parts[2]), cell) : cell, cell];
    },
  });
};
