import type { WindowRows } from '../architectures/overlapping.ts';

/** Windows laid out in rows of `count`, each `step` letters behind the one before it. */
export interface Layout {
  /** Where the letters of each row begin. */
  readonly starts: readonly number[];
  /** For each window its place among those of all rows: row · count + place in the row. */
  readonly slots: readonly number[];
}

/**
 * Lays out windows, given by where their letters begin, in ascending order. A window joins the earliest row in which it has a place that is still
 * to come; else a row begins with it. Nothing but the windows of a block decides it.
 * @example layOut([0, 2, 4, 5, 6], { step: 2, count: 3 }) // { starts: [0, 5, 6], slots: [0, 1, 2, 3, 6] }
 */
export function layOut(
  places: readonly number[],
  { step, count }: Pick<WindowRows, 'step' | 'count'>,
): Layout {
  const starts: number[] = [];
  const next: number[] = [];
  // Rows that a window to come may still join; the windows ascend, so that what was passed stays passed.
  let open: number[] = [];
  const slots = places.map((place) => {
    open = open.filter((row) => place <= starts[row]! + (count - 1) * step && next[row]! < count);
    const joined = open.find((row) => {
      const at = (place - starts[row]!) / step;
      return Number.isInteger(at) && at >= next[row]!;
    });
    const row = joined ?? starts.push(place) - 1;
    if (joined === undefined) open.push(row);
    const at = (place - starts[row]!) / step;
    next[row] = at + 1;
    return row * count + at;
  });
  return { starts, slots };
}

/** The most windows in a row: more would save little, as its two ends are long compared with what each adds. */
const widestRow = 32;

/**
 * Rows for blocks of `size` windows, `apart` letters from one window to the next, whose positions are pooled by `stride`: windows share a row where
 * they begin a whole number of positions apart, so that every so many-th goes into the same one. As many in a row as leave few places empty.
 */
export function rowsFor(width: number, apart: number, stride: number, size: number): WindowRows {
  const every = stride / greatestCommon(apart, stride);
  const windows = Math.ceil(size / every);
  const count = Math.ceil(windows / Math.ceil(windows / widestRow));
  return { width, step: every * apart, count };
}

const greatestCommon = (a: number, b: number): number => (b === 0 ? a : greatestCommon(b, a % b));
