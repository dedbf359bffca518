import { dataError, usageError } from '../../core/errors.ts';
import { baumWelch, type TrainingOptions } from '../hmm/baum-welch.ts';
import type { Series } from '../hmm/emissions/emissions.ts';
import { type Gaussian, gaussian } from '../hmm/emissions/gaussian.ts';
import { forward } from '../hmm/forward.ts';
import { type Hmm, hmm, type StateDefinition } from '../hmm/model.ts';
import { viterbi } from '../hmm/viterbi.ts';

/** A profile of time series: what is typical at each column, how series dwell and skip, and a background to hold it against. */
export interface SeriesProfile {
  /** States `M1` … `MK`, `I1` … `IK` (a step more at the same column) and silent `D1` … `DK` (columns that are skipped). */
  readonly model: Hmm<Series>;
  readonly columns: number;
  /** One distribution for all steps that belong to nothing. */
  readonly background: Gaussian;
}

export interface SeriesProfileOptions extends Pick<TrainingOptions, 'iterations' | 'tolerance'> {
  /** Columns of the profile; the median length of the examples by default. */
  columns?: number;
  /** P(one step more at a column) and P(a column is skipped) at first; training changes both. */
  insert?: number;
  skip?: number;
  /** What the profile is held against; the examples' own steps in any order by default. */
  background?: readonly Series[];
  /** Variances are at least this share of the background's, lest a column fit a single example. */
  floor?: number;
}

/** Steps of a series. */
export const stepsOf = ({ values, width }: Series): number => values.length / width;

/**
 * Fits a profile hidden Markov model to examples of one shape, warped in time: each column is a Gaussian (diagonal covariance) that a
 * series passes in one step, in several (insert states, which emit as their column does) or not at all (delete states). It starts from
 * the examples stretched to `columns` steps and is trained by Baum and Welch's algorithm, all columns sharing how likely
 * it is to dwell and to skip. The probabilistic counterpart of dynamic time warping (Sakoe and Chiba 1978), as
 * profiles are of alignment (Krogh et al. 1994; for series: Listgarten et al. 2004). Scale series alike before; NaN was not observed.
 * Throws a data error for examples of different widths or without two steps, a usage error for shares out of range.
 * @example fitSeriesProfile([{ values: Float64Array.of(0, 1, 3, 1, 0), width: 1 }, …], { columns: 5 })
 */
export function fitSeriesProfile(
  examples: readonly Series[],
  {
    columns,
    insert = 0.1,
    skip = 0.1,
    background = examples,
    floor = 0.01,
    iterations = 30,
    tolerance = 1e-3,
  }: SeriesProfileOptions = {},
): SeriesProfile {
  checkSeries(examples);
  checkSeries(background);
  const size = columns ?? medianLength(examples);
  if (!Number.isInteger(size) || size < 2)
    throw usageError(`columns: expected a whole number of 2 or more, received ${columns}.`);
  if (!(insert > 0 && skip > 0 && insert + skip < 1))
    throw usageError(
      `insert and skip: expected shares above 0 whose sum is below 1, received ${insert} and ${skip}.`,
    );
  const overall = backgroundOf(background);
  const least = Math.min(...overall.variances) * floor;
  const first = seriesHmm(stretched(examples, size, least), { insert, skip });
  const { model } = baumWelch(first, examples, {
    iterations,
    tolerance,
    // Two of each kind of step are as good as seen, so that nothing seen by chance alone becomes impossible.
    pseudocounts: { start: 1, transitions: 2 },
  });
  return { model, columns: size, background: overall };
}

/** The topology with the given emissions: columns from left to right. */
function seriesHmm(columns: Gaussian, { insert, skip }: { insert: number; skip: number }): Hmm<Series> {
  const size = columns.groups;
  const states: StateDefinition[] = [];
  for (const kind of ['M', 'I', 'D'])
    for (let k = 1; k <= size; k++)
      states.push({
        name: `${kind}${k}`,
        emission: kind === 'D' ? null : k - 1,
        letter: kind,
        // Of all columns alike but the last, which leads to the end.
        ...(k < size && { tie: kind }),
      });
  const edges: [string, string, number][] = [];
  for (let k = 1; k < size; k++) {
    for (const kind of ['M', 'I'])
      edges.push(
        [`${kind}${k}`, `M${k + 1}`, 1 - insert - skip],
        [`${kind}${k}`, `I${k}`, insert],
        [`${kind}${k}`, `D${k + 1}`, skip],
      );
    edges.push([`D${k}`, `M${k + 1}`, 1 - skip], [`D${k}`, `D${k + 1}`, skip]);
  }
  edges.push([`M${size}`, `I${size}`, insert], [`I${size}`, `I${size}`, insert]);
  const ends: Record<string, number> = {
    [`M${size}`]: 1 - insert,
    [`I${size}`]: 1 - insert,
    [`D${size}`]: 1,
  };
  return hmm({
    states,
    start: states.map(({ name }) => (name === 'M1' ? 1 - skip : name === 'D1' ? skip : 0)),
    end: states.map(({ name }) => ends[name] ?? 0),
    edges,
    emissions: columns,
  });
}

