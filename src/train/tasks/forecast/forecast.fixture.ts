import { randomStream } from '../../../core/random.ts';
import type { SeriesData, TimeSeries } from './series.ts';

/** Series of one target from lists of numbers. */
export function seriesOf(...lists: readonly (readonly number[])[]): SeriesData {
  return {
    targets: ['y'],
    series: lists.map(
      (values, i): TimeSeries => ({
        id: `s${i}`,
        length: values.length,
        values: Float64Array.from(values),
        times: undefined,
        lastTime: undefined,
      }),
    ),
    clock: undefined,
    columns: { time: null, group: lists.length > 1 ? 'id' : null },
    notes: [],
    sources: [],
  };
}

/** A rising line with a wave of 12 steps and some noise. */
export function seasonal(length: number, { seed = 1, noise = 0.3, level = 0 } = {}): number[] {
  const random = randomStream(seed, 'seasonal');
  return Array.from(
    { length },
    (_, t) => level + 0.05 * t + 3 * Math.sin((2 * Math.PI * t) / 12) + noise * random.normal(),
  );
}

/** The sum of standard normal steps, which nothing foretells better than its last value. */
export function randomWalk(length: number, seed = 1): number[] {
  const random = randomStream(seed, 'walk');
  let at = 0;
  return Array.from({ length }, () => (at += random.normal()));
}
