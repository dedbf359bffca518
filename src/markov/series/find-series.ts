import { usageError } from '../../core/errors.ts';
import type { Series } from '../hmm/emissions/emissions.ts';
import { gaussian } from '../hmm/emissions/gaussian.ts';
import { type Hmm, hmm } from '../hmm/model.ts';
import { viterbi } from '../hmm/viterbi.ts';
import { type SeriesProfile, seriesLogOdds } from './series-profile.ts';

/** A stretch of a series that has the shape of a profile: steps [start, end), counted from 0. */
export interface SeriesHit {
  readonly start: number;
  readonly end: number;
  /** ln of how much likelier the stretch is under the profile than under the background, in nats. */
  readonly logOdds: number;
}

/**
 * Finds a profile's shape, warped in time, as often as it occurs in a long series: on the likeliest path through background and profile
 * a shape begins at any background step with probability `rate` and is passed from its first column to its last. Memory and time grow with steps ·
 * columns. Hits stand in the order of the series; those below `minLogOdds` are left out.
 * Throws a usage error for a rate that is no probability.
 * @example findSeries(profile, heartbeat, { rate: 1 / 200 }) // [{ start: 81, end: 122, logOdds: 64.2 }, …]
 */
export function findSeries(
  profile: SeriesProfile,
  series: Series,
  { rate = 0.001, minLogOdds = 0 }: { rate?: number; minLogOdds?: number } = {},
): SeriesHit[] {
  if (!(rate > 0 && rate < 1))
    throw usageError(`rate: expected a probability between 0 and 1, received ${rate}.`);
  const { states } = viterbi(withinBackground(profile, rate), series);
  const hits: SeriesHit[] = [];
  for (let t = 0; t < states.length; t++) {
    if (states[t] === 0) continue;
    const start = t;
    while (t < states.length && states[t] !== 0) t++;
    const { width } = series;
    const stretch = { values: series.values.subarray(start * width, t * width), width };
    const logOdds = t - start < 2 ? Number.NEGATIVE_INFINITY : seriesLogOdds(profile, stretch);
    if (logOdds >= minLogOdds) hits.push({ start, end: t, logOdds });
  }
  return hits;
}

/** State 0 is the background; then come those of the profile, whose ends lead back to it. */
function withinBackground({ model, background, columns }: SeriesProfile, rate: number): Hmm<Series> {
  const { edges, states, start, end, emissions } = model;
  const shapes = emissions as unknown as Columns;
  const rows = (values: Float64Array) =>
    Array.from({ length: columns }, (_, k) => [...values.subarray(k * shapes.width, (k + 1) * shapes.width)]);
  const all: [number, number, number][] = [[0, 0, 1 - rate]];
  start.forEach((p, s) => {
    if (p > 0) all.push([0, s + 1, rate * p]);
  });
  edges.from.forEach((from, e) => {
    all.push([from + 1, edges.to[e]! + 1, edges.probability[e]!]);
  });
  end!.forEach((p, s) => {
    if (p > 0) all.push([s + 1, 0, p]);
  });
  return hmm({
    states: [
      { name: 'background', emission: columns, letter: '.' },
      ...states.map(({ name, emission, letter }) => ({ name, emission, letter })),
    ],
    start: [1, ...states.map(() => 0)],
    edges: all,
    emissions: gaussian({
      means: [...rows(shapes.means), [...background.means]],
      variances: [...rows(shapes.variances), [...background.variances]],
    }),
  });
}

interface Columns {
  readonly width: number;
  readonly means: Float64Array;
  readonly variances: Float64Array;
}
