/** A domain of a sampled path: positions of the sequence and nodes of the profile, both ends included. */
export interface SampledDomain {
  readonly sample: number;
  readonly from: number;
  readonly to: number;
  readonly nodeFrom: number;
  readonly nodeTo: number;
}

/** What makes two sampled domains the same one, and a cluster of them believed (HMMER User's Guide; Eddy 2011). */
export interface ClusterOptions {
  /** The share of the shorter one that must overlap, in sequence and profile. */
  overlap?: number;
  /** How many diagonals the begins or the ends may be apart. */
  diagonals?: number;
  /** The share of samples that must have the domain. */
  posterior?: number;
  /** The outermost end that this share of the cluster's samples has is the envelope's. */
  endpoint?: number;
}

/** Where a domain lies, and the share of sampled paths that have it. */
export interface Envelope {
  readonly from: number;
  readonly to: number;
  readonly posterior: number;
}

/** Envelopes of the domains that enough sampled paths agree on, in the order of their begins. */
export function clusterDomains(
  domains: readonly SampledDomain[],
  samples: number,
  { overlap = 0.8, diagonals = 4, posterior = 0.25, endpoint = 0.02 }: ClusterOptions = {},
): Envelope[] {
  const envelopes: Envelope[] = [];
  for (const cluster of singleLinkage(domains, (a, b) => same(a, b, overlap, diagonals))) {
    const seen = new Set(cluster.map(({ sample }) => sample)).size;
    if (seen / samples < posterior) continue;
    const enough = Math.ceil(seen * endpoint);
    const outermost = (values: number[]) => {
      const counts = new Map<number, number>();
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
      return values.find((value) => counts.get(value)! >= enough) ?? mostFrequent(counts);
    };
    const ascending = (of: (d: SampledDomain) => number) => cluster.map(of).sort((a, b) => a - b);
    const from = outermost(ascending((d) => d.from));
    const to = outermost(ascending((d) => d.to).reverse());
    const nodeFrom = outermost(ascending((d) => d.nodeFrom));
    const nodeTo = outermost(ascending((d) => d.nodeTo).reverse());
    if (from <= to && nodeFrom <= nodeTo) envelopes.push({ from, to, posterior: seen / samples });
  }
  envelopes.sort((a, b) => a.from - b.from);
  return envelopes.filter((one) => !envelopes.some((other) => dominates(other, one, overlap, envelopes)));
}

/** Of two envelopes of the same letters the more probable one stays, or the later one. */
function dominates(a: Envelope, b: Envelope, overlap: number, order: readonly Envelope[]): boolean {
  if (a === b) return false;
  const shared = Math.min(a.to, b.to) - Math.max(a.from, b.from) + 1;
  if (shared / Math.min(a.to - a.from + 1, b.to - b.from + 1) < overlap) return false;
  return a.posterior > b.posterior || (a.posterior === b.posterior && order.indexOf(a) > order.indexOf(b));
}

function same(a: SampledDomain, b: SampledDomain, overlap: number, diagonals: number): boolean {
  const [lengthA, lengthB] = [a.to - a.from + 1, b.to - b.from + 1];
  const shared = Math.min(a.to, b.to) - Math.max(a.from, b.from) + 1;
  if (shared / Math.min(lengthA, lengthB) < overlap) return false;
  const [nodesA, nodesB] = [a.nodeTo - a.nodeFrom + 1, b.nodeTo - b.nodeFrom + 1];
  const common = Math.min(a.nodeTo, b.nodeTo) - Math.max(a.nodeFrom, b.nodeFrom);
  if (common / Math.min(nodesA, nodesB) < overlap) return false;
  const begins = Math.abs(a.from - a.nodeFrom - (b.from - b.nodeFrom));
  const ends = Math.abs(a.to - a.nodeTo - (b.to - b.nodeTo));
  return begins <= diagonals || ends <= diagonals;
}

function mostFrequent(counts: Map<number, number>): number {
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** Groups in which each member is linked to another one. */
function singleLinkage<T>(items: readonly T[], linked: (a: T, b: T) => boolean): T[][] {
  let left = [...items];
  const groups: T[][] = [];
  while (left.length > 0) {
    const group = [left.pop()!];
    for (let at = 0; at < group.length; at++) {
      const rest: T[] = [];
      for (const item of left) (linked(group[at]!, item) ? group : rest).push(item);
      left = rest;
    }
    groups.push(group);
  }
  return groups;
}