/** Means and variances of the examples, each stretched evenly to as many steps as there are columns. */
function stretched(examples: readonly Series[], size: number, least: number): Gaussian {
  const { width } = examples[0]!;
  const rows = examples.map((series) => {
    const last = stepsOf(series) - 1;
    return Array.from({ length: size }, (_, k) => {
      const t = Math.round((k / (size - 1)) * last);
      return series.values.subarray(t * width, (t + 1) * width);
    });
  });
  const overall = backgroundOf(examples);
  const moments = Array.from({ length: size }, (_, k) =>
    Array.from({ length: width }, (_, c) =>
      momentsOf(
        rows.map((row) => row[k]![c]!),
        [overall.means[c]!, overall.variances[c]!],
      ),
    ),
  );
  return gaussian({
    means: moments.map((row) => row.map(([mean]) => mean)),
    variances: moments.map((row) => row.map(([, variance]) => Math.max(variance, 10 * least))),
    floor: least,
  });
}

/** One Gaussian for all steps of all series. */
function backgroundOf(all: readonly Series[]): Gaussian {
  const { width } = all[0]!;
  const moments = Array.from({ length: width }, (_, c) =>
    momentsOf(
      all.flatMap(({ values }) => Array.from(values).filter((_, i) => i % width === c)),
      [0, 1],
    ),
  );
  return gaussian({
    means: [moments.map(([mean]) => mean)],
    variances: [moments.map(([, variance]) => Math.max(variance, 1e-12))],
  });
}

/** Mean and variance of what was observed; those given where nothing was. */
function momentsOf(
  values: readonly number[],
  otherwise: readonly [number, number],
): readonly [number, number] {
  const seen = values.filter((x) => !Number.isNaN(x));
  if (seen.length === 0) return otherwise;
  const mean = seen.reduce((sum, x) => sum + x, 0) / seen.length;
  return [mean, seen.reduce((sum, x) => sum + (x - mean) ** 2, 0) / seen.length];
}

const medianLength = (examples: readonly Series[]): number =>
  Math.max(2, examples.map(stepsOf).sort((a, b) => a - b)[Math.floor(examples.length / 2)]!);

function checkSeries(all: readonly Series[]): void {
  const [first] = all;
  if (!first) throw usageError('A profile of no series; expected at least one example.');
  all.forEach((series, i) => {
    if (series.width !== first.width)
      throw dataError(
        `Series ${i} has ${series.width} numbers a step; series 0 has ${first.width}. Expected as many in all.`,
      );
    if (!Number.isInteger(stepsOf(series)) || stepsOf(series) < 2)
      throw dataError(`Series ${i} has ${stepsOf(series)} steps; expected 2 or more.`);
  });
}

/** ln P(series | background). */
function backgroundLog({ background }: SeriesProfile, series: Series): number {
  const logs = new Float64Array(stepsOf(series));
  background.fillLogs(series, 0, logs.length, logs);
  return logs.reduce((sum, x) => sum + x, 0);
}

/**
 * ln of how much likelier the whole series is under the profile than under the background, in nats, summed over all ways of
 * warping it (Forward). Above 0 speaks for the profile; of several profiles the highest score names the class.
 */
export const seriesLogOdds = (profile: SeriesProfile, series: Series): number =>
  forward(profile.model, series).logLikelihood - backgroundLog(profile, series);

/** The column, from 0 on, at which each step of a series stands on the likeliest path: its time, warped to that of the profile. */
export function warpSeries({ model, columns }: SeriesProfile, series: Series): Int32Array {
  return viterbi(model, series).states.map((state) => state % columns);
}
