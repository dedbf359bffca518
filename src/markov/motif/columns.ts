import type { MotifChain } from './chain.ts';
import type { MotifMatrix } from './matrix.ts';
import type { Tokens } from './scan.ts';
import type { WeightedSite } from './sites.ts';

/** Letters counted around sites, position by position: `counts` [positions, letters]; `from` is the first position, counted from the site's own. */
export interface SiteColumns {
  readonly counts: readonly (readonly number[])[];
  readonly from: number;
}

/** Counts letters from `reach` before to `reach` after sites of a width, as the motif's own strand reads them. Beyond the ends nothing is counted. */
export function siteColumns(
  sequences: readonly Tokens[],
  sites: readonly WeightedSite[],
  {
    width,
    reach,
    background: { length: size },
    complement,
  }: { width: number; reach: number } & Pick<MotifChain, 'background' | 'complement'>,
): SiteColumns {
  const counts = Array.from({ length: width + 2 * reach }, () => new Array<number>(size).fill(0));
  for (const { sequence, start, strand, weight } of sites) {
    const tokens = sequences[sequence]!;
    counts.forEach((row, i) => {
      const offset = i - reach;
      const token = tokens[strand === '+' ? start + offset : start + width - 1 - offset];
      if (token === undefined || token >= size) return;
      row[strand === '+' ? token : complement![token]!]! += weight;
    });
  }
  return { counts, from: -reach };
}

/** A stretch of columns and what it is worth. */
export interface Window {
  readonly from: number;
  readonly width: number;
  readonly gain: number;
}

/**
 * The stretch of `least` to `most` columns whose letters are worth most: for each column the gain in ln P over the background at its own
 * distribution, less what the distribution's parameters cost, which is half the logarithm of the letters counted for each.
 */
export function bestWindow(
  { counts, from }: SiteColumns,
  background: readonly number[],
  { least, most }: { least: number; most: number },
): Window {
  const sums = [0];
  for (const row of counts) sums.push(sums.at(-1)! + columnGain(row, background));
  let best: Window = { from, width: least, gain: Number.NEGATIVE_INFINITY };
  for (let i = 0; i < counts.length; i++)
    for (let width = least; width <= most && i + width <= counts.length; width++) {
      const gain = sums[i + width]! - sums[i]!;
      if (gain > best.gain) best = { from: from + i, width, gain };
    }
  return best;
}

function columnGain(row: readonly number[], background: readonly number[]): number {
  const total = row.reduce((a, b) => a + b, 0);
  if (total <= 0) return 0;
  const gain = row.reduce((sum, n, i) => sum + (n > 0 ? n * Math.log(n / total / background[i]!) : 0), 0);
  return gain - 0.5 * (row.length - 1) * Math.log(total + 1);
}

/** The columns of a window as a motif, with a prior of `pseudocount` letters times their number, dealt as the background. */
export function windowMatrix(
  { counts, from }: SiteColumns,
  window: Pick<Window, 'from' | 'width'>,
  background: readonly number[],
  { pseudocount = 0.25 }: { pseudocount?: number } = {},
): MotifMatrix {
  return Array.from({ length: window.width }, (_, i) => {
    const row = counts[window.from - from + i]!.map(
      (n, a) => n + pseudocount * background.length * background[a]!,
    );
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((n) => n / sum);
  });
}
