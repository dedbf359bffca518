import { randomStream } from '../../core/random.ts';
import { quantile } from '../../train/metrics/index.ts';

/**
 * What one method was right in and another was not: +1, −1 or 0 for each game that was tested, by size of what was learned from, then by
 * repetition. In one repetition all sizes are tested on the same games.
 */
export type Differences = readonly (readonly Int8Array[])[];

/** A number with its 95 % interval; 0 and ∞ where it lies before or beyond what was measured. */
export interface Bounded {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * From how many games on the difference is never below 0 again: by a straight line over the logarithm of sizes, between the last
 * size where it was below 0 and the next. 0 where it never is, ∞ where it is so at the end.
 * @example crossingOf([-0.1, 0.1], [64, 256]) // 128
 */
export function crossingOf(differences: ArrayLike<number>, sizes: readonly number[]): number {
  let last = -1;
  for (let i = 0; i < sizes.length; i++) if (differences[i]! < 0) last = i;
  if (last < 0) return 0;
  if (last === sizes.length - 1) return Number.POSITIVE_INFINITY;
  const [a, b] = [differences[last]!, differences[last + 1]!];
  const [from, to] = [Math.log(sizes[last]!), Math.log(sizes[last + 1]!)];
  return Math.exp(from + (-a / (b - a)) * (to - from));
}

/** Means by size, and the crossing point, each with an interval. */
export interface Crossing {
  readonly means: readonly Bounded[];
  readonly crossing: Bounded;
}

/**
 * The difference by size and where it crosses 0. Intervals by bootstrap (Efron 1979): repetitions are drawn, and within each of them
 * games, the same for all sizes. So they hold what other games would have been drawn to learn from, and to test on.
 */
export function crossingWithInterval(
  differences: Differences,
  sizes: readonly number[],
  { seed = 42, resamples = 1000 } = {},
): Crossing {
  const random = randomStream(seed, 'crossing');
  const means = Float64Array.from(differences, (all) => meanOf(all.map((own) => meanOf(own))));
  const repetitions = differences[0]!.length;
  const drawn: number[][] = sizes.map(() => []);
  const crossings: number[] = [];
  for (let r = 0; r < resamples; r++) {
    const sums = new Float64Array(sizes.length);
    for (let i = 0; i < repetitions; i++) {
      const s = random.below(repetitions);
      const games = differences[0]![s]!.length;
      const times = new Float64Array(games);
      for (let g = 0; g < games; g++) times[random.below(games)]!++;
      sizes.forEach((_, z) => {
        const own = differences[z]![s]!;
        let sum = 0;
        for (let g = 0; g < games; g++) sum += times[g]! * own[g]!;
        sums[z]! += sum / games / repetitions;
      });
    }
    sums.forEach((sum, z) => {
      drawn[z]!.push(sum);
    });
    crossings.push(crossingOf(sums, sizes));
  }
  return {
    means: drawn.map((values, z) => ({ value: means[z]!, ...ends(values) })),
    crossing: { value: crossingOf(means, sizes), ...ends(crossings) },
  };
}

const meanOf = (numbers: ArrayLike<number>): number =>
  Array.from(numbers).reduce((a, b) => a + b, 0) / numbers.length;

/** The middle 95 %; an end that falls beside ∞ is ∞. */
function ends(values: readonly number[]): { low: number; high: number } {
  const sorted = Float64Array.from(values).sort();
  const end = (p: number) => {
    const value = quantile(sorted, p);
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  };
  return { low: end(0.025), high: end(0.975) };
}
