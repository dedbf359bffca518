import { clusterDomains, type SampledDomain } from './clusters.ts';
import { type DomainPosterior, domainPosterior, type StatePosterior, statePosterior } from './decoding.ts';
import type { ProfilePass } from './forward.ts';
import { null2ByPosterior, null2ByTrace } from './null2.ts';
import { optimalAccuracy } from './optimal-accuracy.ts';
import { passesOf } from './passes.ts';
import { samplingStream } from './sampling-stream.ts';
import { type LengthModel, lengthModel, type SearchProfile } from './search-profile.ts';
import { stochasticTrace } from './stochastic-trace.ts';
import { type ProfileTrace, traceDomains } from './trace.ts';

/** One envelope of a sequence, rescored on its own. Positions count from 1. */
export interface DomainEnvelope {
  readonly from: number;
  readonly to: number;
  /** ln of the odds of the envelope, one domain in it. */
  readonly score: number;
  /** What composition alone explains of it, in nats, before its prior. */
  readonly correction: number;
  /** Expected number of letters that are aligned rightly, by letter of the envelope. */
  readonly accuracy: number;
  /** The most accurate alignment; its positions are of the whole sequence. */
  readonly trace: Required<ProfileTrace>;
}

/** All domains of a sequence. */
export interface DomainDefinition {
  readonly domains: readonly DomainEnvelope[];
  /** Expected number of domains. */
  readonly expected: number;
  readonly regions: number;
  /** Regions that were resolved by sampled paths. */
  readonly clustered: number;
  readonly overlaps: number;
  /** What composition alone explains of all regions, in nats, before its prior. */
  readonly correction: number;
}

/** Thresholds on the posterior (Eddy 2011; HMMER User's Guide): a region's core, its flanks, and more than one domain. */
const core = 0.25;
const flank = 0.1;
const several = 0.2;
const samples = 200;

/** Finds domains by posterior decoding, from the passes of Forward and Backward over the whole sequence. */
export function defineDomains(
  profile: SearchProfile,
  codes: Uint8Array,
  forward: ProfilePass,
  backward: ProfilePass,
  { seed = 42, score = scoreEnvelope }: { seed?: number; score?: EnvelopeScore } = {},
): DomainDefinition {
  const multihit = lengthModel(codes.length);
  const posterior = domainPosterior(forward, backward, multihit);
  const state = { domains: [] as DomainEnvelope[], clustered: 0, overlaps: 0, correction: 0 };
  const regions = findRegions(posterior);
  for (const [from, to] of regions) {
    if (isMultidomain(posterior, from, to))
      resolveRegion(profile, codes, [from, to], multihit, seed, state, score);
    else {
      const domain = score(profile, codes, from, to);
      if (!domain) continue;
      state.domains.push(domain);
      state.correction += domain.correction;
    }
  }
  return { ...state, regions: regions.length, expected: posterior.begun[codes.length]! };
}

/** Runs of positions that are probably within domains: one must reach `core`, and all around it `flank`. */
function findRegions({ inside, begun, ended }: DomainPosterior): [from: number, to: number][] {
  const regions: [number, number][] = [];
  let from = -1;
  let reached = false;
  for (let j = 1; j < inside.length; j++) {
    if (!reached) {
      if (from === -1 || inside[j]! - (begun[j]! - begun[j - 1]!) < flank) from = j;
      reached = inside[j]! >= core;
    } else if (inside[j]! - (ended[j]! - ended[j - 1]!) < flank) {
      regions.push([from, j]);
      from = -1;
      reached = false;
    }
  }
  return regions;
}

/** Whether there is a place before which a domain probably ended and after which another one began. */
function isMultidomain({ begun, ended }: DomainPosterior, from: number, to: number): boolean {
  for (let z = from; z <= to; z++)
    if (Math.min(ended[z]! - ended[from - 1]!, begun[to]! - begun[z - 1]!) >= several) return true;
  return false;
}

interface State {
  domains: DomainEnvelope[];
  clustered: number;
  overlaps: number;
  correction: number;
}

/** Envelopes of a region of several domains are what sampled paths agree on. */
function resolveRegion(
  profile: SearchProfile,
  codes: Uint8Array,
  [from, to]: readonly [number, number],
  lengths: LengthModel,
  seed: number,
  state: State,
  score: EnvelopeScore,
): void {
  state.clustered++;
  const region = codes.subarray(from - 1, to);
  const pass = passesOf(profile).forward(region, lengths, { rows: true });
  const stream = samplingStream(seed); // Each region anew, so that it does not depend on the others.
  const drawn: SampledDomain[] = [];
  const odds = new Float64Array(region.length);
  for (let sample = 0; sample < samples; sample++) {
    const trace = stochasticTrace(profile, pass, lengths, stream);
    let after = 0;
    for (const domain of traceDomains(trace)) {
      drawn.push({ sample, ...domain, from: domain.from + from - 1, to: domain.to + from - 1 });
      const null2 = null2ByTrace(profile, trace, domain);
      // As in HMMER, whose scores these are to equal, a domain's first letter counts as outside of it.
      for (; after < domain.from; after++) odds[after]! += 1;
      for (; after < domain.to; after++) odds[after]! += null2[region[after]!]!;
    }
    for (; after < region.length; after++) odds[after]! += 1;
  }
  const logOdds = odds.map((sum) => Math.log(sum / samples));
  state.correction += logOdds.reduce((sum, x) => sum + x, 0);
  let last = 0;
  for (const envelope of clusterDomains(drawn, samples)) {
    if (envelope.from <= last) state.overlaps++;
    const domain = score(profile, codes, envelope.from, envelope.to, (i) => logOdds[i - from]!);
    if (domain) state.domains.push(domain);
    last = envelope.to;
  }
}

/** Scores an envelope as a single domain, and aligns it. Undefined for one whose score is no number. */
export type EnvelopeScore = (
  profile: SearchProfile,
  codes: Uint8Array,
  from: number,
  to: number,
  logOdds?: (position: number) => number,
) => DomainEnvelope | undefined;

/** In a sequence of its own length, of which all but the envelope is flank. */
export const scoreEnvelope: EnvelopeScore = (profile, codes, from, to, logOdds) => {
  const aligned = alignEnvelope(profile, codes, from, to, codes.length);
  if (!aligned) return undefined;
  const { posterior, ...envelope } = aligned;
  let correction = 0;
  if (logOdds) for (let i = from; i <= to; i++) correction += logOdds(i);
  else {
    const odds = null2ByPosterior(profile, posterior);
    for (let i = from; i <= to; i++) correction += Math.log(odds[codes[i - 1]!]!);
  }
  return { ...envelope, correction };
};

/** One domain in an envelope, under the length model of `length` letters. */
export function alignEnvelope(
  profile: SearchProfile,
  codes: Uint8Array,
  from: number,
  to: number,
  length: number,
): (Omit<DomainEnvelope, 'correction'> & { posterior: StatePosterior }) | undefined {
  const lengths = lengthModel(length, { multihit: false });
  const part = codes.subarray(from - 1, to);
  const forward = passesOf(profile).forward(part, lengths, { rows: true });
  if (!Number.isFinite(forward.score)) return undefined;
  const backward = passesOf(profile).backward(part, lengths, forward, { rows: true });
  const posterior = statePosterior(forward, backward, lengths, profile.nodes);
  const { trace, expected } = optimalAccuracy(profile, posterior, lengths);
  const positions = trace.positions.map((i) => (i > 0 ? i + from - 1 : 0));
  const accuracy = expected / (1 + Math.abs(to - from));
  return { from, to, score: forward.score, accuracy, trace: { ...trace, positions }, posterior };
}
