import { usageError } from '../core/errors.ts';
import {
  add,
  div,
  erf,
  exp,
  minimum,
  mul,
  relu,
  sigmoid,
  softplus,
  square,
  sub,
  tanh,
} from '../graph/library.ts';
import type { Value } from '../graph/value.ts';

/** x where positive, else slope · x (Maas, Hannun and Ng 2013). */
export const leakyRelu = (x: Value, { slope = 0.01 } = {}): Value => add(relu(x), mul(minimum(x, 0), slope));

/** x where positive, else eˣ − 1 (Clevert, Unterthiner and Hochreiter 2016). */
export const elu = (x: Value): Value => add(relu(x), sub(exp(minimum(x, 0)), 1));

/** x · Φ(x) with the exact normal distribution function (Hendrycks and Gimpel 2016). */
export const gelu = (x: Value): Value => mul(x, mul(add(erf(div(x, Math.SQRT2)), 1), 0.5));

/** The approximation of `gelu` by tanh that GPT-2 and BERT's first code used. */
export const geluTanh = (x: Value): Value => {
  const inner = mul(x, add(mul(square(x), 0.044715), 1));
  return mul(x, mul(add(tanh(mul(inner, Math.sqrt(2 / Math.PI))), 1), 0.5));
};

/** x · σ(x), also called swish (Elfwing 2018; Ramachandran 2017). */
export const silu = (x: Value): Value => mul(x, sigmoid(x));

/** Activations by the names that configurations use. */
export const activations = {
  none: (x: Value): Value => x,
  relu,
  leakyRelu: (x: Value): Value => leakyRelu(x),
  elu,
  gelu,
  geluTanh,
  silu,
  swish: silu,
  tanh,
  sigmoid,
  softplus,
  exp,
} as const satisfies Record<string, (x: Value) => Value>;

export type ActivationName = keyof typeof activations;

/** The activation called `name`; throws a usage error that lists the known ones. */
export function activation(name: string): (x: Value) => Value {
  if (!Object.hasOwn(activations, name))
    throw usageError(`There is no activation "${name}"; choose ${Object.keys(activations).join(', ')}.`);
  return activations[name as ActivationName];
}
