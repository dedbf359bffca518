import { dataError, usageError } from '../../../core/errors.ts';
import type { RandomStream } from '../../../core/random.ts';
import type { EmissionStatistics, Emissions, Series } from './emissions.ts';
import { seriesLength } from './gaussian.ts';

export interface Poisson extends Emissions<Series> {
  readonly kind: 'poisson';
  readonly width: number;
  /** [groups, width] */
  readonly rates: Float64Array;
}

/**
 * Counts, independent across the numbers of a row: P(n) = λⁿ·e^−λ / n!. `rates` is [groups][width]; NaN in a
 * series was not observed. Throws a usage error for rates not above zero, a data error for anything in a
 * series that is no count.
 * @example poisson([[0.5], [8]]) // background and peaks
 */
export function poisson(rates: readonly (readonly number[])[]): Poisson {
  const width = rates[0]?.length ?? 0;
  const flat = Float64Array.from(rates.flat());
  if (width === 0 || flat.length !== rates.length * width || !flat.every((r) => r > 0 && Number.isFinite(r)))
    throw usageError(`Poisson rates ${JSON.stringify(rates)}; expected rows of one width, all above zero.`);
  return family(flat, width);
}

const smallest = 1e-10;

function family(rates: Float64Array, width: number): Poisson {
  const groups = rates.length / width;
  const logs = rates.map(Math.log);
  const factorial = logFactorials();
  const fill = ({ values }: Series, from: number, to: number, out: Float64Array) => {
    for (let t = from, o = 0; t < to; t++)
      for (let g = 0; g < groups; g++) {
        let sum = 0;
        for (let d = 0, i = g * width; d < width; d++, i++) {
          const n = values[t * width + d]!;
          if (!Number.isNaN(n)) sum += n * logs[i]! - rates[i]! - factorial(n, t);
        }
        out[o++] = sum;
      }
  };
  return {
    kind: 'poisson',
    groups,
    width,
    rates,
    logarithmic: true,
    length: (series) => seriesLength(series, width),
    fill,
    fillLogs: fill,
    statistics: () => statistics(rates, width),
    logPrior: () => 0,
    randomized: (stream, sequences) => randomized(rates, width, stream, sequences),
    draw(group, stream, flat) {
      for (let d = 0; d < width; d++) flat.push(drawCount(rates[group * width + d]!, stream));
    },
    observations: (flat) => ({ values: Float64Array.from(flat), width }),
  };
}

function statistics(rates: Float64Array, width: number): EmissionStatistics<Series> {
  const sums = new Float64Array(rates.length);
  const seen = new Float64Array(rates.length);
  const groups = rates.length / width;
  return {
    add({ values }, from, to, weights) {
      for (let t = from, w = 0; t < to; t++)
        for (let g = 0; g < groups; g++) {
          const weight = weights[w++]!;
          for (let d = 0, i = g * width; d < width; d++, i++) {
            const n = values[t * width + d]!;
            if (Number.isNaN(n)) continue;
            sums[i]! += weight * n;
            seen[i]! += weight;
          }
        }
    },
    estimate: () =>
      family(
        rates.map((rate, i) => (seen[i]! > 0 ? Math.max(smallest, sums[i]! / seen[i]!) : rate)),
        width,
      ),
  };
}

/** ln n!, remembered; throws a data error for what is no count. */
function logFactorials(): (n: number, at: number) => number {
  const known = [0];
  return (n, at) => {
    if (!(Number.isInteger(n) && n >= 0))
      throw dataError(
        `${n} at position ${at + 1} is no count; expected 0, 1, 2 … or NaN where none was observed.`,
      );
    if (n > 1e6) return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n);
    while (known.length <= n) known.push(known.at(-1)! + Math.log(known.length));
    return known[n]!;
  };
}

/** Overall means, each times a factor between ½ and 1½. */
function randomized(rates: Float64Array, width: number, stream: RandomStream, sequences: readonly Series[]) {
  const sums = new Float64Array(width);
  const seen = new Float64Array(width);
  for (const { values } of sequences)
    values.forEach((n, i) => {
      if (Number.isNaN(n)) return;
      sums[i % width]! += n;
      seen[i % width]!++;
    });
  return family(
    rates.map((rate, i) => {
      const d = i % width;
      const mean = seen[d]! > 0 ? sums[d]! / seen[d]! : rate;
      return Math.max(smallest, mean * (0.5 + stream.uniform()));
    }),
    width,
  );
}

/** A Poisson number: by waiting times (Knuth 1969) in parts of rate at most 500, whose sum is Poisson again. */
function drawCount(rate: number, stream: RandomStream): number {
  let count = 0;
  for (let left = rate; left > 0; left -= 500) {
    const limit = Math.exp(-Math.min(left, 500));
    for (let product = stream.uniform(); product > limit; product *= stream.uniform()) count++;
  }
  return count;
}
