import { dimValue } from '../graph/dims.ts';
import { bindSizes } from '../graph/evaluate.ts';
import { simplify } from '../graph/simplify.ts';
import { topological, type Value } from '../graph/value.ts';
import { network } from '../models/network.ts';
import type { ModelSpec } from '../models/spec.ts';
import { initialize } from '../nn/module.ts';
import type { HostTensor } from '../runtime/backend.ts';
import type { ProgramSpec } from '../runtime/program.ts';
import type { FitOptions } from './options.ts';
import { stepProgram } from './step-program.ts';
import { supervised } from './supervised.ts';

/** What a process takes before it has seen a batch, in bytes. */
const base = 300e6;

/**
 * How much ONNX Runtime holds at once, in values that are alive: it frees blocks later than it could and takes them from the system in
 * growing pieces. At a sequence of a million letters it was 0.8 (cnn) to 1.4 (gru) times as much, and up to 1.9 where an evaluation
 * of the same sequence followed.
 */
const slack = 2;

/** Sizes of the named dimensions of a graph, such as batch and time. */
type Sizes = Readonly<Record<string, number>>;

/**
 * An upper estimate of the memory that a step program takes, in bytes, for a batch of given sizes: twice what is alive at once when its graph
 * is computed in order, and what a process takes before it has seen a batch. Any task's step will do.
 * @example stepMemory(step)({ batch: 32, time: 1000 })
 */
export function stepMemory({
  outputs,
  state = {},
}: Pick<ProgramSpec, 'outputs' | 'state'>): (sizes: Sizes) => number {
  const next = Object.values(state).flatMap((s) => (s.next ? [s.next] : []));
  const nodes = topological(simplify([...Object.values(outputs), ...next]));
  return (given) => {
    const sizes = new Map(Object.entries(given));
    const bytes = ({ node, dtype, shape }: Value) =>
      node.op === 'constant'
        ? 0
        : shape.reduce<number>(
            (count, dim) => count * Math.max(0, dimValue(dim, sizes)),
            dtype === 'bool' ? 1 : 4,
          );
    return base + slack * mostAlive(nodes, bytes);
  };
}

/**
 * `stepMemory` of a model with one answer for each sequence, for a batch of so many sequences of so many letters. At a sequence of a million
 * letters the estimate was between 1.4 times (gru) and twice (cnn) what the process took.
 *
 * @example trainingMemory(spec, fitOptions())({ batch: 32, time: 1000 }) // about 0.6e9 for an lstm
 */
export function trainingMemory(
  spec: ModelSpec,
  options: FitOptions,
): (size: { batch: number; time: number }) => number {
  const initial = initialize(network(spec), options.seed);
  const memory = stepMemory(stepProgram(supervised(spec), initial, options));
  return ({ batch, time }) => memory({ batch, time });
}

/** The most bytes that are alive at once when nodes are computed in order and each value goes after its last use. */
function mostAlive(nodes: ReturnType<typeof topological>, bytes: (value: Value) => number): number {
  const lastUse = new Map<Value, number>();
  nodes.forEach(({ inputs }, i) => {
    for (const value of inputs) lastUse.set(value, i);
  });
  let [alive, most] = [0, 0];
  nodes.forEach(({ inputs, outputs }, i) => {
    for (const value of outputs) alive += bytes(value);
    most = Math.max(most, alive);
    for (const value of new Set(inputs)) if (lastUse.get(value) === i) alive -= bytes(value);
  });
  return most;
}

/** What the largest batch of a training takes. */
export interface MemoryEstimate {
  /** In bytes, an upper estimate. */
  readonly needed: number;
  /** The shape of what the batch holds: rows, and how long they are. */
  readonly shape: readonly number[];
  /** How many rows of that length would stay within so many bytes; 0 where not even one does. */
  rowsWithin(limit: number): number;
}

type Feeds = Readonly<Record<string, HostTensor | number>>;

/** The estimate for the largest of some batches, by what they feed. */
export function largestBatch(step: ProgramSpec, batches: Iterable<Feeds>): MemoryEstimate {
  const memory = stepMemory(step);
  let largest: { needed: number; sizes: Sizes; shape: readonly number[] } | undefined;
  for (const { sizes, shape } of undominated(step, batches)) {
    const needed = memory(sizes);
    if (!largest || needed > largest.needed) largest = { needed, sizes, shape };
  }
  const { needed, sizes, shape } = largest ?? { needed: base, sizes: {}, shape: [0] };
  // What does not grow with the batch: parameters, and what the optimiser remembers of them.
  const fixed = memory(Object.fromEntries(Object.keys(sizes).map((name) => [name, 0])));
  const rows = shape[0]!;
  return {
    needed,
    shape,
    rowsWithin: (limit) =>
      Math.max(0, Math.min(rows, Math.floor((rows * (limit - fixed)) / Math.max(1, needed - fixed)))),
  };
}

interface Batch {
  readonly sizes: Sizes;
  readonly shape: readonly number[];
}

/** Batches none of which is smaller than another one in every size. */
function undominated({ inputs }: ProgramSpec, batches: Iterable<Feeds>): Batch[] {
  let kept: Batch[] = [];
  const covers = (a: Sizes, b: Sizes) => Object.keys(b).every((name) => a[name]! >= b[name]!);
  for (const feeds of batches) {
    const sizes = new Map<string, number>();
    let shape: readonly number[] = [1];
    let most = 0;
    for (const [name, value] of Object.entries(inputs)) {
      const fed = feeds[name];
      if (fed === undefined || typeof fed === 'number') continue;
      bindSizes(value, fed.shape, sizes);
      if (fed.data.length > most) [shape, most] = [fed.shape, fed.data.length];
    }
    const own = { sizes: Object.fromEntries(sizes), shape };
    if (kept.some((other) => covers(other.sizes, own.sizes))) continue;
    kept = [...kept.filter((other) => !covers(own.sizes, other.sizes)), own];
  }
  return kept;
}
