import {
  add,
  broadcastTo,
  concat,
  lstm,
  lstmStep,
  matmul,
  mul,
  relu,
  sigmoid,
  split,
  sub,
  tanh,
} from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { constant, glorotUniform, orthogonal, perGate, zeros } from './initializers.ts';
import { type ParameterSpec, parameter } from './module.ts';

/** What a recurrent layer carries from step to step, each [batch, hidden]: [h], or [h, c] for an LSTM. */
export type State = readonly Value[];

export interface CellSize {
  in: number;
  hidden: number;
}

type Specs = Readonly<Record<string, ParameterSpec>>;
type Values<P> = { readonly [K in keyof P]: Value };

/** A kind of recurrence, in two halves: `project` is what a step owes to the input alone, for all steps in one product; `step` is the rest. */
export interface Cell {
  readonly name: string;
  /** How many values its state has. */
  readonly states: number;
  readonly parameters: (size: CellSize) => Specs;
  /** x[time, batch, in] → [time, batch, gates · hidden]. */
  readonly project: (own: Values<Specs>, x: Value) => Value;
  /** One step of the projected input, [batch, gates · hidden], and the state before → the state after; its first value is the output. */
  readonly step: (own: Values<Specs>, projected: Value, state: State) => State;
  /** All steps as one op, where the runtime has one that is faster than a loop: for prediction. x[time, batch, in] → h[time, batch, hidden]. */
  readonly sequence?: (
    own: Values<Specs>,
    x: Value,
    initial: State,
    options: { reverse: boolean },
  ) => Sequence;
}

/** The output of every step, and the state after the last one. */
export interface Sequence {
  readonly output: Value;
  readonly final: State;
}

/** Defines a cell; see `Cell`. The parameters that `project` and `step` receive are typed by `parameters`. */
export const defineCell = <P extends Specs>(cell: {
  readonly name: string;
  readonly states: number;
  readonly parameters: (size: CellSize) => P;
  readonly project: (own: Values<P>, x: Value) => Value;
  readonly step: (own: Values<P>, projected: Value, state: State) => State;
  readonly sequence?: (own: Values<P>, x: Value, initial: State, options: { reverse: boolean }) => Sequence;
}): Cell => cell as unknown as Cell;

// All gates of a cell share one weight, side by side, so that a step is one product.
const weights = (gates: number, { in: inputs, hidden }: CellSize) => ({
  weight: parameter([inputs, gates * hidden], { initial: perGate(gates, glorotUniform) }),
  recurrent: parameter([hidden, gates * hidden], { initial: perGate(gates, orthogonal()) }),
});

const project = ({ weight, bias }: { readonly weight: Value; readonly bias: Value }, x: Value): Value =>
  add(matmul(x, weight), bias);

/** h′ = tanh(x·weight + h·recurrent + bias), or relu in its place (Elman 1990). weight[in, H], recurrent[H, H], bias[H]. */
export const elmanCell = ({ nonlinearity = 'tanh' as 'tanh' | 'relu' } = {}): Cell =>
  defineCell({
    name: 'elman',
    states: 1,
    parameters: (size: CellSize) => ({ ...weights(1, size), bias: parameter([size.hidden]) }),
    project,
    step: ({ recurrent }, projected, [h]) => {
      const z = add(projected, matmul(h!, recurrent));
      return [nonlinearity === 'relu' ? relu(z) : tanh(z)];
    },
  });

/**
 * c′ = f∘c + i∘g, h′ = o∘tanh(c′), with i, f, o = σ(…) and g = tanh(…) (Hochreiter and Schmidhuber 1997; Gers 2000). Gates stand in
 * PyTorch's order i, f, g, o: weight[in, 4H], recurrent[H, 4H], bias[4H] (the sum of PyTorch's two). The forget gate's bias
 * starts at 1, so that memory is kept until training says otherwise (Jozefowicz et al. 2015).
 */
export const lstmCell = ({ forgetBias = 1 } = {}): Cell =>
  defineCell({
    name: 'lstm',
    states: 2,
    parameters: (size: CellSize) => ({
      ...weights(4, size),
      bias: parameter([4 * size.hidden], {
        initial: perGate(4, [zeros, constant(forgetBias), zeros, zeros]),
      }),
    }),
    project,
    step: ({ recurrent }, projected, [h, c]) => {
      const next = lstmStep(add(projected, matmul(h!, recurrent)), c!);
      return [next.h, next.c];
    },
    sequence: (own, x, [h, c], options) => {
      const { all, ...last } = lstm({ ...own, x, h: h!, c: c! }, options);
      return { output: all, final: [last.h, last.c] };
    },
  });

/**
 * r, z = σ(…), n = tanh(x·Wₙ + bₙ + r∘(h·Uₙ + recurrentBias)), h′ = n + z∘(h − n) (Cho et al. 2014, in the form of PyTorch and cuDNN,
 * where the reset gate acts after the product). Gates in the order r, z, n: weight[in, 3H], recurrent[H, 3H],
 * bias[3H] (for r and z the sum of PyTorch's two), recurrentBias[H].
 */
export const gruCell = (): Cell =>
  defineCell({
    name: 'gru',
    states: 1,
    parameters: (size: CellSize) => ({
      ...weights(3, size),
      bias: parameter([3 * size.hidden]),
      recurrentBias: parameter([size.hidden]),
    }),
    project,
    step: ({ recurrent, recurrentBias }, projected, [h]) => {
      const hidden = h!.shape[1] as number;
      const [xrz, xn] = split(projected, -1, [2 * hidden, hidden]);
      // What is added to the product does not depend on the state: put together outside the loop, it costs one addition inside.
      const beside = concat([xrz!, broadcastTo(recurrentBias, h!.shape)], -1);
      const [ar, az, hn] = parts(add(beside, matmul(h!, recurrent)), h!, 3);
      const n = tanh(add(xn!, mul(sigmoid(ar!), hn!)));
      return [add(n, mul(sigmoid(az!), sub(h!, n)))];
    },
  });

/** Equal parts of the last axis, each as wide as `like`. */
const parts = (z: Value, like: Value, count: number): Value[] =>
  split(z, -1, new Array(count).fill(like.shape[like.shape.length - 1]!));
