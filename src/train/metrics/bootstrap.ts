import { randomStream } from '../../core/random.ts';
import type { Scorer } from './scorers.ts';

/** Lower and upper end of an interval; NaN where none can be given. */
export interface Bounds {
  low: number;
  high: number;
}

/** The number of resamples that keeps the work for n records × k columns within some seconds: 200 to 1000. */
export const affordableResamples = (n: number, k: number) =>
  Math.max(200, Math.min(1000, Math.floor(3e8 / (n * k))));

/**
 * The value below which the share `p` of the sorted numbers lies, linear between neighbours (type 7 of
 * Hyndman and Fan 1996).
 * @example quantile([1, 2, 3, 4], 0.5) // 2.5
 */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  const [a, b] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
  return a + (b - a) * (at - below);
}

/** Cluster of each record as a number, and how many there are; every record is its own where no groups are given. */
export function clusters(n: number, groups?: readonly string[]): { of: Int32Array; count: number } {
  if (!groups) return { of: Int32Array.from({ length: n }, (_, i) => i), count: n };
  const numbers = new Map<string, number>();
  const of = Int32Array.from(groups, (group) => {
    const known = numbers.get(group) ?? numbers.size;
    numbers.set(group, known);
    return known;
  });
  return { of, count: numbers.size };
}

/**
 * Percentile bootstrap intervals (Efron 1979) of every metric of the scorers, all on the same resamples.
 * Where `groups` are given, whole groups are drawn (cluster bootstrap; Field and Welsh 2007), since related
 * records do not vary independently. A resample is a vector of multiplicities, so that nothing is copied or
 * sorted again. Resamples where a metric is undefined (one class only) are left out of it; where that is more
 * than half of them, or there are fewer than two groups, the bounds are NaN.
 */
export function bootstrap(
  scorers: readonly Scorer[],
  n: number,
  { seed = 42, resamples = 1000, level = 0.95, groups }: BootstrapOptions = {},
): Record<string, Bounds> {
  const cluster = clusters(n, groups);
  const drawn = new Map<string, number[]>(scorers.flatMap((s) => s.names.map((name) => [name, []])));
  const stream = randomStream(seed, 'bootstrap');
  const draws = new Float64Array(cluster.count);
  const weights = groups ? new Float64Array(n) : draws;
  for (let r = 0; r < resamples && cluster.count > 1; r++) {
    draws.fill(0);
    for (let i = 0; i < cluster.count; i++) draws[stream.below(cluster.count)]! += 1;
    if (groups) for (let i = 0; i < n; i++) weights[i] = draws[cluster.of[i]!]!;
    for (const { names, score } of scorers) {
      const scores = score(weights);
      for (let m = 0; m < names.length; m++) {
        if (Number.isFinite(scores[m])) drawn.get(names[m]!)!.push(scores[m]!);
      }
    }
  }
  const bounds = [...drawn].map(([name, values]) => [name, percentiles(values, resamples, level)] as const);
  return Object.fromEntries(bounds);
}

/** Options of `bootstrap`. */
export interface BootstrapOptions {
  seed?: number;
  resamples?: number;
  /** Share of resamples within the interval. */
  level?: number;
  /** What each record belongs to. */
  groups?: readonly string[] | undefined;
}

function percentiles(values: number[], resamples: number, level: number): Bounds {
  if (values.length === 0 || values.length < resamples / 2) return { low: Number.NaN, high: Number.NaN };
  const sorted = Float64Array.from(values).sort();
  return { low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) };
}
