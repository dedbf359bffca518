import { usageError } from '../../core/errors.ts';
import type { Dim } from '../dims.ts';
import { type Example, int, ints, type Op } from '../op.ts';
import { sizeOf, type Tensor, tensor } from '../tensor.ts';
import { addOutput, type Node, type Value } from '../value.ts';

/**
 * A loop over the leading (time) axis. The node's inputs are: the initial carries, the per-step inputs (each with a
 * leading time axis), then the values captured from outside, which the body uses by reference. Its outputs are the final carries, then
 * the stacked per-step outputs.
 */
export interface ScanAttrs {
  readonly carries: number;
  readonly steps: number;
  /** From the last step to the first. */
  readonly reverse: boolean;
  readonly time: Dim;
  /** Everything stays in the loop, and the gradient computes each step anew instead of keeping what the step computed. */
  readonly rematerialize?: boolean;
  /** Stand-ins for the carries, then for one step of each per-step input. */
  readonly parameters: readonly Value[];
  /** The next carries, then the per-step outputs. */
  readonly results: Value[];
}

export const scanAttrs = (node: Node): ScanAttrs => node.attrs;

/**
 * Makes a scan also return `value` (computed in its body) at every step. The existing outputs are not affected, and a program that
 * does not use the new one does not compute it.
 */
export function appendOutput(node: Node, value: Value): Value {
  const { results, carries, time } = scanAttrs(node);
  const known = results.indexOf(value, carries);
  if (known >= 0) return node.outputs[known]!;
  results.push(value);
  return addOutput(node, { dtype: value.dtype, shape: [time, ...value.shape] });
}

export const scan: Op<ScanAttrs> = {
  infer(inputs, { carries, steps, time, parameters, results }) {
    for (let i = 0; i < carries; i++) {
      const [initial, next] = [inputs[i]!, results[i]!];
      if (next.dtype !== initial.dtype || next.shape.join() !== initial.shape.join())
        throw usageError(
          `expected carry ${i} to keep its type ${initial.dtype}[${initial.shape.join(', ')}], received ${next.dtype}[${next.shape.join(', ')}] from the body.`,
        );
    }
    if (parameters.length !== carries + steps)
      throw usageError('expected one parameter for each carry and per-step input.');
    return results.map(({ dtype, shape }, i) => ({ dtype, shape: i < carries ? shape : [time, ...shape] }));
  },
  gradient: (context) => context.g.scanGradient(context),
  lower(c) {
    const { carries, steps, reverse, parameters, results } = c.attrs;
    const outputs = results.length - carries;
    const direction = Number(reverse);
    return c.emit(
      'Scan',
      c.inputs.slice(0, carries + steps),
      {
        body: { kind: 'graph', value: c.body(parameters, results) },
        num_scan_inputs: int(steps),
        ...(steps > 0 && { scan_input_directions: ints(new Array(steps).fill(direction)) }),
        ...(outputs > 0 && { scan_output_directions: ints(new Array(outputs).fill(direction)) }),
      },
      { outputs: results.length },
    );
  },
  evaluate(inputs, { attrs, body, sizes }) {
    const { carries, steps, reverse, parameters, results, time } = attrs;
    const [length] = sizes([time]) as [number];
    let carry = inputs.slice(0, carries);
    const rows: Tensor[][] = new Array(length);
    for (let i = 0; i < length; i++) {
      const t = reverse ? length - 1 - i : i;
      const step = inputs.slice(carries, carries + steps).map((x) => rowOf(x, t));
      const values = body(parameters, [...carry, ...step], results);
      carry = values.slice(0, carries);
      rows[t] = values.slice(carries);
    }
    const stacked = results.slice(carries).map(({ shape }, j) => stackRows(rows, j, sizes(shape)));
    return [...carry, ...stacked];
  },
  stack: null,
  // A scan is tested through the functions that build one (scan.test.ts): an example would need a body.
  examples: [] as Example<ScanAttrs>[],
};

function rowOf(x: Tensor, t: number): Tensor {
  const shape = x.shape.slice(1);
  const size = sizeOf(shape);
  return tensor(shape, x.data.slice(t * size, (t + 1) * size));
}

function stackRows(rows: Tensor[][], column: number, shape: number[]): Tensor {
  const size = sizeOf(shape);
  const data = new Float64Array(rows.length * size);
  rows.forEach((row, t) => {
    data.set(row[column]!.data, t * size);
  });
  return tensor([rows.length, ...shape], data);
}
