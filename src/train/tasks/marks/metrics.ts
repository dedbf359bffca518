import { affordableResamples, bootstrap } from '../../metrics/bootstrap.ts';
import type { ColumnMetrics } from '../../metrics/column-metrics.ts';
import { prCurve, rocCurve } from '../../metrics/curves.ts';
import type { Evaluation, Metrics, MetricValue } from '../../metrics/evaluation.ts';
import { calibrationBins, eceScorer, surprise, weightedMean } from '../../metrics/probability.ts';
import { onceEach, rankedAuprc, rankedAuroc, rankRows } from '../../metrics/ranking.ts';
import { pearson, r2, spearmanScorer } from '../../metrics/regression.ts';
import type { Scorer } from '../../metrics/scorers.ts';
import type { MarkName } from './data.ts';

/** The truth of each mark at the bins that are judged, NaN where it is not known, and what each bin is drawn with. */
export interface JudgedColumns {
  readonly marks: readonly MarkName[];
  readonly truth: readonly Float64Array[];
  readonly groups: readonly string[] | undefined;
}

interface Resampling {
  readonly seed: number;
  readonly resamples: number | undefined;
}

/** How far a model is ahead of a baseline in a mark: in AUPRC, or of values in Pearson's correlation. */
export interface Advantage extends MetricValue {
  readonly mark: string;
  readonly metric: 'auprc' | 'pearson';
  readonly against: string;
}

/** A metric of a mark, in the order in which metrics are told. */
const binaryNames = ['auprc', 'auroc', 'brier', 'logLoss', 'ece'] as const;
const signalNames = ['pearson', 'spearman', 'r2'] as const;
/** Those that are told of each mark beside the means; the others stand in the table by mark. */
const ownNames = new Set(['auprc', 'auroc', 'pearson', 'spearman']);

/** A mark's metrics as a function of how often each judged bin counts; bins of which it is not known do not. */
function markScorer(kind: MarkName['kind'], truth: Float64Array, predicted: Float64Array): Scorer {
  const known = Int32Array.from(truth, (_, i) => i).filter((i) => !Number.isNaN(truth[i]!));
  const pick = (values: Float64Array) => Float64Array.from(known, (i) => values[i]!);
  const all = known.length === truth.length;
  const [y, p] = all ? [truth, predicted] : [pick(truth), pick(predicted)];
  const weightsOf = (weights: Float64Array) => (all ? weights : pick(weights));
  if (kind === 'signal') {
    const rho = spearmanScorer(y, p);
    return {
      names: signalNames,
      score: (weights) => {
        const w = weightsOf(weights);
        return [pearson(y, p, w), rho(w), r2(y, p, w)];
      },
    };
  }
  const positive = Uint8Array.from(y);
  const ranking = rankRows(p);
  const brier = p.map((x, i) => (x - y[i]!) ** 2);
  const losses = p.map((x, i) => surprise(y[i] === 1 ? x : 1 - x));
  const ece = eceScorer(p, positive);
  return {
    names: binaryNames,
    score: (weights) => {
      const w = weightsOf(weights);
      return [
        rankedAuprc(ranking, positive, w),
        rankedAuroc(ranking, positive, w),
        ...[weightedMean(brier, w), weightedMean(losses, w), ece(w)],
      ];
    },
  };
}

const mean = (values: readonly number[]) => {
  const told = values.filter(Number.isFinite);
  return told.reduce((a, b) => a + b, 0) / told.length;
};

/** Metrics of all marks as one scorer: means over the marks by their plain name, then those of each mark where there are several. */
function allScorer({ marks, truth }: JudgedColumns, predicted: readonly Float64Array[]): Scorer {
  const each = marks.map(({ kind }, m) => markScorer(kind, truth[m]!, predicted[m]!));
  const shared = [...binaryNames, ...signalNames].filter((name) =>
    each.some(({ names }) => names.includes(name)),
  );
  const single = marks.length === 1;
  const own = single
    ? []
    : marks.flatMap(({ name }, m) =>
        each[m]!.names.flatMap((metric, i) =>
          ownNames.has(metric) ? [{ name: `${metric} ${name}`, m, i }] : [],
        ),
      );
  return {
    names: [...shared, ...own.map(({ name }) => name)],
    score(weights) {
      const scores = each.map(({ score }) => score(weights));
      const means = shared.map((name) =>
        mean(scores.flatMap((values, m) => values[each[m]!.names.indexOf(name)] ?? [])),
      );
      return [...means, ...own.map(({ m, i }) => scores[m]![i]!)];
    },
  };
}

/** Metrics with intervals that draw whole groups of bins. */
export function markMetrics(
  judged: JudgedColumns,
  predicted: readonly Float64Array[],
  { seed, resamples }: Resampling,
): Metrics {
  const n = judged.truth[0]!.length;
  const scorer = allScorer(judged, predicted);
  const times = resamples ?? affordableResamples(n, judged.marks.length * 3);
  const bounds = bootstrap([scorer], n, { seed, resamples: times, groups: judged.groups });
  return Object.fromEntries(
    scorer
      .score(onceEach(n))
      .map((value, i) => [scorer.names[i]!, bounded(value, bounds[scorer.names[i]!]!)]),
  );
}

