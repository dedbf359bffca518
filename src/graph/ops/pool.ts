import { usageError } from '../../core/errors.ts';
import { dimAdd, dimFloorDiv, shapeText } from '../dims.ts';
import { int, ints, type Op } from '../op.ts';
import { sizeOf, tensor } from '../tensor.ts';

/**
 * maxPool(x, window): the largest value of each run of `window` neighbours in time, x[batch, channels, time] → [batch, channels, ⌈time / window⌉]; the
 * last run may be shorter. `simplify` puts it in the place of a maximum over the windows of a reshaped value, of which it is the
 * same numbers: ONNX Runtime joins this kernel to the convolution before it, and its maximum over a last axis of two or three places is many
 * times slower. As it appears only once gradients have been taken, it has none of its own.
 */
export const maxPool: Op<{ window: number }> = {
  infer([x], { window }) {
    if (x!.shape.length !== 3 || x!.dtype !== 'float32' || !(Number.isInteger(window) && window >= 1))
      throw usageError(
        `expected x[batch, channels, time] and a window of 1 or more places, received ${shapeText(x!.shape)} and ${window}.`,
      );
    const [batch, channels, time] = x!.shape;
    return [{ dtype: 'float32', shape: [batch!, channels!, dimFloorDiv(dimAdd(time!, window - 1), window)] }];
  },
  gradient: null,
  lower(c) {
    const { window } = c.attrs;
    const [pooled] = c.emit('MaxPool', [c.picture(c.inputs[0]!)], {
      kernel_shape: ints([1, window]),
      strides: ints([1, window]),
      ceil_mode: int(1),
    });
    return [c.line(pooled)];
  },
  evaluate([x], { attrs: { window } }) {
    const [batch, channels, time] = x!.shape as [number, number, number];
    const shape = [batch, channels, Math.ceil(time / window)];
    const data = new Float64Array(sizeOf(shape));
    for (let i = 0; i < data.length; i++) {
      const row = Math.floor(i / shape[2]!);
      const at = (i % shape[2]!) * window;
      const run = x!.data.subarray(row * time + at, row * time + Math.min(time, at + window));
      data[i] = Math.max(...run);
    }
    return [tensor(shape, data)];
  },
  stack: null,
  examples: [
    { inputs: [[2, 3, 6]], attrs: { window: 2 } },
    { inputs: [[1, 2, 7]], attrs: { window: 3 } },
    { inputs: [[2, 1, 4]], attrs: { window: 5 } },
  ],
};
