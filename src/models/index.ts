/** Assembled architectures, what they predict, and the folders and files that hold them. */
export * from './architectures/index.ts';
export type { CustomNetwork, NetworkData } from './custom-network.ts';
export type { DropoutPasses } from './dropout-passes.ts';
export type { PredictionInput } from './encode-record.ts';
export * from './export.ts';
export { encodeFeatures, type FeatureSpec } from './features.ts';
export { forecasterArchitectures } from './forecaster/architectures.ts';
export type { NodeGraph } from './forecaster/node-graph.ts';
export type { ForecasterSpec, ForecastOutput } from './forecaster/spec.ts';
export { type AnySpec, type KindName, kinds, type SpecOf } from './kinds/index.ts';
export type { ModelKind, OnnxGraph } from './kinds/kind.ts';
export type { LanguageArchitecture, LanguageNetwork } from './language/architecture.ts';
export { languageArchitectures } from './language/architectures.ts';
export { type LanguageJudge, openJudge } from './language/judge.ts';
export { type LanguageScorer, type LanguageState, languageScorer } from './language/scorer.ts';
export type { LanguageSpec } from './language/spec.ts';
export { topicPosteriors } from './language/topic-posterior.ts';
export { loadAnyModel, loadModel, loadModelOf } from './load-model.ts';
export * from './markov/index.ts';
export { marksBodies } from './marks/bodies.ts';
export { type MarksRunner, openMarksRunner } from './marks/runner.ts';
export type { Mark, MarksSpec, MarksTrack } from './marks/spec.ts';
export { type MarksStretch, type MarksWindow, marksWindows } from './marks/stretch.ts';
export { type MaskedArchitecture, type MaskedNetwork, maskedArchitectures } from './masked/architecture.ts';
export { informationGain, type LetterProbabilities, letterProbabilities } from './masked/letters.ts';
export { type MaskedReader, type MaskedRow, openMaskedReader } from './masked/reader.ts';
export type { MaskedSpec, Masking, MaskingName } from './masked/spec.ts';
export type { AnyModel, Model } from './model.ts';
export * from './network.ts';
export * from './predict.ts';
export * from './safetensors.ts';
export { saveModel } from './save-model.ts';
export { type SpanArchitecture, spanArchitectures } from './span/architectures.ts';
export type { SpanSpec } from './span/spec.ts';
export * from './spec.ts';
export { taggerBodies } from './tagger/bodies.ts';
export type { TaggerInput, TaggerSpec, TagRules, TagScheme } from './tagger/spec.ts';
export type { Tokens } from './tagger/vocabulary.ts';
export { type TranscriberArchitecture, transcriberArchitectures } from './transcriber/architectures.ts';
export {
  openTranscriberRunner,
  type StepLogs,
  type TranscriberRunner,
} from './transcriber/runner.ts';
export type { TranscriberInput, TranscriberSpec } from './transcriber/spec.ts';
export { translatorArchitectures } from './translator/architectures.ts';
export { type ForcedScores, openForced, type TokenPair } from './translator/forced.ts';
export {
  type TrainedTranslator,
  type TranslationScorer,
  type TranslationState,
  translationScorer,
} from './translator/scorer.ts';
export { type TranslatorSpec, translatorTokenizers } from './translator/spec.ts';
