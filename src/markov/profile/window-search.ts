import { usageError } from '../../core/errors.ts';
import { biasFilter } from './bias-filter.ts';
import { maxLength } from './build/max-length.ts';
import { type DomainAlignment, domainAlignment } from './domain-alignment.ts';
import { alignEnvelope, type DomainEnvelope, defineDomains, type EnvelopeScore } from './domains.ts';
import { fastScores } from './fast-scores.ts';
import { passesOf } from './passes.ts';
import type { ProfileHmm, ProfileStatistics } from './profile-hmm.ts';
import type { TargetSequence } from './search.ts';
import { lengthModel, nullScore, type SearchProfile, searchProfile } from './search-profile.ts';
import { reverseComplementCodes } from './strand.ts';
import { gumbelSurvival, logTailSurvival } from './tails.ts';
import { type TraceDomain, traceDomains } from './trace.ts';

/** Which strands are searched, and how. Filters are P-values that a window may have at most. */
export interface WindowSearchOptions {
  strand?: 'both' | 'plus' | 'minus';
  filters?: { msv?: number; viterbi?: number; forward?: number };
  bias?: boolean;
  null2?: boolean;
  seed?: number;
}

/** One match in a long sequence. Positions count from 1; on the minus strand `from` is behind `to`. Scores are in bits. */
export interface WindowHit {
  readonly profile: ProfileHmm;
  readonly id: string;
  readonly description: string;
  readonly length: number;
  readonly strand: '+' | '-';
  readonly score: number;
  /** What the sequence's own composition took off the score. */
  readonly bias: number;
  /** ln of the P-value in a window of the profile's maximum length. */
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

/** A profile ready to be searched for in long sequences. */
export interface WindowSearch {
  readonly profile: ProfileHmm;
  /** The length of a window: nearly no sequence that the profile emits is longer. */
  readonly window: number;
  /** Letters searched so far, each strand for itself. */
  readonly counts: { targets: number; residues: number };
  search(target: TargetSequence): WindowHit[];
}

const defaults = { msv: 0.02, viterbi: 3e-3, forward: 3e-5 };
/** How many letters of a window the bias of its composition counts for at most, by filter. */
const biased = { msv: 100, viterbi: 240, forward: 1000 };
/** Windows that touch are joined up to this length. */
const longest = 80_000;
const bits = (nats: number) => nats / Math.LN2;

/**
 * Searches chromosomes and the like for matches of a nucleotide profile on both strands, as HMMER's nhmmer does (Wheeler
 * and Eddy 2013): windows that pass the filters, and in them domains, each scored against the composition of
 * its own letters. Windows here are of fixed steps, so that which weak matches pass the filters may differ from HMMER.
 * Throws a usage error for a profile that was not calibrated.
 * @example openWindowSearch(profile).search({ id: 'chr1', codes }).map(({ from, to, strand }) => [from, to, strand])
 */
export function openWindowSearch(
  profile: ProfileHmm,
  { strand = 'both', filters, bias = true, null2 = true, seed = 42 }: WindowSearchOptions = {},
): WindowSearch {
  const { statistics } = profile;
  if (!statistics)
    throw usageError(
      `Profile ${profile.name} has no statistics (STATS lines); build it with seqwright hmm build.`,
    );
  const window = profile.maxLength ?? maxLength(profile);
  const search = searchProfile(profile);
  const finder = windowFinder(search, statistics, window, { ...defaults, ...filters }, bias);
  const score = null2 ? againstOwnComposition : againstBackground;
  const counts = { targets: 0, residues: 0 };
  const oneStrand = (target: TargetSequence, codes: Uint8Array, sign: '+' | '-'): WindowHit[] => {
    counts.residues += codes.length;
    const hits: WindowHit[] = [];
    for (const [from, to] of finder(codes)) {
      const part = codes.subarray(from, to);
      const lengths = lengthModel(part.length);
      const forward = passesOf(search).forward(part, lengths);
      const backward = passesOf(search).backward(part, lengths, forward);
      for (const domain of defineDomains(search, part, forward, backward, { seed, score }).domains) {
        const hit = windowHit(search, target, part, from, domain, window, statistics);
        if (hit) hits.push(sign === '+' ? hit : turned(hit));
      }
    }
    return hits;
  };
  return {
    profile,
    window,
    counts,
    search(target) {
      counts.targets++;
      const { codes } = target;
      const plus = strand === 'minus' ? [] : oneStrand(target, codes, '+');
      const minus =
        strand === 'plus' ? [] : oneStrand(target, reverseComplementCodes(codes, profile.alphabet), '-');
      return [...distinct(plus), ...distinct(minus)];
    },
  };
}

/** Windows [from, to) that pass the filters, joined where they touch. */
function windowFinder(
  search: SearchProfile,
  { msv, viterbi, forward }: ProfileStatistics,
  window: number,
  limits: typeof defaults,
  bias: boolean,
): (codes: Uint8Array) => [from: number, to: number][] {
  const scores = fastScores(search);
  const composition = bias ? biasFilter(search.profile) : undefined;
  const passes = (codes: Uint8Array): boolean => {
    const null1 = nullScore(Math.min(codes.length, window));
    const segments = scores.msv(codes);
    if (gumbelSurvival(bits(segments - null1), msv) > limits.msv) return false;
    const excess = composition ? composition(codes) - nullScore(codes.length) : 0;
    const share = (most: number) => excess * Math.min(1, most / codes.length);
    if (gumbelSurvival(bits(segments - null1 - share(biased.msv)), msv) > limits.msv) return false;
    const score = bits(scores.viterbi(codes) - null1 - share(biased.viterbi));
    return gumbelSurvival(score, viterbi) <= limits.viterbi;
  };
  const passesForward = (codes: Uint8Array): boolean => {
    const null1 = nullScore(codes.length);
    const excess = composition ? composition(codes) - null1 : 0;
    const score = scores.forward(codes) - null1 - excess * Math.min(1, biased.forward / codes.length);
    return logTailSurvival(bits(score), forward) <= Math.log(limits.forward);
  };
  return (codes) => {
    const joined: [number, number][] = [];
    // A match is shorter than a window, so that one of two that overlap by half has all of it.
    for (let from = 0; from < codes.length; from += window) {
      const to = Math.min(codes.length, from + 2 * window);
      if (!passes(codes.subarray(from, to))) continue;
      const last = joined.at(-1);
      if (last && from <= last[1] && to - last[0] <= longest) last[1] = to;
      else joined.push([from, to]);
    }
    return joined.filter(([from, to]) => passesForward(codes.subarray(from, to)));
  };
}

/** Envelopes may reach this far beyond the alignment. */
const margin = 20;
const slop = 3;

/**
 * Scores an envelope against a background that is mixed from its own composition, and trims it to its alignment: repeats
 * of few letters would otherwise score by themselves. What this takes off is the correction.
 */
const againstOwnComposition: EnvelopeScore = (profile, codes, first, last) => {
  let [from, to] = [first, last];
  let aligned: ReturnType<typeof alignEnvelope>;
  for (let round = 0; ; round++) {
    const own = withComposition(profile, codes, from, to);
    aligned = alignEnvelope(own, codes, from, to, to - from + 1);
    const domain = aligned && traceDomains(aligned.trace)[0];
    if (!aligned || !domain) return undefined;
    if (round === 5 || (from >= domain.from - margin - slop && to <= domain.to + margin + slop)) break;
    from = Math.max(from, domain.from - margin);
    to = Math.min(to, domain.to + margin);
  }
  const lengths = lengthModel(to - from + 1, { multihit: false });
  const plain = passesOf(profile).forward(codes.subarray(from - 1, to), lengths).score;
  const { posterior, ...envelope } = aligned;
  const score = Math.min(plain, aligned.score);
  return { ...envelope, score, correction: plain - score };
};

const againstBackground: EnvelopeScore = (profile, codes, from, to) => {
  const aligned = alignEnvelope(profile, codes, from, to, to - from + 1);
  if (!aligned) return undefined;
  const { posterior, ...envelope } = aligned;
  return { ...envelope, correction: 0 };
};

/** The profile against a background of which a quarter to a half is the null model, the rest the letters from … to. */
function withComposition(
  { profile, local }: SearchProfile,
  codes: Uint8Array,
  from: number,
  to: number,
): SearchProfile {
  const { alphabet } = profile;
  const counts = new Float64Array(alphabet.size);
  for (let i = from - 1; i < to; i++)
    for (const x of alphabet.members[codes[i]!]!) counts[x]! += 1 / alphabet.members[codes[i]!]!.length;
  const total = counts.reduce((sum, n) => sum + n, 0);
  const kept = 25 / Math.min(100, Math.max(50, codes.length));
  const background = alphabet.background.map((f, x) =>
    total > 0 ? kept * f + (1 - kept) * (counts[x]! / total) : f,
  );
  return searchProfile(
    { ...profile, alphabet: { ...alphabet, background } },
    { mode: local ? 'local' : 'glocal' },
  );
}

/** A domain as a hit of its own, scored as though it lay in a window of the maximum length. */
function windowHit(
  search: SearchProfile,
  { id, description = '', codes }: TargetSequence,
  part: Uint8Array,
  offset: number,
  { trace, score, correction, accuracy, ...domain }: DomainEnvelope,
  window: number,
  { forward }: ProfileStatistics,
): WindowHit | undefined {
  const aligned = traceDomains(trace)[0];
  if (!aligned || aligned.to - aligned.from + 1 < 8) return undefined;
  const inWindow = bits(windowScore(score, domain, aligned, window));
  return {
    profile: search.profile,
    id,
    description,
    length: codes.length,
    strand: '+',
    score: inWindow,
    bias: bits(correction),
    logP: logTailSurvival(inWindow, forward),
    nodeFrom: aligned.nodeFrom,
    nodeTo: aligned.nodeTo,
    from: offset + aligned.from,
    to: offset + aligned.to,
    envelopeFrom: offset + domain.from,
    envelopeTo: offset + domain.to,
    accuracy,
    alignment: domainAlignment(search, part, trace, aligned),
  };
}

/** Exchanges the length model of the envelope for that of the window; see `lengthModel`, one domain. */
function windowScore(
  score: number,
  { from, to }: { from: number; to: number },
  aligned: TraceDomain,
  window: number,
) {
  const envelope = to - from + 1;
  const letters = aligned.to - aligned.from + 1;
  const length = Math.max(window, envelope);
  const ends = 2 * Math.log(2 / (window + 2)) - 2 * Math.log(2 / (envelope + 2));
  const flanks =
    (length - letters) * Math.log(window / (window + 2)) -
    (envelope - letters) * Math.log(envelope / (envelope + 2));
  return score + ends + flanks - nullScore(length);
}

/** Positions of the other strand in those of the first one. */
function turned(hit: WindowHit): WindowHit {
  const at = (i: number) => hit.length + 1 - i;
  const { from, to, envelopeFrom, envelopeTo } = hit;
  return {
    ...hit,
    strand: '-',
    from: at(from),
    to: at(to),
    envelopeFrom: at(envelopeFrom),
    envelopeTo: at(envelopeTo),
  };
}

/** Of hits whose alignments mostly overlap, which two windows may both have, the better one. */
function distinct(hits: readonly WindowHit[]): WindowHit[] {
  const kept: WindowHit[] = [];
  for (const hit of [...hits].sort((a, b) => b.score - a.score))
    if (!kept.some((other) => same(hit, other))) kept.push(hit);
  return kept;
}

function same(a: WindowHit, b: WindowHit): boolean {
  const [fromA, toA] = [Math.min(a.from, a.to), Math.max(a.from, a.to)];
  const [fromB, toB] = [Math.min(b.from, b.to), Math.max(b.from, b.to)];
  const shared = Math.min(toA, toB) - Math.max(fromA, fromB) + 1;
  const nodes = Math.min(a.nodeTo, b.nodeTo) - Math.max(a.nodeFrom, b.nodeFrom) + 1;
  return shared >= 0.5 * Math.min(toA - fromA + 1, toB - fromB + 1) && nodes > 0;
}
