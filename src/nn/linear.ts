import { add, matmul } from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { glorotUniform, type Initializer } from './initializers.ts';
import { module, parameter } from './module.ts';

export interface LinearOptions {
  in: number;
  out: number;
  bias?: boolean;
  initial?: Initializer;
}

/**
 * x[…, in] · weight[in, out] + bias[out] → […, out]. The weight stands as the product wants it (PyTorch stores its transpose).
 * @example linear({ in: 4, out: 2 }) // x[batch, 4] → [batch, 2]
 */
export const linear = ({ in: inputs, out, bias = true, initial = glorotUniform }: LinearOptions) =>
  module({
    params: {
      weight: parameter([inputs, out], { initial }),
      bias: bias ? parameter([out]) : undefined,
    },
    apply: (own, x: Value) => {
      const y = matmul(x, own.weight);
      return own.bias ? add(y, own.bias) : y;
    },
  });
