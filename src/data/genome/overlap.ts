import { usageError } from '../../core/errors.ts';
import type { Interval } from '../interval.ts';

/** Intervals sorted for search. */
export interface OverlapIndex<I extends Interval> {
  /** The intervals that share at least one base with the given one, by position. */
  overlapping(interval: Pick<Interval, 'chrom' | 'start' | 'end'>): I[];
}

interface Sorted<I> {
  all: I[];
  starts: Float64Array;
  /** The furthest end among the first i + 1 intervals: where it lies before a start, none of them reaches it. */
  furthest: Float64Array;
}

/**
 * Prepares intervals for overlap queries. Intervals that only touch (one ends where the other starts) do not overlap,
 * and empty ones overlap nothing.
 * @example overlapIndex([{ chrom: 'c', start: 0, end: 5, strand: '.' }]).overlapping({ chrom: 'c', start: 5, end: 9 }) // []
 */
export function overlapIndex<I extends Interval>(intervals: Iterable<I>): OverlapIndex<I> {
  const chromosomes = new Map<string, I[]>();
  for (const interval of intervals) {
    const all = chromosomes.get(interval.chrom);
    if (all) all.push(interval);
    else chromosomes.set(interval.chrom, [interval]);
  }
  const sorted = new Map([...chromosomes].map(([chrom, all]) => [chrom, sortedByStart(all)]));
  return {
    overlapping({ chrom, start, end }) {
      const of = sorted.get(chrom);
      if (!of || end <= start) return [];
      const found: I[] = [];
      for (let i = lowerBound(of.starts, end) - 1; i >= 0 && of.furthest[i]! > start; i--)
        if (of.all[i]!.end > Math.max(start, of.all[i]!.start)) found.push(of.all[i]!);
      return found.reverse();
    },
  };
}

function sortedByStart<I extends Interval>(intervals: I[]): Sorted<I> {
  const all = [...intervals].sort((a, b) => a.start - b.start || a.end - b.end);
  const furthest = new Float64Array(all.length);
  let most = Number.NEGATIVE_INFINITY;
  for (const [i, { end }] of all.entries()) furthest[i] = most = Math.max(most, end);
  return { all, starts: Float64Array.from(all, ({ start }) => start), furthest };
}

/** How many of the sorted numbers lie before `value`. */
function lowerBound(numbers: Float64Array, value: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The share of an interval's bases that any of the others covers, 0 to 1. */
export function coveredShare(interval: Interval, others: readonly Interval[]): number {
  const { start, end } = interval;
  const inside = others
    .map((other) => [Math.max(start, other.start), Math.min(end, other.end)] as const)
    .filter(([from, to]) => from < to)
    .sort((a, b) => a[0] - b[0]);
  let covered = 0;
  let reached = start;
  for (const [from, to] of inside) {
    covered += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return end > start ? covered / (end - start) : 0;
}

/**
 * Labels of regions from intervals: the names of the kinds of which intervals cover at least `share` of the region's bases (by default any
 * single base), in the order of `kinds`.
 * @example labelRegions(regions, { peak: peaks }, { share: 0.5 }) // [['peak'], [], …]
 */
export function labelRegions(
  regions: Iterable<Interval>,
  kinds: Readonly<Record<string, Iterable<Interval>>>,
  { share = 0 }: { share?: number } = {},
): string[][] {
  if (!(share >= 0 && share <= 1)) throw usageError(`A share lies between 0 and 1; ${share} does not.`);
  const indexes = Object.entries(kinds).map(([name, intervals]) => [name, overlapIndex(intervals)] as const);
  return Array.from(regions, (region) =>
    indexes
      .filter(([, index]) => {
        const covered = coveredShare(region, index.overlapping(region));
        return covered > 0 && covered >= share;
      })
      .map(([name]) => name),
  );
}

/**
 * A label for each base of a region, in the direction of its strand: 1 + the number of the kind in `kinds` whose interval covers it, 0 where
 * none does; a later kind goes over an earlier one.
 * @example labelBases({ chrom: 'c', start: 0, end: 5, strand: '+' }, [[{ chrom: 'c', start: 1, end: 3, strand: '.' }]])
 * // Uint8Array [0, 1, 1, 0, 0]
 */
export function labelBases(
  region: Interval,
  kinds: readonly (readonly Interval[] | OverlapIndex<Interval>)[],
): Uint8Array {
  const { start, end, strand } = region;
  const labels = new Uint8Array(end - start);
  for (const [k, kind] of kinds.entries()) {
    const index = 'overlapping' in kind ? kind : overlapIndex(kind);
    for (const found of index.overlapping(region))
      labels.fill(k + 1, Math.max(0, found.start - start), Math.min(end, found.end) - start);
  }
  return strand === '-' ? labels.reverse() : labels;
}
