export {
  baumWelch,
  countLabelled,
  randomizedHmm,
  type TrainingOptions,
  type TrainingResult,
  viterbiTraining,
} from './baum-welch.ts';
export { addExpected, addPath, type HmmCounts, zeroCounts } from './counts.ts';
export { type ExpandedDefinition, withDurations } from './durations.ts';
export { type Categorical, type CategoricalShape, categorical } from './emissions/categorical.ts';
export type { EmissionStatistics, Emissions, Series } from './emissions/emissions.ts';
export { type Gaussian, type GaussianParameters, gaussian, gaussianMixture } from './emissions/gaussian.ts';
export { type Poisson, poisson } from './emissions/poisson.ts';
export { estimated, type Pseudocounts, type Trained } from './estimate.ts';
export { forward, type Likelihood } from './forward.ts';
export type { PassOptions } from './forward-backward.ts';
export { kBestPaths } from './k-best.ts';
export type { Labels } from './labels.ts';
export { meaPath } from './mea.ts';
export { type Hmm, type HmmDefinition, hmm, type StateDefinition, type StateRef } from './model.ts';
export { freeParameters } from './parameters.ts';
export { posteriorStates, posteriors, visitPosteriors } from './posterior.ts';
export { prefixLogs } from './prefix-logs.ts';
export { sampleHmm, samplePath } from './sample.ts';
export { type HmmPrefix, hmmScorer } from './scorer.ts';
export {
  pathLetters,
  pathLogProbability,
  runsText,
  type StatePath,
  type StateRun,
  stateRuns,
} from './state-path.ts';
export { viterbi } from './viterbi.ts';
