import { randomStream } from '../../core/random.ts';
import { input } from '../../graph/library.ts';
import type { Device } from '../../runtime/compile.ts';
import { compile } from '../../runtime/compile.ts';
import { withWeights } from '../network.ts';
import { bothWays, type CellName, type Recurrence } from './networks.ts';

/**
 * The largest difference between a layer that runs as a loop and the position-wise network of the same weights, over normally distributed
 * numbers in sequences of different lengths. `weights`: `recurrent.layers.0.forward.weight` and so on.
 */
export async function largestDifference(
  cell: CellName,
  recurrence: Recurrence,
  weights: ReadonlyMap<string, Float32Array>,
  { inputs, hidden, seed, device }: { inputs: number; hidden: number; seed: number; device: Device },
): Promise<number> {
  const [time, batch] = [60, 8];
  const x = input('x', ['time', 'batch', inputs]);
  const lengths = input('lengths', ['batch'], 'int32');
  const { looped, alone } = bothWays(cell, recurrence, { inputs, hidden });
  const [a, b] = [withWeights(looped, weights), withWeights(alone, weights)];
  const program = await compile(
    {
      inputs: { x, lengths },
      outputs: { looped: a.model(x, lengths), alone: b.model(x, lengths) },
      constants: new Map([...a.constants, ...b.constants]),
    },
    { device },
  );
  const random = randomStream(seed, 'difference', cell);
  const given = {
    x: {
      dtype: 'float32' as const,
      shape: [time, batch, inputs],
      data: Float32Array.from({ length: time * batch * inputs }, () => random.normal()),
    },
    lengths: {
      dtype: 'int32' as const,
      shape: [batch],
      data: Int32Array.from({ length: batch }, (_, i) => (i === 0 ? time : 1 + random.below(time))),
    },
  };
  const found = await program.run(given);
  await program.release();
  const [a0, b0] = [found.looped!.data as Float32Array, found.alone!.data as Float32Array];
  return a0.reduce((most, y, i) => Math.max(most, Math.abs(y - b0[i]!)), 0);
}
