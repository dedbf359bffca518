import { dataError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import { openSource, type SourceDigest } from '../../data/source.ts';
import { openTable } from '../../data/table/table.ts';

/** Fractions over time: one row a time, one column a site. */
export interface Series {
  readonly sites: readonly string[];
  readonly times: readonly string[];
  /** [times · sites], each from 0 to 1. */
  readonly fractions: Float64Array;
  readonly source?: SourceDigest;
}

/** How the example is made. */
export interface PlantedSeries {
  /** The smoothing factor of each site. */
  readonly factors: readonly number[];
  readonly steps: number;
  /** Reads that each fraction is counted from. */
  readonly reads: number;
  /** How strongly sites return to their own level. */
  readonly returning: number;
  readonly seed: number;
}

/**
 * Sites that remember: the memory m′ = f·m + (1 − f)·y follows what was seen, and of the next reads each is methylated with probability
 * (1 − ρ)·m + ρ·level, as bisulfite sequencing would count them. f is the smoothing factor that is planted, one for each site.
 */
export function plantedSeries({ factors, steps, reads, returning, seed }: PlantedSeries): Series {
  const random = randomStream(seed, 'methylation');
  const fractions = new Float64Array(steps * factors.length);
  factors.forEach((factor, s) => {
    const level = 0.3 + 0.4 * random.uniform();
    let memory = level;
    for (let t = 0; t < steps; t++) {
      const p = (1 - returning) * memory + returning * level;
      let methylated = 0;
      for (let r = 0; r < reads; r++) methylated += +(random.uniform() < p);
      const y = methylated / reads;
      fractions[t * factors.length + s] = y;
      memory = factor * memory + (1 - factor) * y;
    }
  });
  return {
    sites: factors.map((factor) => `site with f = ${factor}`),
    times: Array.from({ length: steps }, (_, t) => `${t + 1}`),
    fractions,
  };
}

/** The fewest times that can be learned from. */
const fewest = 40;

/**
 * Reads a table with one row a time and one column of fractions for each site; a column called time (or t, date, day …) gives
 * the names of the times. Throws a data error that names line and column for anything that is no fraction.
 */
export async function readSeries(path: string): Promise<Series> {
  const opened = openSource(path);
  const table = await openTable(opened.chunks, { name: opened.name });
  const named = table.columns.findIndex((column) => /^(time|t|date|day|hour|week|year|id)$/i.test(column));
  const kept = table.columns.flatMap((_, i) => (i === named ? [] : [i]));
  if (kept.length === 0)
    throw dataError(`${opened.name} has no column of fractions beside ${table.columns[named]}.`);
  const times: string[] = [];
  const fractions: number[] = [];
  for await (const { cells, line } of table.rows) {
    times.push(named < 0 ? `${times.length + 1}` : cells[named]!);
    for (const i of kept) {
      const value = Number(cells[i]);
      if (cells[i] === '' || !(value >= 0 && value <= 1))
        throw dataError(
          `${opened.name}:${line}: column "${table.columns[i]}": expected a fraction from 0 to 1, received ${JSON.stringify(cells[i])}.`,
        );
      fractions.push(value);
    }
  }
  if (times.length < fewest)
    throw dataError(`${opened.name} has ${times.length} times; at least ${fewest} are needed.`);
  return {
    sites: kept.map((i) => table.columns[i]!),
    times,
    fractions: Float64Array.from(fractions),
    source: opened.digest(),
  };
}
