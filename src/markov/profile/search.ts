import { usageError } from '../../core/errors.ts';
import { biasFilter } from './bias-filter.ts';
import { type DomainAlignment, domainAlignment } from './domain-alignment.ts';
import { type DomainDefinition, type DomainEnvelope, defineDomains } from './domains.ts';
import { fastScores } from './fast-scores.ts';
import { passesOf } from './passes.ts';
import type { ProfileHmm, ProfileStatistics } from './profile-hmm.ts';
import { lengthModel, nullScore, type SearchProfile, searchProfile } from './search-profile.ts';
import { gumbelSurvival, logTailSurvival } from './tails.ts';
import { type ProfileTrace, traceDomains } from './trace.ts';

/** A sequence to compare with profiles. */
export interface TargetSequence {
  readonly id: string;
  readonly description?: string;
  readonly codes: Uint8Array;
}

/** What a comparison does besides the scores. Filters are P-values that a sequence may have at most. */
export interface ComparisonOptions {
  filters?: { msv?: number; viterbi?: number; forward?: number };
  /** Corrects the first filter for sequences whose composition is the profile's. */
  bias?: boolean;
  /** Corrects scores for what composition explains of a domain. */
  null2?: boolean;
  seed?: number;
}

/** One domain of a hit. Positions and nodes count from 1; scores are in bits. */
export interface HitDomain {
  readonly score: number;
  readonly bias: number;
  readonly logP: number;
  readonly nodeFrom: number;
  readonly nodeTo: number;
  readonly from: number;
  readonly to: number;
  readonly envelopeFrom: number;
  readonly envelopeTo: number;
  readonly accuracy: number;
  readonly alignment: DomainAlignment;
}

/** A sequence that passed all filters, and its domains. `bias` is what the null2 correction took off. */
export interface ProfileHit {
  readonly profile: ProfileHmm;
  readonly id: string;
  readonly description: string;
  readonly length: number;
  readonly score: number;
  readonly bias: number;
  readonly logP: number;
  readonly expected: number;
  readonly regions: number;
  readonly clustered: number;
  readonly overlaps: number;
  readonly envelopes: number;
  readonly domains: readonly HitDomain[];
}

/** How many sequences passed which filter. */
export interface FilterCounts {
  targets: number;
  residues: number;
  msv: number;
  bias: number;
  viterbi: number;
  forward: number;
}

/** A profile ready to be compared with many sequences. */
export interface Comparison {
  readonly profile: ProfileHmm;
  readonly counts: FilterCounts;
  /** The hit, or undefined for a sequence that does not pass the filters or has no domain. */
  compare(target: TargetSequence): ProfileHit | undefined;
}

const defaults = { msv: 0.02, viterbi: 1e-3, forward: 1e-5 };
/** The prior probability of a domain's composition being biased (HMMER User's Guide). */
const logOmega = Math.log(1 / 256);
const bits = (nats: number) => nats / Math.LN2;
const withPrior = (correction: number) => {
  const x = logOmega + correction;
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
};

/**
 * Compares sequences with a profile as HMMER3 does (Eddy 2011): MSV, bias, Viterbi and Forward filters, domains by
 * posterior decoding, each rescored and aligned, and corrected for biased composition.
 * Throws a usage error for a profile that was not calibrated.
 * @example
 * const { compare } = openComparison(profile);
 * compare({ id: 'HBB_HUMAN', codes: encodeSequence('VHLTPEEKSA…', profile.alphabet) })?.score
 */
