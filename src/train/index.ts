/** Fitting, evaluation and metrics. */
export {
  type Assessment,
  type AssessOptions,
  assess,
  assessPredictions,
  baselinePredictions,
  predictDataset,
} from './assess.ts';
export type { HistoryEntry } from './checkpoint.ts';
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
export { type FitResult, fitModel } from './fit.ts';
export * from './metrics/index.ts';
export { type ModelDefinition, modelSpec } from './model-spec.ts';
export * from './optimizers.ts';
export * from './options.ts';
export * from './schedules.ts';
export type { Starting, Weights } from './start.ts';
export { type TrainedModel, type TrainOptions, train } from './train-model.ts';
