import { network } from '../../models/network.ts';
import { initialize } from '../../nn/module.ts';
import type { Device } from '../../runtime/compile.ts';
import { compile } from '../../runtime/compile.ts';
import { batchFeeder } from '../../train/batch-feed.ts';
import { trainingMemory } from '../../train/memory.ts';
import type { ModelDefinition } from '../../train/model-spec.ts';
import { modelSpec } from '../../train/model-spec.ts';
import { fitOptions } from '../../train/options.ts';
import { stepProgram } from '../../train/step-program.ts';
import { supervised } from '../../train/supervised.ts';
import { peakOf } from './peak-memory.ts';
import { markedSequences } from './task.ts';

/** What a training step takes on one sequence of a length. */
export interface Cost {
  readonly length: number;
  /** Of the processor: on one thread the time that passes, but for what other programs take away. */
  readonly seconds: number;
  /** An upper estimate from the graph, in bytes, above what a process takes anyway. */
  readonly estimate: number;
  /** How far the process's memory rose, in bytes, where the system tells. */
  readonly measured: number | undefined;
}

export interface CostOptions {
  readonly lengths: readonly number[];
  /** No step that is expected to take more bytes, or more seconds than `patience`, is begun. */
  readonly bytes: number;
  readonly patience: number;
  /** Runs at a length go on, up to three, while they are expected to take no more than so many seconds together; `patience` by default. */
  readonly repeating?: number;
  readonly device: Device;
  readonly signal?: AbortSignal | undefined;
}

/** Runs at each length: the first only warms up, and the quickest of the others counts, since what else the machine does only adds. */
const runs = 3;

/**
 * Time and memory of a whole training step (forward, backward, update) on one sequence, by its length, on one thread. Stops where memory
 * or time would pass their limits.
 */
export async function costsOf(
  definition: ModelDefinition,
  { lengths, bytes, patience, repeating = patience, device, signal }: CostOptions,
): Promise<Cost[]> {
  const sequences = markedSequences(
    lengths.map((length) => ({ length, count: 1 })),
    1,
  );
  const spec = modelSpec(sequences, definition);
  const options = fitOptions({});
  const memory = trainingMemory(spec, options);
  const alone = memory({ batch: 1, time: 1 });
  const feeder = batchFeeder(sequences, spec);
  const costs: Cost[] = [];
  for (const [i, length] of lengths.entries()) {
    const estimate = memory({ batch: 1, time: length }) - alone;
    const expected = expectedSeconds(costs, length);
    if (estimate > bytes || expected > patience || signal?.aborted) break;
    costs.push({ length, estimate, ...(await measured(feeder.feed(Int32Array.of(i)))) });
  }
  return costs;

  async function measured(batch: ReturnType<typeof feeder.feed>) {
    const step = stepProgram(supervised(spec), initialize(network(spec), 1), options);
    const program = await compile(step, { device });
    let seconds = Number.POSITIVE_INFINITY;
    const run = async (n: number) => {
      const began = processorSeconds();
      await program.run({ ...batch, rate: 0, seed: 1, step: n, ...step.optimizer.scalars(n + 1) });
      const took = processorSeconds() - began;
      if (n > 0) seconds = Math.min(seconds, took);
      return took;
    };
    try {
      let first = 0;
      const peak = await peakOf(async () => {
        first = await run(0);
      });
      for (let n = 1; n < runs; n++) {
        await run(n);
        if ((n + 1) * first > repeating) break;
      }
      return { seconds, measured: peak };
    } finally {
      await program.release();
    }
  }
}

/** As the last two lengths let expect: from twice as long for twice the length to four times. */
function expectedSeconds(costs: readonly Cost[], length: number): number {
  const [a, b] = costs.slice(-2);
  if (!a) return 0;
  const last = b ?? a;
  const power = b ? Math.log(b.seconds / a.seconds) / Math.log(b.length / a.length) : 2;
  return last.seconds * (length / last.length) ** Math.min(2, Math.max(1, power));
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** y ∝ lengthᵉˣᵖᵒⁿᵉⁿᵗ. */
export interface Growth {
  readonly exponent: number;
  /** 95 % interval from the scatter about the line (Student's t); ∞ wide for two points. */
  readonly low: number;
  readonly high: number;
  readonly points: number;
}

/** Student's t for a 95 % interval by degrees of freedom, from 1. */
const students = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23];

/**
 * The exponent of growth: least squares of log y on log length. What costs the same at any length flattens the beginning, so give the
 * long end.
 * @example growthOf([[1000, 1], [2000, 4], [4000, 16]]).exponent // 2
 */
export function growthOf(points: readonly (readonly [length: number, y: number])[]): Growth {
  const n = points.length;
  const [x, y] = [points.map(([l]) => Math.log(l)), points.map(([, v]) => Math.log(v))];
  const [mx, my] = [x, y].map((v) => v.reduce((a, b) => a + b, 0) / n) as [number, number];
  const squares = x.reduce((sum, v) => sum + (v - mx) ** 2, 0);
  const exponent = x.reduce((sum, v, i) => sum + (v - mx) * (y[i]! - my), 0) / squares;
  const left = y.reduce((sum, v, i) => sum + (v - my - exponent * (x[i]! - mx)) ** 2, 0);
  const half =
    n < 3
      ? Number.POSITIVE_INFINITY
      : students[Math.min(students.length, n - 2) - 1]! * Math.sqrt(left / (n - 2) / squares);
  return { exponent, low: exponent - half, high: exponent + half, points: n };
}
