import { confusionMatrix, f1PerClass, margins } from './confusion.ts';
import {
  column,
  columnNames,
  isClass,
  labelDecisions,
  mostProbable,
  type Predictions,
} from './predictions.ts';
import { onceEach, rankedAuprc, rankedAuroc, rankRows } from './ranking.ts';
import { mae, pearson, r2, rmse, spearman } from './regression.ts';

/** A column's own name, how many records are of it, and its own metrics. */
export interface ColumnMetrics {
  name: string;
  /** Records of the class or with the label; for values, all. */
  count: number;
  metrics: Record<string, number | null>;
}

const defined = (metrics: Record<string, number>) =>
  Object.fromEntries(Object.entries(metrics).map(([name, v]) => [name, Number.isFinite(v) ? v : null]));

/** The metrics of every single class, label or value. */
export function columnMetrics({ ids, target, values }: Predictions): ColumnMetrics[] {
  const names = columnNames(target);
  const k = names.length;
  const weights = onceEach(ids.length);
  if (target.kind === 'values') {
    return names.map((name, c) => {
      const [y, p] = [column(target.truth, k, c), column(values, k, c)];
      const metrics = { r2: r2(y, p), pearson: pearson(y, p), spearman: spearman(y, p) };
      return { name, count: ids.length, metrics: defined({ ...metrics, rmse: rmse(y, p), mae: mae(y, p) }) };
    });
  }
  const predicted = target.kind === 'classes' ? mostProbable(values, k) : undefined;
  const decided = labelDecisions(values);
  return names.map((name, c) => {
    const positive =
      target.kind === 'classes' ? isClass(target.truth, c) : Uint8Array.from(column(target.truth, k, c));
    const called = predicted ? isClass(predicted, c) : Uint8Array.from(column(decided, k, c));
    const m = margins(confusionMatrix(Int32Array.from(positive), Int32Array.from(called), 2), 2);
    const ranking = rankRows(column(values, k, c));
    const metrics = {
      precision: m.right[1]! / m.predicted[1]!,
      recall: m.right[1]! / m.truth[1]!,
      f1: f1PerClass(m)[1]!,
      auroc: rankedAuroc(ranking, positive, weights),
      auprc: rankedAuprc(ranking, positive, weights),
    };
    return { name, count: m.truth[1]!, metrics: defined(metrics) };
  });
}
