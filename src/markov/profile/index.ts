export { alignToProfile, type ProfileAlignedRows } from './align-sequences.ts';
export {
  aminoProfile,
  customProfileAlphabet,
  dnaProfile,
  encodeRow,
  encodeSequence,
  guessProfileAlphabet,
  type ProfileAlphabet,
  profileAlphabet,
  rnaProfile,
} from './alphabet.ts';
export { type BuildOptions, buildProfile } from './build/build-profile.ts';
export { calibrate } from './build/calibrate.ts';
export type { ProfileAlignment } from './build/columns.ts';
export { type DirichletMixture, posteriorMeans } from './build/dirichlet.ts';
export type { ProfilePriors } from './build/priors.ts';
export { domainPosterior, statePosterior } from './decoding.ts';
export type { DomainAlignment } from './domain-alignment.ts';
export { defineDomains } from './domains.ts';
export { type ProfilePass, profileBackward, profileForward } from './forward.ts';
export { logProfile, multipleSegmentViterbi, profileViterbi } from './max-scores.ts';
export { optimalAccuracy } from './optimal-accuracy.ts';
export type { Cutoffs, ProfileHmm, ProfileStatistics, Tail } from './profile-hmm.ts';
export { profileScorer, profileToHmm } from './profile-scorer.ts';
export { readHmmer } from './read-hmmer.ts';
export { type HitsTextOptions, hitsText, windowsText } from './report/hits-text.ts';
export {
  type ReportedDomain,
  type ReportedHit,
  type ReportingOptions,
  reportHits,
} from './report/reporting.ts';
export { domainTable, type TableName, type TableRow, targetTable } from './report/tables.ts';
export { type ReportedWindow, reportWindows, windowTable } from './report/windows.ts';
export { type ProfileSample, sampleProfile } from './sample-profile.ts';
export {
  type Comparison,
  type ComparisonOptions,
  type HitDomain,
  openComparison,
  type ProfileHit,
  type TargetSequence,
} from './search.ts';
export {
  type LengthModel,
  lengthModel,
  nullScore,
  type SearchProfile,
  searchProfile,
} from './search-profile.ts';
export { stochasticTrace } from './stochastic-trace.ts';
export { reverseComplementCodes } from './strand.ts';
export { type ProfileTrace, type TraceDomain, traceDomains } from './trace.ts';
export {
  openWindowSearch,
  type WindowHit,
  type WindowSearch,
  type WindowSearchOptions,
} from './window-search.ts';
export { hmmerText } from './write-hmmer.ts';
