import { add, matmul, mul, relu, sigmoid, split, sub, tanh } from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { constant, glorotUniform, orthogonal, perGate, zeros } from './initializers.ts';
import { type Module, module, parameter } from './module.ts';

/** What a recurrent layer carries from step to step, each [batch, hidden]: [h], or [h, c] for an LSTM. */
export type State = readonly Value[];

/** One step: x[batch, in] and the state before → the state after; its first value is the output. */
export type CellModule = Module<[x: Value, state: State], State>;

export interface CellSize {
  in: number;
  hidden: number;
}

/** A kind of recurrence. */
export interface Cell {
  readonly name: string;
  /** How many values its state has. */
  readonly states: number;
  readonly create: (size: CellSize) => CellModule;
}

// All gates of a cell share one weight, side by side, so that a step is one product. The input product does not depend on the state:
// `scan` takes it out of the loop.
const weights = (gates: number, { in: inputs, hidden }: CellSize) => ({
  weight: parameter([inputs, gates * hidden], { initial: perGate(gates, glorotUniform) }),
  recurrent: parameter([hidden, gates * hidden], { initial: perGate(gates, orthogonal()) }),
});

/** h′ = tanh(x·weight + h·recurrent + bias), or relu in its place (Elman 1990). weight[in, H], recurrent[H, H], bias[H]. */
export const elmanCell = ({ nonlinearity = 'tanh' as 'tanh' | 'relu' } = {}): Cell => ({
  name: 'elman',
  states: 1,
  create: (size) =>
    module({
      params: { ...weights(1, size), bias: parameter([size.hidden]) },
      apply: ({ weight, recurrent, bias }, x: Value, [h]: State): State => {
        const z = add(add(matmul(x, weight), bias), matmul(h!, recurrent));
        return [nonlinearity === 'relu' ? relu(z) : tanh(z)];
      },
    }),
});

/**
 * c′ = f∘c + i∘g, h′ = o∘tanh(c′), with i, f, o = σ(…) and g = tanh(…) (Hochreiter and Schmidhuber 1997; Gers 2000). Gates stand in
 * PyTorch's order i, f, g, o: weight[in, 4H], recurrent[H, 4H], bias[4H] (the sum of PyTorch's two). The forget gate's bias
 * starts at 1, so that memory is kept until training says otherwise (Jozefowicz et al. 2015).
 */
export const lstmCell = ({ forgetBias = 1 } = {}): Cell => ({
  name: 'lstm',
  states: 2,
  create: (size) =>
    module({
      params: {
        ...weights(4, size),
        bias: parameter([4 * size.hidden], {
          initial: perGate(4, [zeros, constant(forgetBias), zeros, zeros]),
        }),
      },
      apply: ({ weight, recurrent, bias }, x: Value, [h, c]: State): State => {
        const z = add(add(matmul(x, weight), bias), matmul(h!, recurrent));
        const [i, f, g, o] = quarters(z, size.hidden);
        const cell = add(mul(sigmoid(f), c!), mul(sigmoid(i), tanh(g)));
        return [mul(sigmoid(o), tanh(cell)), cell];
      },
    }),
});

/**
 * r, z = σ(…), n = tanh(x·Wₙ + bₙ + r∘(h·Uₙ + recurrentBias)), h′ = n + z∘(h − n) (Cho et al. 2014, in the form of PyTorch and cuDNN,
 * where the reset gate acts after the product). Gates in the order r, z, n: weight[in, 3H], recurrent[H, 3H],
 * bias[3H] (for r and z the sum of PyTorch's two), recurrentBias[H].
 */
export const gruCell = (): Cell => ({
  name: 'gru',
  states: 1,
  create: (size) =>
    module({
      params: {
        ...weights(3, size),
        bias: parameter([3 * size.hidden]),
        recurrentBias: parameter([size.hidden]),
      },
      apply: ({ weight, recurrent, bias, recurrentBias }, x: Value, [h]: State): State => {
        const [xr, xz, xn] = thirds(add(matmul(x, weight), bias), size.hidden);
        const [hr, hz, hn] = thirds(matmul(h!, recurrent), size.hidden);
        const r = sigmoid(add(xr, hr));
        const z = sigmoid(add(xz, hz));
        const n = tanh(add(xn, mul(r, add(hn, recurrentBias))));
        return [add(n, mul(z, sub(h!, n)))];
      },
    }),
});

const quarters = (z: Value, hidden: number) =>
  split(z, 1, [hidden, hidden, hidden, hidden]) as [Value, Value, Value, Value];
const thirds = (z: Value, hidden: number) => split(z, 1, [hidden, hidden, hidden]) as [Value, Value, Value];
