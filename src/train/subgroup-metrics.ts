import type { SequenceRecord } from '../data/dataset.ts';
import { subsetTarget } from '../data/target.ts';
import { subgroupsOf } from './group-dro.ts';
import {
  columnNames,
  evaluateMetrics,
  type Metrics,
  type MetricValue,
  type Predictions,
} from './metrics/index.ts';
import { rowsOf } from './score-dataset.ts';

/** How well a model does on one subgroup. */
export interface SubgroupMetrics {
  readonly name: string;
  readonly count: number;
  readonly metrics: Metrics;
}

/** What is compared between subgroups, and which end of it is the worst. */
const compared = {
  classes: { name: 'accuracy', sign: 1 },
  labels: { name: 'labelAccuracy', sign: 1 },
  values: { name: 'rmse', sign: -1 },
} as const;

/** From so many subgroups on, intervals take longer than they tell. */
const manyGroups = 50;

/** Metrics of every subgroup by itself, in the order of names; undefined where the records have none. */
export function subgroupMetrics(
  predictions: Predictions,
  records: readonly SequenceRecord[],
  sampling: { seed?: number; resamples?: number } = {},
): SubgroupMetrics[] | undefined {
  const groups = subgroupsOf(records);
  if (!groups) return undefined;
  const options = groups.names.length >= manyGroups ? { ...sampling, resamples: 0 } : sampling;
  return groups.names.map((name, g) => {
    const indices = Int32Array.from(records, (_, i) => i).filter((i) => groups.of[i] === g);
    return { name, count: indices.length, metrics: evaluateMetrics(part(predictions, indices), options) };
  });
}

function part({ ids, target, values, groups }: Predictions, indices: Int32Array): Predictions {
  const pick = <T>(list: readonly T[]) => Array.from(indices, (i) => list[i]!);
  return {
    ids: pick(ids),
    target: subsetTarget(target, indices),
    values: rowsOf(values, columnNames(target).length, indices),
    ...(groups && { groups: pick(groups) }),
  };
}

/** The subgroup on which a model does worst, by accuracy (of labels label accuracy, of values RMSE). */
export function worstSubgroup(
  kind: Predictions['target']['kind'],
  subgroups: readonly SubgroupMetrics[],
): { readonly subgroup: SubgroupMetrics; readonly metric: string; readonly value: MetricValue } {
  const { name, sign } = compared[kind];
  const goodness = ({ metrics }: SubgroupMetrics) =>
    sign * (metrics[name]!.value ?? Number.POSITIVE_INFINITY);
  const subgroup = subgroups.reduce((a, b) => (goodness(b) < goodness(a) ? b : a));
  return { subgroup, metric: name, value: subgroup.metrics[name]! };
}

/** `worstGroupAccuracy` and the like: the metric of the worst subgroup, as one of the whole. */
export function worstGroupMetric(
  kind: Predictions['target']['kind'],
  subgroups: readonly SubgroupMetrics[] | undefined,
): Metrics {
  if (!subgroups || subgroups.length < 2) return {};
  const { metric, value } = worstSubgroup(kind, subgroups);
  return { [`worstGroup${metric[0]!.toUpperCase()}${metric.slice(1)}`]: value };
}
