import type { Cutoffs } from '../profile-hmm.ts';
import type { HitDomain, ProfileHit } from '../search.ts';

/** Which hits and domains are reported, and which of them are believed; the defaults are HMMER's. */
export interface ReportingOptions {
  /** Largest E-value, or least bits, of sequences and of domains. */
  evalue?: number;
  score?: number;
  domainEvalue?: number;
  domainScore?: number;
  includeEvalue?: number;
  includeScore?: number;
  includeDomainEvalue?: number;
  includeDomainScore?: number;
  /** Takes the profile's own thresholds for all of them. */
  cutoff?: keyof Cutoffs;
  /** How many comparisons E-values are of: the number of targets, and of those reported. */
  targets?: number;
  domainTargets?: number;
}

/** A reported domain: `conditional` is its E-value among the sequences reported, `independent` among all. */
export interface ReportedDomain extends HitDomain {
  readonly conditional: number;
  readonly independent: number;
  readonly included: boolean;
}

/** A reported sequence, with its reported domains; the best one has the highest score. */
export interface ReportedHit extends Omit<ProfileHit, 'domains'> {
  readonly evalue: number;
  readonly included: boolean;
  readonly best: HitDomain & { readonly evalue: number };
  readonly domains: readonly ReportedDomain[];
  readonly domainsIncluded: number;
}

/**
 * The hits that pass the thresholds, best first. E-values need the number of `targets` compared, which is known at the
 * end of a search.
 */
export function reportHits(
  hits: readonly ProfileHit[],
  targets: number,
  options: ReportingOptions = {},
): ReportedHit[] {
  const searched = options.targets ?? targets;
  const sorted = [...hits].sort((a, b) => a.logP - b.logP || b.score - a.score || (a.id < b.id ? -1 : 1));
  const reported = sorted.filter((hit) => passes(hit, searched, limits(hit, options).report));
  const among = options.domainTargets ?? reported.length;
  return reported.map((hit) => {
    const of = limits(hit, options);
    const included = passes(hit, searched, of.include);
    const domains = hit.domains
      .filter((domain) => passes(domain, among, of.reportDomain))
      .map((domain) => ({
        ...domain,
        conditional: Math.exp(domain.logP) * among,
        independent: Math.exp(domain.logP) * searched,
        included: included && passes(domain, among, of.includeDomain),
      }));
    const best = hit.domains.reduce((a, b) => (b.score > a.score ? b : a));
    return {
      ...hit,
      evalue: Math.exp(hit.logP) * searched,
      included,
      best: { ...best, evalue: Math.exp(best.logP) * searched },
      domains,
      domainsIncluded: domains.filter((domain) => domain.included).length,
    };
  });
}

interface Limit {
  evalue: number;
  score?: number | undefined;
}

const passes = ({ logP, score }: { logP: number; score: number }, targets: number, limit: Limit) =>
  limit.score === undefined ? Math.exp(logP) * targets <= limit.evalue : score >= limit.score;

/** A score as threshold goes before an E-value; the profile's own go before both. */
function limits({ profile }: ProfileHit, o: ReportingOptions) {
  const own = o.cutoff && profile.cutoffs?.[o.cutoff];
  return {
    report: { evalue: o.evalue ?? 10, score: own?.[0] ?? o.score },
    include: { evalue: o.includeEvalue ?? 0.01, score: own?.[0] ?? o.includeScore },
    reportDomain: { evalue: o.domainEvalue ?? 10, score: own?.[1] ?? o.domainScore },
    includeDomain: { evalue: o.includeDomainEvalue ?? 0.01, score: own?.[1] ?? o.includeDomainScore },
  };
}
