import type { RandomStream } from '../../core/random.ts';

/**
 * The random numbers by which HMMER samples paths and calibrates profiles (Knuth's linear congruential generator, its seed
 * mixed by Jenkins' hash): with the same seed both sample the same, so that scores of regions with several domains, and
 * the statistics of a profile, are equal too. For nothing else; all other draws are of `randomStream`.
 */
export function samplingStream(seed: number): Pick<RandomStream, 'uniform'> {
  let x = mixed(seed, 87_654_321, 12_345_678) || 42;
  return {
    uniform() {
      x = (Math.imul(x, 69_069) + 1) >>> 0;
      return x / 2 ** 32;
    },
  };
}

/** Jenkins' mix of three words (Dr. Dobb's Journal, September 1997). */
function mixed(a: number, b: number, c: number): number {
  const rounds = [
    [13, 8, 13],
    [12, 16, 5],
    [3, 10, 15],
  ] as const;
  for (const [first, second, third] of rounds) {
    a = ((a - b - c) ^ (c >>> first)) >>> 0;
    b = ((b - c - a) ^ (a << second)) >>> 0;
    c = ((c - a - b) ^ (b >>> third)) >>> 0;
  }
  return c;
}
