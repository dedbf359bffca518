import { backprop, type Seed } from './backprop.ts';
import * as g from './functions.ts';
import type { GradientContext } from './op.ts';
import type { LstmAttrs } from './ops/lstm.ts';
import { scan } from './scan.ts';
import type { Value } from './value.ts';

/** Values of one LSTM layer; gates side by side in the order i, f, g, o (Hochreiter and Schmidhuber 1997; Gers 2000). */
export interface LstmValues {
  /** [time, batch, in] */
  readonly x: Value;
  /** [in, 4H] */
  readonly weight: Value;
  /** [H, 4H] */
  readonly recurrent: Value;
  /** [4H] */
  readonly bias: Value;
  /** The state before the first step, each [batch, H]. */
  readonly h: Value;
  readonly c: Value;
}

/**
 * A whole LSTM layer as one op: all h[time, batch, H], and the state after the last step. Faster than a scan of `lstmStep` where no gradient is
 * wanted, and equal to it.
 */
export function lstm({ x, weight, recurrent, bias, h, c }: LstmValues, { reverse = false } = {}) {
  const [all, lastH, lastC] = g.apply('lstm', [x, weight, recurrent, bias, h, c], { reverse }) as [
    Value,
    Value,
    Value,
  ];
  return { all, h: lastH, c: lastC };
}

/** One step from z = x·weight + h·recurrent + bias, [batch, 4H], and c: c′ = σ(f)∘c + σ(i)∘tanh(g), h′ = σ(o)∘tanh(c′). */
export function lstmStep(z: Value, c: Value): { h: Value; c: Value } {
  const hidden = c.shape[c.shape.length - 1]!;
  const [i, f, candidate, o] = g.split(z, -1, [hidden, hidden, hidden, hidden]) as [
    Value,
    Value,
    Value,
    Value,
  ];
  const next = g.add(g.mul(g.sigmoid(f), c), g.mul(g.sigmoid(i), g.tanh(candidate)));
  return { h: g.mul(g.sigmoid(o), g.tanh(next)), c: next };
}

/** The gradient of the op: that of the scan which it stands for. */
export function lstmGradient(context: GradientContext<LstmAttrs>): (Value | null)[] {
  const [x, weight, recurrent, bias, h, c] = context.inputs as [Value, Value, Value, Value, Value, Value];
  const loop = scan(
    { carry: [h, c], inputs: [g.add(g.matmul(x, weight), bias)], reverse: context.attrs.reverse },
    ([before, cell], [projected]) => {
      const next = lstmStep(g.add(projected!, g.matmul(before!, recurrent)), cell!);
      return { carry: [next.h, next.c], outputs: [next.h] };
    },
  );
  const outputs = [loop.outputs[0]!, ...loop.carry];
  const seeds = outputs.flatMap((v, i): Seed[] => {
    const cotangent = context.cotangents[i];
    return cotangent ? [[v, cotangent]] : [];
  });
  return backprop(context.g, seeds, context.inputs, { leaves: true });
}
