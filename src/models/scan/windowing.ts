import { usageError } from '../../core/errors.ts';

/** A window of a stretch of letters, and the part of the stretch for which its answer counts; 0-based, half-open. */
export interface ScanWindow {
  readonly start: number;
  readonly end: number;
  /** The tile: `start` ≤ `from` < `to` ≤ `end`. The tiles of a stretch cover each of its letters exactly once. */
  readonly from: number;
  readonly to: number;
}

/** How a stretch of letters is cut into windows: everything follows from the number of a window and the length of the stretch. */
export interface Windowing {
  /** The longest window. */
  readonly width: number;
  /** How many windows a stretch has; 0 where it is too short for one. */
  count(length: number): number;
  /** Window `k` of a stretch, or (with `length` infinite) of one that goes on behind the letters seen so far. */
  at(k: number, length: number): ScanWindow;
  /** Whether window `k` is what it is, whatever comes, once `seen` letters have been read and more may follow. */
  decided(k: number, seen: number): boolean;
  /** The first letter that window `k` or a later one may need. */
  needs(k: number): number;
}

/**
 * Windows for a model with one answer a sequence: `width` letters every `step` letters, and one more that ends with the stretch where these do
 * not. The answer counts for the `step` letters in the middle of the window; those of the first and the last window reach to the
 * ends of the stretch. A stretch shorter than `width` has no window. Throws a usage error unless 1 ≤ step ≤ width.
 * @example answerWindows({ width: 6, step: 2 }).at(1, 10) // { start: 2, end: 8, from: 4, to: 6 }
 */
export function answerWindows({ width, step }: { width: number; step: number }): Windowing {
  refuse('width', width, 1, Number.MAX_SAFE_INTEGER);
  refuse('step', step, 1, width);
  const before = Math.floor((width - step) / 2);
  const count = (length: number) => (length < width ? 0 : Math.ceil((length - width) / step) + 1);
  const tile = (k: number) => (k === 0 ? 0 : k * step + before);
  return {
    width,
    count,
    at(k, length) {
      const start = Math.min(k * step, length - width);
      const isLast = length !== Infinity && k === count(length) - 1;
      return { start, end: start + width, from: tile(k), to: isLast ? length : tile(k + 1) };
    },
    decided: (k, seen) => k * step + width < seen,
    // The window that ends with the stretch begins behind the last regular one.
    needs: (k) => (k === 0 ? 0 : (k - 1) * step + 1),
  };
}

/**
 * Windows for a model with one answer a letter: the `width` − 2 · `flank` letters in the middle of each count, what is beside them is
 * context. Windows are clipped at the ends of the stretch, where the model sees the end as it is. Throws a usage error unless
 * 0 ≤ 2 · flank < width.
 * @example positionWindows({ width: 6, flank: 1 }).at(1, 10) // { start: 3, end: 9, from: 4, to: 8 }
 */
export function positionWindows({ width, flank }: { width: number; flank: number }): Windowing {
  refuse('width', width, 1, Number.MAX_SAFE_INTEGER);
  refuse('flank', flank, 0, Math.ceil(width / 2) - 1);
  const core = width - 2 * flank;
  return {
    width,
    count: (length) => Math.ceil(length / core),
    at: (k, length) => ({
      start: Math.max(0, k * core - flank),
      end: Math.min(length, (k + 1) * core + flank),
      from: k * core,
      to: Math.min(length, (k + 1) * core),
    }),
    decided: (k, seen) => (k + 1) * core + flank <= seen,
    needs: (k) => Math.max(0, k * core - flank),
  };
}

function refuse(name: string, value: number, low: number, high: number): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return;
  const range = high === Number.MAX_SAFE_INTEGER ? `of at least ${low}` : `from ${low} to ${high}`;
  throw usageError(`--${name}: expected a whole number ${range}, received ${value}.`);
}
