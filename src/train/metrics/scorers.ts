import {
  accuracy,
  balancedAccuracy,
  confusionMatrix,
  f1,
  type Margins,
  margins,
  mcc,
  meanDefined,
} from './confusion.ts';
import {
  column,
  columnNames,
  isClass,
  labelDecisions,
  mostProbable,
  type Predictions,
} from './predictions.ts';
import { brierScores, eceScorer, logLosses, surprise, weightedMean } from './probability.ts';
import { rankedAuprc, rankedAuroc, rankRows } from './ranking.ts';
import { mae, pearson, r2, rmse, spearmanScorer } from './regression.ts';

/** One or more metrics as a function of how often each record counts; whatever can be is prepared beforehand. */
export interface Scorer {
  names: readonly string[];
  score(weights: Float64Array): readonly number[];
}

/** A probability beside what it speaks of: the material of calibration. */
export interface Outcomes {
  /** In words, for the axis of a diagram. */
  of: string;
  probabilities: Float64Array;
  happened: Uint8Array;
}

/** The metrics of a target's kind, ready to be scored under any weighting of the records. */
export function scorers(predictions: Predictions): Scorer[] {
  const { kind } = predictions.target;
  if (kind === 'classes') return classScorers(predictions, predictions.target.truth);
  if (kind === 'labels') return labelScorers(predictions, predictions.target.truth);
  return valueScorers(predictions, predictions.target.truth);
}

/**
 * The probabilities that calibration is measured on: two classes, the last class's; more, the most probable
 * class's; labels, every decision. None for values.
 */
export function outcomes({ target, values }: Predictions): Outcomes | undefined {
  if (target.kind === 'values') return undefined;
  const k = target.classes.length;
  if (target.kind === 'labels')
    return { of: 'probability of a label', probabilities: values, happened: target.truth };
  const { truth } = target;
  if (k === 2) {
    const of = `probability of ${target.classes[1]}`;
    return { of, probabilities: column(values, 2, 1), happened: isClass(truth, 1) };
  }
  const predicted = mostProbable(values, k);
  return {
    of: 'probability of the predicted class',
    probabilities: Float64Array.from(predicted, (c, i) => values[i * k + c]!),
    happened: Uint8Array.from(predicted, (c, i) => (c === truth[i] ? 1 : 0)),
  };
}

function classScorers(predictions: Predictions, truth: Int32Array): Scorer[] {
  const { target, values } = predictions;
  const k = columnNames(target).length;
  const predicted = mostProbable(values, k);
  const called = k === 2 ? [1] : Array.from({ length: k }, (_, c) => c);
  const { probabilities, happened } = outcomes(predictions)!;
  return [
    {
      names: ['accuracy', 'balancedAccuracy', 'mcc', 'f1'],
      score(weights) {
        const m = margins(confusionMatrix(truth, predicted, k, weights), k);
        return [accuracy(m), balancedAccuracy(m), mcc(m), f1(m)];
      },
    },
    rankingScorer(called.map((c) => ({ scores: column(values, k, c), positive: isClass(truth, c) }))),
    meanScorer('brier', brierScores(values, truth, k)),
    meanScorer('logLoss', logLosses(values, truth, k)),
    single('ece', eceScorer(probabilities, happened)),
  ];
}

/** AUROC and AUPRC, the mean over the columns where they are defined (one against the rest for classes). */
function rankingScorer(columns: { scores: Float64Array; positive: Uint8Array }[]): Scorer {
  const ranked = columns.map(({ scores, positive }) => ({ ranking: rankRows(scores), positive }));
  return {
    names: ['auroc', 'auprc'],
    score: (weights) => [
      meanDefined(ranked.map(({ ranking, positive }) => rankedAuroc(ranking, positive, weights))),
      meanDefined(ranked.map(({ ranking, positive }) => rankedAuprc(ranking, positive, weights))),
    ],
  };
}

