import { bestOffset } from './consensus.ts';
import type { DiscoveredMotif } from './motifs.ts';
import type { PlantedSite, SpacedMotif } from './simulate.ts';
import type { FoundSite } from './sites.ts';

/** The motif that shows most of a planted one. */
export interface Recovered {
  /** Its rank among what was found, from 0; −1: nothing was found. */
  readonly rank: number;
  /** Letters of the planted motif that are its most probable ones at the best offset, and how many there are. */
  readonly letters: number;
  readonly of: number;
  /** Share of the planted sites that its sites lie on, by at least half. */
  readonly sites: number;
}

/**
 * For each planted motif the found one, among the first `most`, that shows most of its letters; an earlier one where several show as many.
 */
export function recoveredMotifs(
  motifs: readonly SpacedMotif[],
  found: readonly DiscoveredMotif[],
  planted: readonly PlantedSite[],
  most = found.length,
): Recovered[] {
  return motifs.map((text, motif) => {
    const of = text.replaceAll('N', '').length;
    let best = { rank: -1, letters: 0 };
    found.slice(0, most).forEach(({ matrix }, rank) => {
      const letters = bestOffset(text, matrix).shared;
      if (letters > best.letters) best = { rank, letters };
    });
    const own = planted.filter((site) => site.motif === motif);
    return { ...best, of, sites: coveredShare(own, found[best.rank]?.sites ?? []) };
  });
}

function coveredShare(planted: readonly PlantedSite[], found: readonly FoundSite[]): number {
  const covered = planted.filter(({ sequence, start, end }) =>
    found.some(
      (site) =>
        site.sequence === sequence &&
        2 * (Math.min(site.end, end) - Math.max(site.start, start)) >=
          Math.min(site.end - site.start, end - start),
    ),
  );
  return planted.length === 0 ? 0 : covered.length / planted.length;
}
