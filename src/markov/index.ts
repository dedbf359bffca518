export * from './decay.ts';
export * from './hmm/index.ts';
export * from './motif/index.ts';
export { type NgramCounts, type NgramShape, ngramCounts } from './ngram/counts.ts';
export { type NgramContext, type NgramModel, ngramModel } from './ngram/model.ts';
export { ngramFit, type PredictiveFit } from './ngram/perplexity.ts';
export { sampleNgrams } from './ngram/sample.ts';
export { type NgramState, ngramScorer } from './ngram/scorer.ts';
export type { Smoothing } from './ngram/smoothing.ts';
export { addTrees, type NgramTree, ngramTrees } from './ngram/tree.ts';
export {
  type PairAlignment,
  type PairHmm,
  type PairHmmDefinition,
  pairForward,
  pairHmm,
  pairViterbi,
} from './pair/pair-hmm.ts';
export * from './profile/index.ts';
export * from './series/index.ts';
