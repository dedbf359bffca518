import { usageError } from '../../core/errors.ts';
import { dimAdd, dimFloorDiv, shapeText } from '../dims.ts';
import { int, ints, type Op } from '../op.ts';
import { sizeOf, tensor } from '../tensor.ts';

export interface MaxPoolAttrs {
  readonly window: number;
  /** From one window to the next. `window`: they lie side by side, and the last one may be shorter; otherwise all are whole. */
  readonly stride: number;
}

/**
 * maxPool(x, window, stride): the largest value of each window of neighbours in time, x[batch, channels, time] → [batch, channels, ⌈time / window⌉], or
 * ⌊(time − window) / stride⌋ + 1 where windows overlap. `simplify` puts it in the place of a maximum over the windows of a reshaped value,
 * of which it is the same numbers: ONNX Runtime joins this kernel to the convolution before it, and its maximum over a last axis of two or three
 * places is many times slower. As it is for prediction, it has no gradient.
 */
export const maxPool: Op<MaxPoolAttrs> = {
  infer([x], { window, stride }) {
    const whole = [window, stride].every((n) => Number.isInteger(n) && n >= 1);
    if (x!.shape.length !== 3 || x!.dtype !== 'float32' || !whole)
      throw usageError(
        `expected x[batch, channels, time], a window and a stride of 1 or more places, received ${shapeText(x!.shape)}, ${window} and ${stride}.`,
      );
    const [batch, channels, time] = x!.shape;
    const count =
      stride === window
        ? dimFloorDiv(dimAdd(time!, window - 1), window)
        : dimAdd(dimFloorDiv(dimAdd(time!, -window), stride), 1);
    return [{ dtype: 'float32', shape: [batch!, channels!, count] }];
  },
  gradient: null,
  lower(c) {
    const { window, stride } = c.attrs;
    const [pooled] = c.emit('MaxPool', [c.picture(c.inputs[0]!)], {
      kernel_shape: ints([1, window]),
      strides: ints([1, stride]),
      ceil_mode: int(Number(stride === window)),
    });
    return [c.line(pooled)];
  },
  evaluate([x], { attrs: { window, stride } }) {
    const [batch, channels, time] = x!.shape as [number, number, number];
    const count = stride === window ? Math.ceil(time / window) : Math.floor((time - window) / stride) + 1;
    const shape = [batch, channels, count];
    const data = new Float64Array(sizeOf(shape));
    for (let i = 0; i < data.length; i++) {
      const row = Math.floor(i / count);
      const at = (i % count) * stride;
      data[i] = Math.max(...x!.data.subarray(row * time + at, row * time + Math.min(time, at + window)));
    }
    return [tensor(shape, data)];
  },
  stack: null,
  examples: [
    { inputs: [[2, 3, 6]], attrs: { window: 2, stride: 2 } },
    { inputs: [[1, 2, 7]], attrs: { window: 3, stride: 3 } },
    { inputs: [[2, 1, 4]], attrs: { window: 5, stride: 5 } },
    { inputs: [[2, 1, 9]], attrs: { window: 4, stride: 2 } },
    { inputs: [[1, 2, 8]], attrs: { window: 2, stride: 3 } },
  ],
};