export function openComparison(
  profile: ProfileHmm,
  { filters, bias = true, null2 = true, seed = 42 }: ComparisonOptions = {},
): Comparison {
  const { statistics } = profile;
  if (!statistics)
    throw usageError(
      `Profile ${profile.name} has no statistics (STATS lines), without which scores have no E-values. Calibrate it: seqwright hmm build does.`,
    );
  const search = searchProfile(profile);
  const counts = { targets: 0, residues: 0, msv: 0, bias: 0, viterbi: 0, forward: 0 };
  const passes = filterChain(search, statistics, { ...defaults, ...filters }, bias, counts);
  return {
    profile,
    counts,
    compare({ id, description = '', codes }) {
      counts.targets++;
      counts.residues += codes.length;
      if (codes.length === 0 || !passes(codes)) return undefined;
      const lengths = lengthModel(codes.length);
      const forward = passesOf(search).forward(codes, lengths);
      const backward = passesOf(search).backward(codes, lengths, forward);
      const found = defineDomains(search, codes, forward, backward, { seed });
      if (found.domains.length === 0) return undefined;
      const scored = sequenceScore(forward.score, codes.length, found, null2, statistics);
      const domains = found.domains.map((d) => hitDomain(search, codes, d, null2, statistics));
      const { expected, regions, clustered, overlaps } = found;
      const envelopes = found.domains.length;
      const numbers = { expected, regions, clustered, overlaps, envelopes };
      return { profile, id, description, length: codes.length, ...scored, ...numbers, domains };
    },
  };
}

function filterChain(
  search: SearchProfile,
  { msv, viterbi, forward }: ProfileStatistics,
  limits: typeof defaults,
  bias: boolean,
  counts: FilterCounts,
): (codes: Uint8Array) => boolean {
  const scores = fastScores(search);
  const composition = bias ? biasFilter(search.profile) : undefined;
  return (codes) => {
    let null1 = nullScore(codes.length);
    const segments = scores.msv(codes);
    let p = gumbelSurvival(bits(segments - null1), msv);
    if (p > limits.msv) return false;
    counts.msv++;
    if (composition) {
      null1 = composition(codes);
      p = gumbelSurvival(bits(segments - null1), msv);
      if (p > limits.msv) return false;
    }
    counts.bias++;
    if (p > limits.viterbi && gumbelSurvival(bits(scores.viterbi(codes) - null1), viterbi) > limits.viterbi)
      return false;
    counts.viterbi++;
    if (logTailSurvival(bits(scores.forward(codes) - null1), forward) > Math.log(limits.forward))
      return false;
    counts.forward++;
    return true;
  };
}

/**
 * The score of a sequence: its Forward score, or the sum of its domains where that is larger, both corrected for
 * composition.
 */
function sequenceScore(
  forward: number,
  length: number,
  { domains, correction }: DomainDefinition,
  null2: boolean,
  statistics: ProfileStatistics,
): { score: number; bias: number; logP: number } {
  const null1 = nullScore(length);
  let before = bits(forward - null1);
  let score = before - bits(null2 ? withPrior(correction) : 0);
  let [sum, inside, corrections] = [0, 0, 0];
  for (const domain of domains) {
    if (domain.score - (null2 ? domain.correction : 0) <= 0) continue;
    sum += domain.score;
    inside += domain.to - domain.from + 1;
    corrections += domain.correction;
  }
  sum += outsideScore(length - inside, length);
  const corrected = bits(sum - null1) - bits(null2 ? withPrior(corrections) : 0);
  if (inside > 0 && corrected > score) {
    score = corrected;
    before = bits(sum - null1);
  }
  return { score, bias: before - score, logP: logTailSurvival(score, statistics.forward) };
}

/** The flanks of a sequence, emitted by N, J and C. */
const outsideScore = (letters: number, length: number) => letters * Math.log(length / (length + 3));

function hitDomain(
  search: SearchProfile,
  codes: Uint8Array,
  domain: DomainEnvelope,
  null2: boolean,
  statistics: ProfileStatistics,
): HitDomain {
  const { from, to } = domain;
  const bias = bits(null2 ? withPrior(domain.correction) : 0);
  const outside = outsideScore(codes.length - (to - from + 1), codes.length);
  const score = bits(domain.score + outside - nullScore(codes.length)) - bias;
  const aligned = alignedPart(domain.trace);
  return {
    score,
    bias,
    logP: logTailSurvival(score, statistics.forward),
    nodeFrom: aligned.nodeFrom,
    nodeTo: aligned.nodeTo,
    from: aligned.from,
    to: aligned.to,
    envelopeFrom: from,
    envelopeTo: to,
    accuracy: domain.accuracy,
    alignment: domainAlignment(search, codes, domain.trace, aligned),
  };
}

/** An envelope has one domain, whose alignment has a match. */
const alignedPart = (trace: ProfileTrace) => traceDomains(trace)[0]!;
