/** What a model says of the letters of a sequence. */
export interface ImportanceTrack {
  readonly text: string;
  /** P(letter), row-major [length, 4]. */
  readonly probabilities: Float64Array;
  /** What the prediction says beyond the frequencies of letters, in bits, by place; 0 where nothing is known. */
  readonly gain: Float64Array;
}

/** How motifs are looked for. */
export interface MotifSearch {
  /** Letters of the window whose gain is summed to find important places. */
  readonly window: number;
  /** Letters that are cut out around such a place. */
  readonly width: number;
  /** The cosine from which on two cut-outs show the same motif. */
  readonly alike: number;
  /** The fewest sites of a motif. */
  readonly least: number;
}

/** A place that the model finds important, with as much around it as a motif may be wide. */
export interface Cut {
  readonly sequence: number;
  readonly start: number;
  readonly score: number;
  /** Heights of the letters of the predicted logo, p · gain, row-major [width, 4]. */
  readonly heights: Float64Array;
  readonly norm: number;
}

/** Sums of gain over windows: entry i is that of the letters from i on. */
export function windowGains(gain: Float64Array, window: number): Float64Array {
  if (gain.length < window) return new Float64Array(0);
  const sums = new Float64Array(gain.length - window + 1);
  let sum = 0;
  for (let i = 0; i < gain.length; i++) {
    sum += gain[i]!;
    if (i >= window) sum -= gain[i - window]!;
    if (i >= window - 1) sums[i - window + 1] = sum;
  }
  return sums;
}

/** The places whose window gains more than `threshold` bits, the strongest first; no two windows of a sequence overlap. */
export function importantCuts(
  tracks: readonly ImportanceTrack[],
  threshold: number,
  { window, width }: MotifSearch,
): Cut[] {
  const margin = Math.floor((width - window) / 2);
  return tracks
    .flatMap((track, sequence) => {
      const sums = windowGains(track.gain, window);
      const order = Array.from(sums.keys())
        .filter((i) => sums[i]! > threshold)
        .sort((a, b) => sums[b]! - sums[a]! || a - b);
      const taken: number[] = [];
      for (const i of order) if (taken.every((other) => Math.abs(other - i) >= window)) taken.push(i);
      return taken.map((i) => cutAt(track, { sequence, start: i - margin, score: sums[i]!, width }));
    })
    .sort((a, b) => b.score - a.score);
}

function cutAt(
  { probabilities, gain }: ImportanceTrack,
  { sequence, start, score, width }: { sequence: number; start: number; score: number; width: number },
): Cut {
  const heights = new Float64Array(4 * width);
  for (let i = 0; i < width; i++) {
    const at = start + i;
    if (at < 0 || at >= gain.length || gain[at] === 0) continue;
    for (let letter = 0; letter < 4; letter++)
      heights[4 * i + letter] = probabilities[4 * at + letter]! * gain[at]!;
  }
  return { sequence, start, score, heights, norm: Math.hypot(...heights) };
}
