import { mul } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { activation, silu } from '../activations.ts';
import { dropout as dropLayer } from '../dropout.ts';
import { linear } from '../linear.ts';
import { module } from '../module.ts';

export interface FeedForwardOptions {
  size: number;
  /** Width between the two products; 4 · size by default, for SwiGLU ⅔ of it, which costs the same. */
  hidden?: number | undefined;
  activation?: 'gelu' | 'geluTanh' | 'relu' | 'silu' | 'swiglu';
  dropout?: number;
}

/**
 * The position-wise network of a transformer: x[…, size] → activation(x · inner) · outer → […, size]; for `swiglu`
 * (silu(x · inner) ∘ (x · gate)) · outer, without biases (Shazeer 2020). In training, numbers between the two products are dropped.
 */
export function feedForward({
  size,
  activation: name = 'gelu',
  hidden = name === 'swiglu' ? Math.ceil((8 * size) / 3) : 4 * size,
  dropout = 0,
}: FeedForwardOptions) {
  const gated = name === 'swiglu';
  const bias = !gated;
  const act = name === 'swiglu' ? silu : activation(name);
  return module({
    params: {
      inner: linear({ in: size, out: hidden, bias }),
      gate: gated ? linear({ in: size, out: hidden, bias }) : undefined,
      outer: linear({ in: hidden, out: size, bias }),
      drop: dropLayer({ rate: dropout }),
    },
    apply: (own, x: Value): Value => {
      const open = act(own.inner(x));
      return own.outer(own.drop(own.gate ? mul(open, own.gate(x)) : open));
    },
  });
}
