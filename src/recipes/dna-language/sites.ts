/** Where a motif stands; the end is exclusive. */
export interface FoundSite {
  readonly sequence: number;
  readonly start: number;
  readonly end: number;
  /** Bits of information gain within it. */
  readonly gain: number;
}

/** Of sites that overlap by more than half the one with most gain: a wide motif may have been cut out twice. */
export function apart(sites: readonly FoundSite[]): FoundSite[] {
  const kept: FoundSite[] = [];
  for (const site of [...sites].sort((a, b) => b.gain - a.gain)) {
    const near = kept.some(
      ({ sequence, start }) =>
        sequence === site.sequence && 2 * Math.abs(start - site.start) < site.end - site.start,
    );
    if (!near) kept.push(site);
  }
  return kept;
}