function bounded(value: number, { low, high }: { low: number; high: number }): MetricValue {
  const has = Number.isFinite(value) && Number.isFinite(low);
  return { value: Number.isFinite(value) ? value : null, ...(has && { low, high }) };
}

/** How far the model is ahead of the best baseline in each mark, both on the same resamples. */
export function advantages(
  { marks, truth, groups }: JudgedColumns,
  own: readonly Float64Array[],
  baselines: Readonly<Record<string, readonly Float64Array[]>>,
  { seed, resamples }: Resampling,
): Advantage[] {
  const n = truth[0]!.length;
  const once = onceEach(n);
  return marks.flatMap(({ name, kind }, m): Advantage[] => {
    const scorerOf = (columns: readonly Float64Array[]) => markScorer(kind, truth[m]!, columns[m]!);
    const scored = Object.entries(baselines).map(([baseline, columns]) => {
      const scorer = scorerOf(columns);
      return { baseline, scorer, value: scorer.score(once)[0]! };
    });
    const told = scored.filter(({ value }) => Number.isFinite(value));
    if (told.length === 0) return [];
    const best = told.reduce((a, b) => (b.value > a.value ? b : a));
    const model = scorerOf(own);
    const score = (weights: Float64Array) => [model.score(weights)[0]! - best.scorer.score(weights)[0]!];
    const times = resamples ?? affordableResamples(n, 6);
    const bounds = bootstrap([{ names: ['ahead'], score }], n, { seed, resamples: times, groups: groups });
    const metric = kind === 'signal' ? 'pearson' : 'auprc';
    return [{ mark: name, metric, against: best.baseline, ...bounded(score(once)[0]!, bounds.ahead!) }];
  });
}

/** What reports draw of marks that are there or not: curves, calibration, and a table by mark. */
export function evaluationOf(
  { marks, truth }: JudgedColumns,
  predicted: readonly Float64Array[],
  metrics: Metrics,
  {
    against,
    resamples,
    groups,
  }: { against: readonly Advantage[]; resamples: number | undefined; groups: number | undefined },
): Evaluation | undefined {
  const binary = marks.flatMap(({ name, kind }, m) => {
    if (kind !== 'binary') return [];
    const known = Int32Array.from(truth[m]!, (_, i) => i).filter((i) => !Number.isNaN(truth[m]![i]!));
    const positive = Uint8Array.from(known, (i) => truth[m]![i]!);
    const scores = Float64Array.from(known, (i) => predicted[m]![i]!);
    return [{ name, positive, scores, count: positive.reduce((a, b) => a + b, 0) }];
  });
  if (binary.length === 0) return undefined;
  const n = truth[0]!.length;
  const shown = [...binary].sort((a, b) => b.count - a.count).slice(0, 8);
  const times = groups === undefined ? 0 : (resamples ?? affordableResamples(n, marks.length * 3));
  const all = <T>(of: (one: (typeof binary)[number]) => ArrayLike<T>) =>
    binary.flatMap((one) => Array.from(of(one)));
  return {
    kind: 'labels',
    count: n,
    names: binary.map(({ name }) => name),
    metrics,
    intervals: { level: 0.95, resamples: times, ...(groups !== undefined && { groups }) },
    columns: binary.map(columnOf),
    rocCurves: shown.flatMap((c) => rocCurve(c.name, c.scores, c.positive) ?? []),
    prCurves: shown.flatMap((c) => prCurve(c.name, c.scores, c.positive) ?? []),
    calibration: {
      of: 'probability of a mark in a bin',
      bins: calibrationBins(
        Float64Array.from(all((one) => one.scores)),
        Uint8Array.from(all((one) => one.positive)),
      ),
    },
    alarms: against.flatMap(alarmOf),
    confidentErrors: [],
  };
}

function columnOf({ name, positive, scores, count }: ColumnInput): ColumnMetrics {
  const w = onceEach(scores.length);
  const ranking = rankRows(scores);
  const called = scores.reduce((sum, p) => sum + Number(p >= 0.5), 0);
  const right = scores.reduce((sum, p, i) => sum + Number(p >= 0.5 && positive[i] === 1), 0);
  const values = {
    prevalence: count / scores.length,
    auprc: rankedAuprc(ranking, positive, w),
    auroc: rankedAuroc(ranking, positive, w),
    precision: right / called,
    recall: right / count,
    f1: (2 * right) / (called + count),
    ece: eceScorer(scores, positive)(w),
  };
  const metrics = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Number.isFinite(value) ? value : null]),
  );
  return { name, count, metrics };
}

interface ColumnInput {
  readonly name: string;
  readonly positive: Uint8Array;
  readonly scores: Float64Array;
  readonly count: number;
}

function alarmOf({ mark, metric, against, value, low }: Advantage): string[] {
  const of = metric === 'auprc' ? 'AUPRC' : 'correlation';
  if (value === null || (value > 0 && (low === undefined || low > 0))) return [];
  const how =
    value <= 0
      ? `is not above that of "${against}"`
      : `is above that of "${against}" by no more than chance may give`;
  return [`${mark}: the model's ${of} ${how}. The simple method does as well.`];
}
