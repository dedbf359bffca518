import { auroc, bootstrap } from '../../train/metrics/index.ts';
import { type Regions, stretchesOf } from './regions.ts';

/** How low something falls in each stretch, whether a boundary begins there, and which sequence it is of. */
export interface Drops {
  readonly scores: Float64Array;
  readonly boundary: Uint8Array;
  readonly groups: readonly string[];
}

/** The depth of the lowest place of each stretch, −min; `values`: one number a letter, of each sequence. */
export function dropsOf(all: readonly Regions[], values: readonly ArrayLike<number>[], width: number): Drops {
  const [scores, boundary, groups]: [number[], number[], string[]] = [[], [], []];
  all.forEach((regions, i) => {
    for (const { start, end, boundary: yes } of stretchesOf(regions, width)) {
      let low = Number.POSITIVE_INFINITY;
      for (let t = start; t < end; t++) low = Math.min(low, values[i]![t]!);
      scores.push(-low);
      boundary.push(+yes);
      groups.push(regions.name);
    }
  });
  return { scores: Float64Array.from(scores), boundary: Uint8Array.from(boundary), groups };
}

/** How well depth tells stretches with a boundary from others. */
export const dropAuroc = ({ scores, boundary }: Drops): number => auroc(scores, boundary);

/** The same with its interval, whole sequences being drawn. */
export function dropMetric(drops: Drops, seed: number): { value: number; low: number; high: number } {
  const { scores, boundary, groups } = drops;
  const { low, high } = bootstrap(
    [{ names: ['auroc'], score: (weights) => [auroc(scores, boundary, weights)] }],
    scores.length,
    { seed, groups, resamples: 300 },
  ).auroc!;
  return { value: dropAuroc(drops), low, high };
}
