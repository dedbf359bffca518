import { usageError } from '../../core/errors.ts';
import type { Interval } from '../interval.ts';

/** What stays in place when an interval is given another width: its middle, its summit, or its 5′ or 3′ end. */
export type Anchor = 'centre' | 'summit' | 'start' | 'end';

/** An interval whose summit may be known, as narrowPeak has it. */
export interface Peak extends Interval {
  /** Offset of the summit from `start`. */
  summit?: number;
}

/**
 * The interval with a given width, or with flanks. With `width`, the anchor's base stands at index ⌊width / 2⌋ of the result for
 * `centre` and `summit` (the middle where there is no summit); for `start` and `end` the result begins or ends with that base,
 * in the direction of the strand. `flank` bases are then added on both sides, or `[upstream, downstream]` by strand. The result may
 * reach beyond the chromosome: see `fetchInterval`.
 *
 * Throws a usage error for a width below 1 and flanks that are no whole numbers.
 * @example resize({ chrom: 'c', start: 10, end: 20, strand: '-' }, { width: 4, around: 'start' }) // 16 to 20
 */
export function resize<I extends Peak>(
  interval: I,
  { width, around = 'centre', flank = 0 }: ResizeOptions = {},
): I {
  if (width !== undefined && !(Number.isSafeInteger(width) && width >= 1))
    throw usageError(`A width is 1 or more bases, not ${width}.`);
  const [upstream, downstream] = typeof flank === 'number' ? [flank, flank] : flank;
  if (!Number.isSafeInteger(upstream) || !Number.isSafeInteger(downstream))
    throw usageError(`Flanks are whole numbers of bases, not ${upstream} and ${downstream}.`);
  const [start, end] =
    width === undefined ? [interval.start, interval.end] : fixedWidth(interval, width, around);
  const [left, right] = interval.strand === '-' ? [downstream, upstream] : [upstream, downstream];
  const { summit: _, ...rest } = interval;
  return { ...(rest as I), start: start - left, end: Math.max(start - left, end + right) };
}

/** Width, anchor and flanks of `resize`. */
export interface ResizeOptions {
  width?: number;
  around?: Anchor;
  flank?: number | readonly [upstream: number, downstream: number];
}

function fixedWidth({ start, end, strand, summit }: Peak, width: number, around: Anchor): [number, number] {
  if (around === 'centre' || around === 'summit') {
    const middle = Math.floor((start + end) / 2);
    const base = around === 'summit' && summit !== undefined ? start + summit : middle;
    const from = base - Math.floor(width / 2);
    return [from, from + width];
  }
  const leftmost = (around === 'start') === (strand !== '-');
  return leftmost ? [start, start + width] : [end - width, end];
}
