/** Decoders on any `Scorer`, and constraints on what they write. */

export { type GeneticCode, geneticCode, geneticCodes } from '../data/genetic-codes.ts';
export { type BeamOptions, beam, beamEach, type Hypothesis } from './beam.ts';
export type { Coverage } from './beam-score.ts';
export { all } from './constraints/all.ts';
export { type CodonOptions, codons } from './constraints/codons.ts';
export type { Constraint, Letters } from './constraints/constraint.ts';
export { type GcOptions, gc } from './constraints/gc.ts';
export { compileConstraints, type Guide, type GuideOptions } from './constraints/guide.ts';
export { length } from './constraints/length.ts';
export { type Mask, mask } from './constraints/mask.ts';
export { matches } from './constraints/matches.ts';
export { avoid, endsWith, type MotifOptions, require, startsWith } from './constraints/motifs.ts';
export { restrictionSites, sites } from './constraints/restriction-sites.ts';
export { type Chain, crfBestPaths, crfViterbi, type TagPath } from './crf.ts';
export {
  type CtcBeamOptions,
  type CtcHypothesis,
  type CtcLabelling,
  type CtcLanguage,
  type CtcShape,
  ctcBeam,
  ctcGreedy,
} from './ctc.ts';
export type { Decoded, DecodingOptions } from './decoding.ts';
export { bestChain, type ChainRules, type ScoredStretch } from './gene-chain.ts';
export { type Generated, type GenerateOptions, generate } from './generate.ts';
export { type GreedyOptions, greedy, greedyEach } from './greedy.ts';
export {
  type GenerateSequencesOptions,
  generateSequences,
  type LikelySequencesOptions,
  likelySequences,
  withoutTokens,
} from './language.ts';
export { rerank } from './rerank.ts';
export { minP, nucleus, type Reshape, temperature, topK, typical } from './sampling.ts';
export type { Contrast } from './stepper.ts';
