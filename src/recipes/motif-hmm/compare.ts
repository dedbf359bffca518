/** Anything with a place, a strand and the number of its motif. */
export interface Site {
  readonly sequence: number;
  readonly motif: number;
  readonly start: number;
  readonly end: number;
  readonly strand: '+' | '-';
}

/** A found motif and the planted one that it is; `flipped`: it reads the other strand. */
export interface Identity {
  readonly found: number;
  readonly planted: number;
  readonly flipped: boolean;
}

/** Found sites beside the planted ones. */
export interface SiteComparison {
  readonly identities: readonly Identity[];
  /** By sequence: found sites that are planted ones, found sites, planted sites. */
  readonly right: Float64Array;
  readonly found: Float64Array;
  readonly planted: Float64Array;
}

/**
 * Compares found sites with planted ones. Each found motif may stand for one planted motif, each planted motif be found once, both in the
 * pairing that shares most sites. A site is right if it overlaps a planted site of that motif by at least half of the narrower one, on the same
 * strand (of the motif, which may have been found as its reverse complement); a planted site is found once.
 */
export function compareSites(
  found: readonly Site[],
  planted: readonly Site[],
  { sequences }: { sequences: number },
): SiteComparison {
  const pairs = overlapping(found, planted, sequences);
  const identities = paired(pairs);
  const comparison = {
    identities,
    right: new Float64Array(sequences),
    found: tally(found, sequences),
    planted: tally(planted, sequences),
  };
  const used = new Set<Site>();
  for (const { a, b } of pairs) {
    const same = identities.some(
      (i) => i.found === a.motif && i.planted === b.motif && i.flipped === (a.strand !== b.strand),
    );
    if (!same || used.has(a) || used.has(b)) continue;
    used.add(a).add(b);
    comparison.right[a.sequence]!++;
  }
  return comparison;
}

const tally = (sites: readonly Site[], sequences: number) => {
  const counts = new Float64Array(sequences);
  for (const { sequence } of sites) counts[sequence]!++;
  return counts;
};

interface Pair {
  /** Found and planted. */
  readonly a: Site;
  readonly b: Site;
}

function overlapping(found: readonly Site[], planted: readonly Site[], sequences: number): Pair[] {
  const bySequence = Array.from({ length: sequences }, (): Site[] => []);
  for (const site of planted) bySequence[site.sequence]!.push(site);
  return found.flatMap((a) =>
    bySequence[a.sequence]!.filter(
      (b) =>
        2 * (Math.min(a.end, b.end) - Math.max(a.start, b.start)) >=
        Math.min(a.end - a.start, b.end - b.start),
    ).map((b) => ({ a, b })),
  );
}

/** Who is who: the most shared sites first. */
function paired(pairs: readonly Pair[]): Identity[] {
  const shared = new Map<string, { identity: Identity; count: number }>();
  for (const { a, b } of pairs) {
    const identity = { found: a.motif, planted: b.motif, flipped: a.strand !== b.strand };
    const key = JSON.stringify(identity);
    shared.set(key, { identity, count: (shared.get(key)?.count ?? 0) + 1 });
  }
  const chosen: Identity[] = [];
  for (const { identity } of [...shared.values()].sort((x, y) => y.count - x.count))
    if (!chosen.some(({ found, planted }) => found === identity.found || planted === identity.planted))
      chosen.push(identity);
  return chosen.sort((x, y) => x.found - y.found);
}

/** Precision, recall and F1 of sites, each sequence with its weight. */
export function siteScores(
  { right, found, planted }: SiteComparison,
  weights?: ArrayLike<number>,
): { precision: number; recall: number; f1: number } {
  const sum = (values: Float64Array) => values.reduce((all, n, i) => all + n * (weights?.[i] ?? 1), 0);
  const [r, f, p] = [sum(right), sum(found), sum(planted)];
  return { precision: f > 0 ? r / f : 0, recall: p > 0 ? r / p : 0, f1: f + p > 0 ? (2 * r) / (f + p) : 0 };
}
