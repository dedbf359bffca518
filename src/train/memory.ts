import { dimValue } from '../graph/dims.ts';
import { simplify } from '../graph/simplify.ts';
import { topological, type Value } from '../graph/value.ts';
import { network } from '../models/network.ts';
import type { ModelSpec } from '../models/spec.ts';
import { initialize } from '../nn/module.ts';
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

/**
 * An upper estimate of the memory that training takes, in bytes, for a batch of so many sequences of so many letters: twice what is
 * alive at once when the step's graph is computed in order. At a sequence of a million letters the estimate was between 1.4 times (gru)
 * and twice (cnn) what the process took.
 *
 * @example trainingMemory(spec, fitOptions())({ batch: 32, time: 1000 }) // about 0.6e9 for an lstm
 */
export function trainingMemory(
  spec: ModelSpec,
  options: FitOptions,
): (size: { batch: number; time: number }) => number {
  const initial = initialize(network(spec), options.seed);
  const { outputs, state = {} } = stepProgram(supervised(spec), initial, options);
  const next = Object.values(state).flatMap((s) => (s.next ? [s.next] : []));
  const nodes = topological(simplify([...Object.values(outputs), ...next]));
  return ({ batch, time }) => {
    const sizes = new Map<string, number>([
      ['batch', batch],
      ['time', time],
    ]);
    const bytes = ({ node, dtype, shape }: Value) =>
      node.op === 'constant'
        ? 0
        : shape.reduce<number>((count, dim) => count * dimValue(dim, sizes), dtype === 'bool' ? 1 : 4);
    return base + slack * mostAlive(nodes, bytes);
  };
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
