/** Fitting, evaluation and metrics. */
export {
  type Assessment,
  type AssessOptions,
  assess,
  assessPredictions,
  baselinePredictions,
  predictDataset,
} from './assess.ts';
export { fingerprintOf, type HistoryEntry } from './checkpoint.ts';
export {
  type BaselineOptions,
  type CrossValidation,
  type CrossValidationOptions,
  type CrossValidationProgress,
  type CrossValidationRun,
  crossValidate,
  crossValidateBaselines,
  memberSeeds,
} from './cross-validate.ts';
export { fitModel } from './fit.ts';
export { type FeedMoment, type FitJob, type FitResult, fitJob } from './fit-loop.ts';
export { type GroupDroOptions, groupDro, type Subgroups, subgroupsOf } from './group-dro.ts';
export { type MemoryEstimate, stepMemory, trainingMemory } from './memory.ts';
export * from './metrics/index.ts';
export { type ModelDefinition, modelSpec } from './model-spec.ts';
export { type DropoutOptions, type DropoutPredictions, predictWithDropout } from './monte-carlo-dropout.ts';
export * from './optimizers.ts';
export * from './options.ts';
export * from './schedules.ts';
export type { Starting, Weights } from './start.ts';
export { type LossDefinition, type StepProgram, stepProgram } from './step-program.ts';
export { type SubgroupMetrics, subgroupMetrics, worstSubgroup } from './subgroup-metrics.ts';
export {
  assessTranscriber,
  type TranscriptionAssessment,
  type TranscriptionAssessOptions,
  type UnknownPolicy,
} from './tasks/ctc/assess.ts';
export {
  type Observation,
  type Recording,
  type RecordingColumns,
  splitTranscriptions,
  type TranscribedRecording,
  type TranscriptionData,
} from './tasks/ctc/data.ts';
export { type TranscriberDefinition, transcriberSpec } from './tasks/ctc/definition.ts';
export { transcriptionMetrics } from './tasks/ctc/metrics.ts';
export { openRecordings, readTranscriptions } from './tasks/ctc/read.ts';
export {
  fitTranscriber,
  type TrainedTranscriber,
  type TranscriberTrainOptions,
  trainTranscriber,
} from './tasks/ctc/train.ts';
export {
  openTranscriber,
  type Transcribed,
  type TranscribeOptions,
  type Transcriber,
  type WrittenToken,
} from './tasks/ctc/transcribe.ts';
export {
  assessForecaster,
  type ForecastAssessment,
  type ForecastAssessOptions,
} from './tasks/forecast/assess.ts';
export { type ForecasterDefinition, forecasterSpec } from './tasks/forecast/definition.ts';
export type { StepForecasts } from './tasks/forecast/forecasts.ts';
export { besideOneAnother, type EdgeList, nodeGraph, readEdges } from './tasks/forecast/nodes.ts';
export { forecastSeries, type SeriesForecast } from './tasks/forecast/predict.ts';
export { readTimeSeries, type SeriesColumns } from './tasks/forecast/read.ts';
export { type SeriesData, type SeriesPart, type TimeSeries, wholePart } from './tasks/forecast/series.ts';
export { holdBackSeries, holdBackTime } from './tasks/forecast/split.ts';
export {
  type ForecasterTrainOptions,
  type TrainedForecaster,
  trainForecaster,
} from './tasks/forecast/train.ts';
export {
  assessLanguage,
  type LanguageAssessment,
  type LanguageAssessOptions,
} from './tasks/language/assess.ts';
export { type Corpus, type CorpusFormat, readCorpus, splitCorpus } from './tasks/language/corpus.ts';
export { type LanguageDefinition, languageSpec } from './tasks/language/spec.ts';
export { corpusTokenizer, tokenizerNames } from './tasks/language/tokenizers.ts';
export {
  type LanguageTrainOptions,
  type TrainedLanguageModel,
  trainLanguageModel,
} from './tasks/language/train.ts';
export { assessMarks, type MarksAssessment, type MarksAssessOptions } from './tasks/marks/assess.ts';
export {
  type MarkedStretch,
  type MarkFile,
  type MarksData,
  type MarksFiles,
  openMarks,
  readMarks,
} from './tasks/marks/data.ts';
export { type MarksDefinition, marksSpec } from './tasks/marks/definition.ts';
export { type PredictedStretch, predictMarks } from './tasks/marks/predict.ts';
export { type HeldMarks, type MarksParts, splitMarks } from './tasks/marks/split.ts';
export { type MarksTrainOptions, type TrainedMarks, trainMarks } from './tasks/marks/train.ts';
export { bedGraphOf } from './tasks/marks/write.ts';
export { assessMasked, type MaskedAssessment, type MaskedAssessOptions } from './tasks/masked/assess.ts';
export { type MaskedSequence, maskedSequence } from './tasks/masked/masking.ts';
export { type MaskedModelDefinition, maskedSpec } from './tasks/masked/spec.ts';
export {
  type MaskedTrainOptions,
  type TrainedMaskedModel,
  trainMaskedModel,
} from './tasks/masked/train.ts';
export { twoSided } from './tasks/masked/two-sided.ts';
export { assessSpans, type SpanAssessment, type SpanAssessOptions } from './tasks/spans/assess.ts';
export { bestSpans, type ScoredSpan } from './tasks/spans/best-spans.ts';
export type { Span, SpanData, SpanRecord, Unanswered } from './tasks/spans/data.ts';
export { passagesOf } from './tasks/spans/input.ts';
export { normalizedAnswer, placeScore, spanMetrics, textScore } from './tasks/spans/metrics.ts';
export {
  type Answer,
  openSpanFinder,
  type SpanFinder,
  type SpanFinderOptions,
  type SpanResult,
} from './tasks/spans/predict.ts';
export { readSpans, type SpanSource } from './tasks/spans/read.ts';
export { splitSpans } from './tasks/spans/split.ts';
export {
  type SpanDefinition,
  type SpanTrainOptions,
  spanSpec,
  type TrainedSpanModel,
  trainSpans,
} from './tasks/spans/train.ts';
export {
  type TaggerDefinition,
  type TaggerModel,
  type TaggerTrainOptions,
  type TrainedTagger,
  taggerSpec,
  trainTagger,
} from './tasks/tagging.ts';
export { type RawTagged, type TaggedData, type TaggedSequence, taggedData } from './tasks/tagging-data.ts';
export { assessTagger, evaluateTagging, type TaggingAssessment } from './tasks/tagging-evaluate.ts';
export { splitWords, taggingInput } from './tasks/tagging-input.ts';
export { spanTable, taggingMetrics } from './tasks/tagging-metrics.ts';
export { openTagger, type Tagger, type TaggingResult, type Untagged } from './tasks/tagging-predict.ts';
export { readTagged, type TaggedSource } from './tasks/tagging-read.ts';
export { splitTagged } from './tasks/tagging-split.ts';
export {
  encodePairs,
  fitTranslator,
  type TrainedPairs,
  type TranslatorDefinition,
  type TranslatorTrainOptions,
  trainTranslator,
  translatorSpec,
} from './tasks/translation.ts';
export { type Dictionary, dictionary } from './tasks/translation-baselines.ts';
export { type PairData, readPairs, readTexts, splitPairs, type TextPair } from './tasks/translation-data.ts';
export {
  type DecodeOptions,
  openTranslator,
  type Translated,
  type Translator,
} from './tasks/translation-decode.ts';
export {
  assessTranslator,
  type TranslationAssessment,
  translationMetrics,
} from './tasks/translation-evaluate.ts';
export { type ScheduledSampling, trueShare } from './tasks/translation-sampling.ts';
export { type TrainedModel, type TrainOptions, train } from './train-model.ts';
