import { randomStream } from '../../core/random.ts';
import { input } from '../../graph/library.ts';
import type { Cell } from '../../nn/cells.ts';
import { initialize, module } from '../../nn/module.ts';
import { recurrent } from '../../nn/recurrent.ts';
import { compile, type Device } from '../../runtime/compile.ts';
import { floats } from '../learn.ts';
import { withWeights } from '../network.ts';

/** How far cells went, over all networks, inputs and times. */
export interface Excursion {
  readonly low: number;
  readonly high: number;
  readonly numbers: number;
}

const [inputsWide, hidden, time, batch] = [3, 8, 200, 16];

/**
 * Runs a cell (its last state is looked at) from zero with weights and inputs of all sizes: networks whose weights are multiplied by 1 to
 * 10⁴, sequences of normal numbers times 10⁻³ to 10³⁰.
 */
export async function excursion(
  cell: Cell,
  { seed, device }: { seed: number; device: Device },
): Promise<Excursion> {
  let [low, high, numbers] = [0, 0, 0];
  const root = module({
    params: { layer: recurrent(cell, { in: inputsWide, hidden }) },
    apply: ({ layer }, x: ReturnType<typeof input>) => layer(x).final[0]![cell.states - 1]!,
  });
  for (const [n, factor] of [1, 10, 1e4].entries()) {
    const random = randomStream(seed, 'excursion', n);
    const weights = new Map(
      [...initialize(root, seed + n)].map(([path, w]) => [path, w.map(() => factor * random.normal())]),
    );
    const x = input('x', ['time', 'batch', inputsWide]);
    const { model, constants } = withWeights(root, weights);
    const program = await compile({ inputs: { x }, outputs: { last: model(x) }, constants }, { device });
    for (let length = 1; length <= time; length = Math.ceil(length * 1.7)) {
      const size = length * batch * inputsWide;
      const data = Float32Array.from({ length: size }, (_, i) => {
        const scale = 10 ** (-3 + 3 * ((Math.floor(i / inputsWide) % batch) % 12));
        return scale * random.normal();
      });
      const { last } = await program.run({ x: floats([length, batch, inputsWide], data) });
      for (const value of last!.data) {
        low = Math.min(low, Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value);
        high = Math.max(high, Number.isNaN(value) ? Number.POSITIVE_INFINITY : value);
        numbers++;
      }
    }
    await program.release();
  }
  return { low, high, numbers };
}
