/** How a metric is called in a report, and how to read it. */
export interface MetricName {
  label: string;
  better: 'higher' | 'lower';
  /** Ranges up to 1, and so can share an axis with its like. */
  share: boolean;
  meaning: string;
}

const up = (label: string, meaning: string): MetricName => ({
  label,
  better: 'higher',
  share: true,
  meaning,
});
const down = (label: string, meaning: string): MetricName => ({
  label,
  better: 'lower',
  share: false,
  meaning,
});

const names: Record<string, MetricName> = {
  accuracy: up('Accuracy', 'share of records answered rightly'),
  worstGroupAccuracy: up(
    'Accuracy of the worst subgroup',
    'share answered rightly in the subgroup where it is least',
  ),
  worstGroupLabelAccuracy: up(
    'Label accuracy of the worst subgroup',
    'share of right yes/no decisions in the subgroup where it is least',
  ),
  worstGroupRmse: down(
    'RMSE of the worst subgroup',
    'root of the mean squared error in the subgroup where it is largest',
  ),
  labelAccuracy: up('Label accuracy', 'share of yes/no decisions that are right'),
  balancedAccuracy: up('Balanced accuracy', 'mean recall of the classes'),
  mcc: up('MCC', 'Matthews’s correlation of truth and prediction; 0 is chance'),
  f1: up('F1', 'harmonic mean of precision and recall'),
  f1Micro: up('F1, micro', 'F1 of all decisions pooled'),
  auroc: up('AUROC', 'chance that a positive ranks above a negative; 0.5 is chance'),
  auprc: up('AUPRC', 'average precision; chance is the share of positives'),
  brier: down('Brier score', 'mean squared error of the probabilities'),
  ece: down('Calibration error', 'mean distance of probability and outcome, 15 bins'),
  logLoss: down('Log loss', 'mean −ln of the probability of the truth'),
  r2: up('R²', 'share of variance explained; 0 is the mean'),
  pearson: up('Pearson', 'linear correlation'),
  spearman: up('Spearman', 'correlation of ranks'),
  rmse: down('RMSE', 'root of the mean squared error'),
  mae: down('MAE', 'mean absolute error'),
  mase: down('MASE', 'mean absolute error in units of the naive forecast’s on earlier steps; 1 is naive'),
  pinball: down('Pinball loss', 'error of quantiles, each by its own share; the mean over levels'),
  coverage: {
    ...up(
      'Coverage',
      'share of the truth within the interval of the outermost quantiles; neither more nor less than they say is right',
    ),
    share: false,
  },
  crps: down('CRPS', 'error of whole distributions; of a point forecast the absolute error'),
  skill: {
    ...up('Skill', 'share of the best baseline’s error that is saved; below 0 it is worse'),
    share: false,
  },
  nllPerFrame: down('Nats per frame', 'mean −ln of the probability of all targets of a step'),
  frameAccuracy: up('Frame accuracy', 'right calls among right, vain and missed ones'),
  sensitivity: up('Sensitivity', 'share of the true genes whose stop is found'),
  exactStart: up('Exact start', 'share of the genes found whose start is right too'),
  exactSensitivity: up('Exact sensitivity', 'share of the true genes that are found with start and stop'),
  precision: up('Precision', 'share of the calls that are right'),
  recall: up('Recall', 'share of the true ones that are called'),
  sequenceAccuracy: up('Sequences right', 'share of sequences all of whose tags are right'),
  spanPrecision: up('Span precision', 'share of the predicted spans that are right in place and kind'),
  spanRecall: up('Span recall', 'share of the true spans that are found'),
  spanF1: up('Span F1', 'harmonic mean of span precision and recall'),
  perplexity: down('Perplexity', 'effective number of choices per token'),
  pseudoPerplexity: down('Pseudo-perplexity', 'effective number of choices per token, told from all others'),
  crossEntropy: down('Cross-entropy', 'mean −ln of the probability of a token'),
  bitsPerToken: down('Bits per token', 'mean −log₂ of the probability of a token'),
  bitsPerSymbol: down('Bits per symbol', 'mean −log₂ of the probability of the next symbol'),
  editDistance: down('Edit distance', 'mean number of edits to the truth'),
  wer: down('Word error rate', 'edits per word of the truth'),
  cer: down('Character error rate', 'edits per character of the truth'),
  exactMatch: up('Exact match', 'share of records written to the letter'),
  columnAccuracy: up('Column accuracy', 'share of letters aligned with their true partner'),
  driftGrowth: down(
    'Growth of the drift',
    'how much more the error from own tokens exceeds that from true ones, late against early',
  ),
  bleu: { ...up('BLEU', 'overlap of word n-grams with the reference'), share: false },
  chrf: { ...up('chrF', 'overlap of character n-grams with the reference'), share: false },
};

/** The name of a metric for people; an unknown one keeps its own. */
export const metricName = (name: string): MetricName =>
  Object.hasOwn(names, name) ? names[name]! : { label: name, better: 'higher', share: false, meaning: '' };

/** Names of all metrics that the reports know. */
export const knownMetrics = Object.keys(names);

/** The metrics that head a report, in this order. */
export const headlineMetrics = {
  classes: ['accuracy', 'auroc', 'mcc', 'f1'],
  labels: ['auroc', 'auprc', 'f1', 'labelAccuracy'],
  values: ['r2', 'pearson', 'spearman', 'rmse'],
} as const;
