import type { RandomStream } from '../../../core/random.ts';

/**
 * What the states of an HMM emit: a set of distributions, called groups, over observations of type `O`
 * (token ids, or rows of numbers). A state names its group; states that name the same one are tied.
 * Every algorithm works on any family through this interface, block by block, so that memory stays small.
 */
export interface Emissions<O> {
  /** How many distributions there are. */
  readonly groups: number;
  /** Whether `fill` writes ln p (densities, which may be far below the smallest number) or p itself. */
  readonly logarithmic: boolean;
  /** Number of positions of a sequence of observations. Throws a data error if it is none of this family. */
  length(observations: O): number;
  /** Writes p or ln p of positions [from, to) into `out` [to − from, groups]; 1 or 0 where unobserved. */
  fill(observations: O, from: number, to: number, out: Float64Array): void;
  /** As `fill`, but always ln p: for algorithms that add logarithms. */
  fillLogs(observations: O, from: number, to: number, out: Float64Array): void;
  /** Empty expected statistics, for training. */
  statistics(): EmissionStatistics<O>;
  /** ln of the Dirichlet prior that a pseudo-count stands for, without its constant; 0 where it has none. */
  logPrior(pseudocount: number): number;
  /** Distributions to restart training from, drawn with regard to the sequences. */
  randomized(stream: RandomStream, sequences: readonly O[]): Emissions<O>;
  /** Draws an emission of `group` and appends its numbers to `flat`, which holds those before it. */
  draw(group: number, stream: RandomStream, flat: number[]): void;
  /** Observations from the numbers that `draw` appended. */
  observations(flat: readonly number[]): O;
}

/** Sums over positions, weighted by the posterior probability of each group. */
export interface EmissionStatistics<O> {
  /** Adds positions [from, to), weighted by `weights` [to − from, groups]. */
  add(observations: O, from: number, to: number, weights: Float64Array): void;
  /** The distributions that maximise the expected likelihood (with pseudo-counts, the posterior). */
  estimate(options: { pseudocount: number }): Emissions<O>;
}

/** Rows of numbers, `width` a position, row-major; NaN where one was not observed. */
export interface Series {
  readonly values: Float64Array;
  readonly width: number;
}
