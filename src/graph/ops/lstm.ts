import { usageError } from '../../core/errors.ts';
import type { Dim } from '../dims.ts';
import { int, type LowerContext, type Op, text } from '../op.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { type Type, typeText, type Value } from '../value.ts';

export interface LstmAttrs {
  /** From the last step to the first. */
  readonly reverse: boolean;
}

/**
 * lstm(x[T, B, in], weight[in, 4H], recurrent[H, 4H], bias[4H], h[B, H], c[B, H]) → all h[T, B, H], and the last h and c: a whole layer, gates
 * side by side in the order i, f, g, o. One op, because ONNX Runtime runs it faster than a loop where nobody asks for the gates; its gradient is
 * that of the loop that it stands for.
 */
export const lstm: Op<LstmAttrs> = {
  infer(inputs) {
    const [x, weight, recurrent, bias, h, c] = inputs as Value[];
    const [time, batch, width] = x!.shape as [Dim, Dim, Dim];
    const hidden = recurrent!.shape[0]!;
    const gates = typeof hidden === 'number' ? 4 * hidden : Number.NaN;
    const expected: (readonly Dim[])[] = [
      [time, batch, width],
      ...[[width, gates], [hidden, gates], [gates], [batch, hidden], [batch, hidden]],
    ];
    const fits = [x, weight, recurrent, bias, h, c].every(
      (v, i) => v!.dtype === 'float32' && v!.shape.join() === expected[i]!.join(),
    );
    if (!fits)
      throw usageError(
        `expected x[T, B, in], weight[in, 4H], recurrent[H, 4H], bias[4H], h[B, H] and c[B, H], received ${inputs.map(typeText).join(', ')}.`,
      );
    const state: Type = { dtype: 'float32', shape: [batch, hidden] };
    return [{ dtype: 'float32', shape: [time, batch, hidden] }, state, state];
  },
  gradient: (context) => context.g.lstmGradient(context),
  lower(c) {
    const [x, weight, recurrent, bias, h, cell] = c.inputs as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const hidden = c.node.inputs[2]!.shape[0] as number;
    const [both] = c.emit(
      'Concat',
      [onnxOrder(c, bias, 0, hidden), c.constant('float32', [4 * hidden], new Float32Array(4 * hidden))],
      { axis: int(0) },
    );
    const leading = (name: string) => c.emit('Unsqueeze', [name, c.constant('int64', [1], [0])])[0];
    const matrix = (name: string) => {
      const [rows] = c.emit('Transpose', [onnxOrder(c, name, 1, hidden)]);
      return leading(rows);
    };
    const [all, lastH, lastC] = c.emit(
      'LSTM',
      [x, matrix(weight), matrix(recurrent), leading(both), '', leading(h), leading(cell)],
      { hidden_size: int(hidden), direction: text(c.attrs.reverse ? 'reverse' : 'forward') },
      { outputs: 3 },
    ) as [string, string, string];
    const without = (name: string, axis: number) =>
      c.emit('Squeeze', [name, c.constant('int64', [1], [axis])])[0];
    return [without(all, 1), without(lastH, 0), without(lastC, 0)];
  },
  evaluate(inputs, { attrs: { reverse } }) {
    const [x, weight, recurrent, bias, h0, c0] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
    const [time, batch, width] = x.shape as [number, number, number];
    const hidden = recurrent.shape[0]!;
    const h = Float64Array.from(h0.data);
    const c = Float64Array.from(c0.data);
    const all = new Float64Array(time * batch * hidden);
    const z = new Float64Array(4 * hidden);
    for (let k = 0; k < time; k++) {
      const t = reverse ? time - 1 - k : k;
      for (let b = 0; b < batch; b++) {
        z.set(bias.data);
        multiply(z, x.data.subarray((t * batch + b) * width, (t * batch + b + 1) * width), weight.data);
        multiply(z, h.subarray(b * hidden, (b + 1) * hidden), recurrent.data);
        for (let j = 0; j < hidden; j++) {
          const [i, f, g, o] = [0, 1, 2, 3].map((gate) => z[gate * hidden + j]!) as [
            number,
            number,
            number,
            number,
          ];
          const at = b * hidden + j;
          c[at] = logistic(f) * c[at]! + logistic(i) * Math.tanh(g);
          h[at] = logistic(o) * Math.tanh(c[at]!);
        }
      }
      all.set(h, t * batch * hidden);
    }
    return [tensor([time, batch, hidden], all), tensor(h0.shape, h), tensor(c0.shape, c)];
  },
  stack: null,
  examples: [
    { inputs: [[4, 2, 3], [3, 8], [2, 8], [8], [2, 2], [2, 2]], attrs: { reverse: false } },
    { inputs: [[3, 1, 2], [2, 12], [3, 12], [12], [1, 3], [1, 3]], attrs: { reverse: true } },
  ],
};

/** Our gates i, f, g, o along an axis in ONNX' order i, o, f, g. */
function onnxOrder(c: LowerContext<LstmAttrs>, name: string, axis: number, hidden: number): string {
  const sizes = c.constant('int64', [4], new Array(4).fill(hidden));
  const [i, f, g, o] = c.emit('Split', [name, sizes], { axis: int(axis) }, { outputs: 4 }) as string[];
  return c.emit('Concat', [i!, o!, f!, g!], { axis: int(axis) })[0];
}

/** z += row · matrix */
function multiply(z: Float64Array, row: Float64Array, matrix: Float64Array): void {
  row.forEach((v, k) => {
    for (let j = 0; j < z.length; j++) z[j]! += v * matrix[k * z.length + j]!;
  });
}

const logistic = (v: number): number => 1 / (1 + Math.exp(-v));
