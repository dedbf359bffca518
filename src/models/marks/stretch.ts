/** A stretch of a sequence in bins: what a model of marks reads, all that there is of it. */
export interface MarksStretch {
  readonly chrom: string;
  /** Where in its sequence it begins, 0-based, and its letters; the last bin may have fewer than the others. */
  readonly start: number;
  readonly length: number;
  readonly bins: number;
  /** bins × letters of a bin; padding after the end. */
  readonly tokens: Uint8Array;
  /** bins × tracks in their own units, row-major; NaN where a track says nothing. */
  readonly tracks: Float32Array;
}

/** Bins of a stretch that are answered together: those from `from` to before `to`, read with what lies from `start` to before `end`. */
export interface MarksWindow {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Windows that answer every bin of a stretch once, with context to either side as far as the stretch goes. `shift` bins are answered by the
 * first window already, so that edges fall elsewhere.
 * @example marksWindows(10, { core: 4, flank: 1 }) // from–to: 0–4, 4–8, 8–10; start–end: 0–5, 3–9, 7–10
 */
export function marksWindows(
  bins: number,
  { core, flank }: { core: number; flank: number },
  shift = 0,
): MarksWindow[] {
  const windows: MarksWindow[] = [];
  for (let from = 0; from < bins; ) {
    const to = Math.min(bins, from === 0 && shift > 0 ? shift : from + core);
    windows.push({ from, to, start: Math.max(0, from - flank), end: Math.min(bins, to + flank) });
    from = to;
  }
  return windows;
}
