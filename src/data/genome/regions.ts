import { type Skipped, skipCounter } from '../dataset.ts';
import { type Interval, intervalName } from '../interval.ts';
import { fetchInterval, type OffTheEnd } from './fetch.ts';
import type { Genome } from './genome.ts';
import { type Peak, type ResizeOptions, resize } from './resize.ts';

/** The sequence of a region; `group` is its chromosome, so that a split by group keeps chromosomes apart. */
export interface RegionSequence {
  /** The region's name, else its place. */
  id: string;
  description: string;
  sequence: string;
  group: string;
  /** As it was fetched, after resizing. */
  interval: Interval;
  line?: number;
}

/** How regions are cut out. */
export interface RegionOptions extends ResizeOptions {
  offTheEnd?: OffTheEnd;
}

/**
 * Sequences of regions of a genome, as they come: resized (see `resize`), on their strand (see `fetchInterval`). What is left out is counted
 * in `skipped`: intervals off the end under policy `skip`, and empty ones.
 * @example
 * const { sequences, skipped } = regionSequences(genome, bedIntervals(bytes), { width: 200, offTheEnd: 'skip' });
 * for await (const { id, sequence } of sequences) console.log(id, sequence.length);
 */
export function regionSequences(
  genome: Genome,
  intervals: AsyncIterable<Peak> | Iterable<Peak>,
  { offTheEnd = 'error', ...size }: RegionOptions = {},
): { sequences: AsyncGenerator<RegionSequence, void, undefined>; skipped: Skipped[] } {
  const off = skipCounter('off the end of their sequence');
  const empty = skipCounter('empty intervals');
  async function* sequences(): AsyncGenerator<RegionSequence, void, undefined> {
    for await (const original of intervals) {
      const interval = resize(original, size);
      const place = intervalName(interval);
      const id = original.name?.replace(/\s+/g, '_') || place;
      if (interval.end === interval.start) {
        empty.add(id);
        continue;
      }
      const sequence = await fetchInterval(genome, interval, { offTheEnd });
      if (sequence === undefined) off.add(id);
      else {
        const { line } = original;
        const description = id === place ? '' : place;
        yield {
          id,
          description,
          sequence,
          group: interval.chrom,
          interval,
          ...(line !== undefined && { line }),
        };
      }
    }
  }
  return { sequences: sequences(), skipped: [off, empty] };
}
