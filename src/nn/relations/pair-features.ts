import type { Dim } from '../../graph/dims.ts';
import {
  add,
  cast,
  expandDims,
  gather,
  iota,
  matmul,
  maximum,
  minimum,
  mul,
  relu,
  sigmoid,
  sub,
  transpose,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { normal } from '../initializers.ts';
import { linear } from '../linear.ts';
import { mask } from '../mask.ts';
import { module, parameter } from '../module.ts';
import { layerNorm } from '../normalization.ts';

export interface PairFeaturesOptions {
  /** Width of the features of a place. */
  in: number;
  /** Width of the features of a pair. */
  pair: number;
  /** Offsets up to this are told apart. */
  reach?: number;
}

/** 1 where both places of a pair are real, else 0: [batch, time, time, 1]. */
export function pairMask(lengths: Value, time: Dim): Value {
  const real = cast(mask(lengths, time), 'float32');
  return mul(expandDims(real, 2, 3), expandDims(real, 1, 3));
}

/**
 * Features of every pair of places: what one brings, what the other brings, their product, and how far they are apart (Jumper et al. 2021,
 * supplement, algorithms 3 to 5). x[batch, time, in] → z[batch, time, time, pair], 0 where a place is padding.
 * @example pairFeatures({ in: 64, pair: 32 }) // protein states → a contact map's features
 */
export const pairFeatures = ({ in: inputs, pair, reach = 32 }: PairFeaturesOptions) =>
  module({
    params: {
      left: linear({ in: inputs, out: pair }),
      right: linear({ in: inputs, out: pair, bias: false }),
      leftFactor: linear({ in: inputs, out: pair, bias: false }),
      rightFactor: linear({ in: inputs, out: pair, bias: false }),
      offsets: parameter([2 * reach + 1, pair], { initial: normal(0.02), decay: false }),
    },
    apply: (own, x: Value, lengths: Value): Value => {
      const time = x.shape[1]!;
      const place = iota(time);
      const apart = sub(expandDims(place, 1), expandDims(place, 0));
      const clipped = add(minimum(maximum(apart, -reach), reach), reach);
      const first = (layer: (x: Value) => Value) => expandDims(layer(x), 2);
      const second = (layer: (x: Value) => Value) => expandDims(layer(x), 1);
      const brought = add(first(own.left), second(own.right));
      const joint = mul(first(own.leftFactor), second(own.rightFactor));
      return mul(add(add(brought, joint), gather(own.offsets, clipped)), pairMask(lengths, time));
    },
  });

/**
 * A block on pair features: two triangle updates, in which the pair (i, j) learns from the pairs (i, k) and (j, k), and then from (k, i) and
 * (k, j), of all third places k, and a small network on each pair; each is added to what was there (Jumper et al. 2021, supplement,
 * algorithms 11, 12 and 15). z[batch, time, time, pair] → the same shape, 0 in padding; it takes time³ operations.
 */
export const pairBlock = ({
  pair,
  hidden = pair,
  widen = 4,
}: {
  pair: number;
  hidden?: number;
  widen?: number;
}) =>
  module({
    params: {
      outgoing: triangleUpdate({ pair, hidden, side: 'outgoing' }),
      incoming: triangleUpdate({ pair, hidden, side: 'incoming' }),
      norm: layerNorm({ size: pair }),
      wide: linear({ in: pair, out: widen * pair }),
      narrow: linear({ in: widen * pair, out: pair }),
    },
    apply: (own, z: Value, lengths: Value): Value => {
      const real = pairMask(lengths, z.shape[1]!);
      const out = add(z, own.outgoing(z, real));
      const both = add(out, own.incoming(out, real));
      return mul(add(both, own.narrow(relu(own.wide(own.norm(both))))), real);
    },
  });

interface TriangleOptions {
  pair: number;
  hidden: number;
  /** outgoing: Σₖ a(i, k) b(j, k); incoming: Σₖ a(k, i) b(k, j). */
  side: 'outgoing' | 'incoming';
}

const triangleUpdate = ({ pair, hidden, side }: TriangleOptions) =>
  module({
    params: {
      norm: layerNorm({ size: pair }),
      a: linear({ in: pair, out: hidden }),
      aGate: linear({ in: pair, out: hidden }),
      b: linear({ in: pair, out: hidden }),
      bGate: linear({ in: pair, out: hidden }),
      after: layerNorm({ size: hidden }),
      out: linear({ in: hidden, out: pair }),
      outGate: linear({ in: pair, out: pair }),
    },
    apply: (own, z: Value, real: Value): Value => {
      const x = own.norm(z);
      const edge = (layer: (x: Value) => Value, gate: (x: Value) => Value) =>
        transpose(mul(mul(layer(x), sigmoid(gate(x))), real), [0, 3, 1, 2]);
      const [a, b] = [edge(own.a, own.aGate), edge(own.b, own.bGate)];
      const sums = side === 'outgoing' ? matmul(a, b, { transB: true }) : matmul(a, b, { transA: true });
      return mul(own.out(own.after(transpose(sums, [0, 2, 3, 1]))), sigmoid(own.outGate(x)));
    },
  });
