import { usageError } from '../../core/errors.ts';
import { type Dim, dimAdd, dimFloorDiv, dimMul, dimSub, type Shape } from '../../graph/dims.ts';
import { add, expandDims, full, mul, pad, reshape, scan, slice, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';

export interface LinearRecurrenceOptions {
  /** The state before the first step, of the shape of one step; 0 by default. */
  initial?: Value | undefined;
  /** Steps in a chunk; 0 goes step by step. By default 64, and 0 where one step alone has numbers enough to keep the processor busy. */
  chunk?: number | undefined;
}

// Measured: from about this many numbers a step (a batch of unknown size counted as 4 rows) chunks cost more than they save.
const wideStep = 1024;

function chunkFor(shape: Shape): number {
  const known = shape.map((d) => (typeof d === 'number' ? d : 4));
  return known.reduce((a, b) => a * b, 1) >= wideStep ? 0 : 64;
}

/**
 * h_t = decay_t ∘ h_{t−1} + input_t for all t: decay and input [time, …] of one shape → h[time, …]. Chunks of time run side by side, each
 * from a state of 0, with the product of their decays; then the chunks' ends are joined in order and what came before each chunk is added,
 * shrunk by its product. That takes chunk + time / chunk sequential steps instead of time, and, unlike sums in log space (Heinsen
 * 2023), serves any sign of input and decay and can neither overflow nor cancel.
 */
export function linearRecurrence(
  decay: Value,
  input: Value,
  { initial, chunk = chunkFor(input.shape.slice(1)) }: LinearRecurrenceOptions = {},
): Value {
  if (!Number.isInteger(chunk) || chunk < 0)
    throw usageError(`linearRecurrence: expected a chunk of 0 or more steps, received ${chunk}.`);
  const start = initial ?? full(input.shape.slice(1), 0);
  if (chunk === 0) return stepByStep(decay, input, start);
  const [a, b] = [decay, input].map((x) => sideBySide(x, chunk)) as [Value, Value];
  const lanes = a.shape.slice(1);
  const within = scan(
    { carry: [full(lanes, 0), full(lanes, 1)], inputs: [a, b] },
    ([h, product], [shrink, more]) => {
      const next = [add(mul(shrink!, h!), more!), mul(shrink!, product!)];
      return { carry: next, outputs: next };
    },
  );
  const joined = scan({ carry: [start], inputs: within.carry }, ([before], [end, product]) => ({
    carry: [add(mul(product!, before!), end!)],
    outputs: [before!],
  }));
  const [own, products] = within.outputs as [Value, Value];
  const all = add(own, mul(products, expandDims(joined.outputs[0]!, 0)));
  return inOrder(all, input.shape[0]!);
}

function stepByStep(decay: Value, input: Value, start: Value): Value {
  const { outputs } = scan({ carry: [start], inputs: [decay, input] }, ([h], [shrink, more]) => {
    const next = add(mul(shrink!, h!), more!);
    return { carry: [next], outputs: [next] };
  });
  return outputs[0]!;
}

const swapped = (x: Value): Value => transpose(x, [1, 0, ...x.shape.slice(2).map((_, i) => i + 2)]);

/** [time, …] → [chunk, chunks, …], zeros after the end. */
function sideBySide(x: Value, chunk: number): Value {
  const [time, ...rest] = x.shape as [Dim, ...Dim[]];
  const chunks = dimFloorDiv(dimAdd(time, chunk - 1), chunk);
  const filled = pad(x, 0, 0, dimSub(dimMul(chunks, chunk), time));
  return swapped(reshape(filled, [chunks, chunk, ...rest]));
}

/** [chunk, chunks, …] → [time, …]. */
function inOrder(x: Value, time: Dim): Value {
  const [chunk, chunks, ...rest] = x.shape as [number, Dim, ...Dim[]];
  return slice(reshape(swapped(x), [dimMul(chunks, chunk), ...rest]), 0, 0, time);
}
