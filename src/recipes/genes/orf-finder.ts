import { codingInterval, type OpenReadingFrame, type OrfOptions, openReadingFrames } from '../../data/orf.ts';
import type { Gene } from './gene.ts';

/** What an ORF finder is told. */
export interface OrfFinderOptions extends OrfOptions {
  /** Bases that two of its genes may share. */
  readonly overlap: number;
}

/** Each frame from its farthest start, longest first. */
const byLength = (frames: readonly OpenReadingFrame[]): Gene[] =>
  frames
    .map((orf) => codingInterval(orf, orf.starts[0]!))
    .sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start);

/**
 * Genes without any model: open reading frames from their farthest start, the longest first, each kept where it shares at most `overlap` bases with those kept
 * before it. Long ones are what Glimmer learns from (Delcher et al. 1999).
 */
export function orfFinder(sequence: string, { overlap, ...options }: OrfFinderOptions): Gene[] {
  const kept: Gene[] = [];
  // Kept genes by the stretches of 1,000 bases that they touch: whole genomes have thousands of them.
  const near = new Map<number, Gene[]>();
  const bins = ({ start, end }: Gene) =>
    Array.from(
      { length: Math.floor((end - 1) / 1000) - Math.floor(start / 1000) + 1 },
      (_, i) => Math.floor(start / 1000) + i,
    );
  for (const gene of byLength(openReadingFrames(sequence, options))) {
    const own = bins(gene);
    const crowded = own.some((bin) =>
      near
        .get(bin)
        ?.some((other) => Math.min(gene.end, other.end) - Math.max(gene.start, other.start) > overlap),
    );
    if (crowded) continue;
    kept.push(gene);
    for (const bin of own) near.set(bin, [...(near.get(bin) ?? []), gene]);
  }
  return kept.sort((a, b) => a.start - b.start);
}
