import { usageError } from '../core/errors.ts';
import { input } from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { type Context, dropoutContext } from '../nn/context.ts';
import type { HostTensor } from '../runtime/backend.ts';
import type { Program } from '../runtime/program.ts';

/** Monte-Carlo dropout: how many networks are drawn, and from which seed. */
export interface DropoutPasses {
  readonly passes?: number | undefined;
  readonly seed?: number | undefined;
}

/** A context in which dropout drops, and the inputs that draw its masks. */
export function dropoutInputs(): { context: Context; random: { seed: Value; step: Value } } {
  const random = { seed: input('seed', [], 'int32'), step: input('step', [], 'int32') };
  return { context: dropoutContext(random), random };
}

/** Mean and standard deviation of each number of a batch over the passes. */
export interface Drawn {
  readonly values: Float32Array;
  readonly deviation: Float32Array;
}

/**
 * Runs a program of `dropoutInputs` as often as asked for each batch, no two runs with the same masks (Gal and Ghahramani 2016). Throws a
 * usage error unless `passes` is a whole number of at least 1.
 */
export function dropoutRunner(
  program: Program,
  { passes = 50, seed = 42 }: DropoutPasses,
): (feeds: Record<string, HostTensor>) => Promise<Drawn> {
  if (!Number.isSafeInteger(passes) || passes < 1)
    throw usageError(`passes: expected a whole number of at least 1, received ${passes}.`);
  let step = 0;
  return async (feeds) => {
    let [mean, squares] = [new Float64Array(), new Float64Array()];
    for (let pass = 1; pass <= passes; pass++) {
      const { data } = (await program.run({ ...feeds, seed: seed | 0, step: step++ })).predictions!;
      if (pass === 1) [mean, squares] = [new Float64Array(data.length), new Float64Array(data.length)];
      // Welford 1962.
      for (let i = 0; i < mean.length; i++) {
        const off = data[i]! - mean[i]!;
        mean[i]! += off / pass;
        squares[i]! += off * (data[i]! - mean[i]!);
      }
    }
    return {
      values: Float32Array.from(mean),
      deviation: Float32Array.from(squares, (sum) => Math.sqrt(sum / passes)),
    };
  };
}