const single = (name: string, of: (weights: Float64Array) => number): Scorer => ({
  names: [name],
  score: (weights) => [of(weights)],
});

const meanScorer = (name: string, perRecord: Float64Array) =>
  single(name, (weights) => weightedMean(perRecord, weights));

/** The mean over each record's k numbers. */
const rowMeans = (table: Float64Array, k: number) =>
  Float64Array.from({ length: table.length / k }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < k; c++) sum += table[i * k + c]!;
    return sum / k;
  });

function labelScorers({ target, values }: Predictions, truth: Uint8Array): Scorer[] {
  const k = columnNames(target).length;
  const decided = labelDecisions(values);
  const right = Float64Array.from(truth, (t, i) => (t === decided[i] ? 1 : 0));
  const columns = Array.from({ length: k }, (_, c) => ({
    scores: column(values, k, c),
    positive: Uint8Array.from(column(truth, k, c)),
  }));
  return [
    meanScorer('accuracy', rowMeans(right, k).map(Math.floor)),
    meanScorer('labelAccuracy', rowMeans(right, k)),
    decisionScorer(truth, decided, k),
    rankingScorer(columns),
    meanScorer(
      'brier',
      rowMeans(
        values.map((p, i) => (p - truth[i]!) ** 2),
        k,
      ),
    ),
    meanScorer(
      'logLoss',
      rowMeans(
        values.map((p, i) => surprise(truth[i] === 1 ? p : 1 - p)),
        k,
      ),
    ),
    single('ece', eceScorer(values, truth, { columns: k })),
  ];
}

/** Metrics of yes/no decisions per label: the mean over the labels, and F1 of all decisions pooled (micro). */
function decisionScorer(truth: Uint8Array, decided: Uint8Array, k: number): Scorer {
  const counts = new Float64Array(k * 4);
  return {
    names: ['balancedAccuracy', 'mcc', 'f1', 'f1Micro'],
    score(weights) {
      counts.fill(0);
      for (let i = 0; i < truth.length; i++) {
        counts[(i % k) * 4 + truth[i]! * 2 + decided[i]!]! += weights[Math.floor(i / k)]!;
      }
      const each = Array.from({ length: k }, (_, c) => margins(counts.subarray(c * 4, c * 4 + 4), 2));
      return [
        meanDefined(each.map(balancedAccuracy)),
        meanDefined(each.map(mcc)),
        meanDefined(each.map(f1)),
        f1(pooled(each)),
      ];
    },
  };
}

function pooled(each: Margins[]): Margins {
  const add = (of: (m: Margins) => Float64Array) =>
    each.map(of).reduce((a, b) => a.map((v, i) => v + b[i]!), new Float64Array(2));
  const total = each.reduce((sum, m) => sum + m.total, 0);
  return {
    truth: add((m) => m.truth),
    predicted: add((m) => m.predicted),
    right: add((m) => m.right),
    total,
  };
}

/** Per-target metrics averaged over the targets, as `multioutput='uniform_average'` in scikit-learn. */
function valueScorers({ target, values }: Predictions, truth: Float64Array): Scorer[] {
  const k = columnNames(target).length;
  const columns = Array.from({ length: k }, (_, c) => {
    const [y, predicted] = [column(truth, k, c), column(values, k, c)];
    return { y, predicted, rho: spearmanScorer(y, predicted) };
  });
  const mean = (of: (c: (typeof columns)[number]) => number) => meanDefined(columns.map(of));
  return [
    single('r2', (w) => mean(({ y, predicted }) => r2(y, predicted, w))),
    single('pearson', (w) => mean(({ y, predicted }) => pearson(y, predicted, w))),
    single('spearman', (w) => mean(({ rho }) => rho(w))),
    single('rmse', (w) => mean(({ y, predicted }) => rmse(y, predicted, w))),
    single('mae', (w) => mean(({ y, predicted }) => mae(y, predicted, w))),
  ];
}
