import {
  add,
  broadcastTo,
  concat,
  exp,
  matmul,
  mul,
  neg,
  sigmoid,
  softplus,
  split,
  sqrt,
  square,
  sub,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type Cell, type CellSize, defineCell } from '../cells.ts';
import { glorotUniform, type Initializer, perGate } from '../initializers.ts';
import { type ParameterSpec, parameter } from '../module.ts';

type Specs = Readonly<Record<string, ParameterSpec>>;
type Values<P> = { readonly [K in keyof P]: Value };

/** A recurrence h_t = decay_t ∘ h_{t−1} + input_t whose two coefficients depend on x_t alone, so that it can run in parallel over time. */
export interface LinearCell {
  readonly name: string;
  readonly parameters: (size: CellSize) => Specs;
  /** x[time, batch, in] → both [time, batch, hidden]. */
  readonly coefficients: (own: Values<Specs>, x: Value) => { decay: Value; input: Value };
}

const defineLinearCell = <P extends Specs>(cell: {
  readonly name: string;
  readonly parameters: (size: CellSize) => P;
  readonly coefficients: (own: Values<P>, x: Value) => { decay: Value; input: Value };
}): LinearCell => cell as unknown as LinearCell;

const gated = (gates: number, { in: inputs, hidden }: CellSize) => ({
  weight: parameter([inputs, gates * hidden], { initial: perGate(gates, glorotUniform) }),
  bias: parameter([gates * hidden]),
});

const gatesOf = ({ weight, bias }: { weight: Value; bias: Value }, x: Value, count: number): Value[] => {
  const hidden = (bias.shape[0] as number) / count;
  return split(add(matmul(x, weight), bias), -1, new Array<number>(count).fill(hidden));
};

/**
 * Minimal GRU (Feng et al. 2024): z = σ(x·W_z + b_z), h̃ = x·W_h + b_h, h′ = (1 − z)∘h + z∘h̃. No gate looks at the state. Gates in the
 * order z, h̃: weight[in, 2H], bias[2H].
 */
export const minGruCell = (): LinearCell =>
  defineLinearCell({
    name: 'minGru',
    parameters: (size: CellSize) => gated(2, size),
    coefficients: (own, x) => {
      const [z, candidate] = gatesOf(own, x, 2);
      return { decay: sigmoid(neg(z!)), input: mul(sigmoid(z!), candidate!) };
    },
  });

/**
 * Minimal LSTM (Feng et al. 2024): f and i = σ(…) divided by their sum, h′ = f∘h + i∘h̃. Gates in the order f, i, h̃: weight[in, 3H],
 * bias[3H].
 */
export const minLstmCell = (): LinearCell =>
  defineLinearCell({
    name: 'minLstm',
    parameters: (size: CellSize) => gated(3, size),
    coefficients: (own, x) => {
      const [f, i, candidate] = gatesOf(own, x, 3);
      // σ(f) / (σ(f) + σ(i)) = σ(log σ(f) − log σ(i)), which never divides 0 by 0.
      const odds = sub(softplus(neg(i!)), softplus(neg(f!)));
      return { decay: sigmoid(odds), input: mul(sigmoid(neg(odds)), candidate!) };
    },
  });

/**
 * Diagonal linear recurrence (after Orvieto et al. 2023, with real decays): h′ = a∘h + √(1 − a²)∘(x·weight + bias), a = exp(−exp(rate)),
 * one for each unit. They start with memories from `shortest` to `longest` steps, evenly on a logarithmic scale.
 * weight[in, H], bias[H], rate[H].
 */
export const diagonalCell = ({ shortest = 2, longest = 1000 } = {}): LinearCell =>
  defineLinearCell({
    name: 'diagonal',
    parameters: (size: CellSize) => ({
      ...gated(1, size),
      rate: parameter([size.hidden], { initial: logRates(shortest, longest), decay: false }),
    }),
    coefficients: ({ weight, bias, rate }, x) => {
      const seen = add(matmul(x, weight), bias);
      const decay = exp(neg(exp(rate)));
      const scale = sqrt(sub(1, square(decay)));
      return { decay: broadcastTo(decay, seen.shape), input: mul(scale, seen) };
    },
  });

const logRates = (shortest: number, longest: number): Initializer => ({
  name: `logRates(${shortest}, ${longest})`,
  fill: ([count]) =>
    Float64Array.from(
      { length: count! },
      (_, i) => -Math.log(shortest * (longest / shortest) ** (i / Math.max(1, count! - 1))),
    ),
});

/** The same recurrence as a `Cell`: step by step, for `recurrent` and for streams. */
export const cellOf = ({ name, parameters, coefficients }: LinearCell): Cell =>
  defineCell({
    name,
    states: 1,
    parameters,
    project: (own, x) => {
      const { decay, input } = coefficients(own, x);
      return concat([decay, input], -1);
    },
    step: (_, projected, [h]) => {
      const hidden = h!.shape[h!.shape.length - 1]!;
      const [decay, input] = split(projected, -1, [hidden, hidden]);
      return [add(mul(decay!, h!), input!)];
    },
  });
