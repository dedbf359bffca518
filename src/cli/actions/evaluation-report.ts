import type { Dataset } from '../../data/dataset.ts';
import { similaritySentence } from '../../data/split/similarity.ts';
import { counted, figure } from '../../report/format.ts';
import type { Leakage, RunReport, Table } from '../../report/run-report.ts';
import type { Assessment } from '../../train/assess.ts';
import { worstSubgroup } from '../../train/subgroup-metrics.ts';

/** The parts of a report that an assessment on held-out data decides. */
export function evaluationReport(
  { evaluation, baselines, subgroups }: Assessment,
  test: Dataset,
): Pick<RunReport, 'evaluation' | 'baselines' | 'sequences' | 'tables'> {
  const wanted = new Set(evaluation.confidentErrors.map(({ id }) => id));
  const shown = test.records.filter(({ id }) => wanted.has(id));
  return {
    evaluation,
    baselines,
    sequences: Object.fromEntries(shown.map((r) => [r.id, r.sequence])),
    ...(subgroups && { tables: [subgroupTable(evaluation, subgroups)] }),
  };
}

type Subgroups = NonNullable<Assessment['subgroups']>;

/** Every subgroup with its metrics, the worst first. */
function subgroupTable({ kind }: Assessment['evaluation'], subgroups: Subgroups): Table {
  const { metric } = worstSubgroup(kind, subgroups);
  const sign = kind === 'values' ? -1 : 1;
  const goodness = ({ metrics }: Subgroups[number]) =>
    sign * (metrics[metric]!.value ?? Number.POSITIVE_INFINITY);
  const names = Object.keys(subgroups[0]!.metrics);
  const sorted = [...subgroups].sort((a, b) => goodness(a) - goodness(b));
  return {
    title: 'Subgroups',
    columns: ['subgroup', 'records', `${metric}, 95 % interval`, ...names],
    rows: sorted.map(({ name, count, metrics }) => {
      const { low, high } = metrics[metric]!;
      const interval = low === undefined ? null : `${figure(low)}–${figure(high)}`;
      return [name, count, interval, ...names.map((m) => rounded(metrics[m]!.value))];
    }),
    note: `The worst by ${metric} comes first. Its interval does not know that it was chosen for being the worst.`,
  };
}

const rounded = (value: number | null) => (value === null ? null : Number(value.toPrecision(4)));

/** How a model does on its worst subgroup, in a sentence; undefined where there are no subgroups. */
export function subgroupSentence({ evaluation, subgroups }: Assessment): string | undefined {
  if (!subgroups || subgroups.length < 2) return undefined;
  const { subgroup, metric, value } = worstSubgroup(evaluation.kind, subgroups);
  const whole = figure(evaluation.metrics[metric]!.value);
  return `Worst of ${subgroups.length} subgroups: "${subgroup.name}" (${counted(subgroup.count, 'record')}), ${metric} ${figure(value.value)}; of all records ${whole}.`;
}

/** How the records were divided, with the measured similarity where there is one. */
export function leakageOf(
  split: string,
  parts: Leakage['parts'],
  { similarity }: Pick<Assessment, 'similarity'>,
): Leakage {
  const plain = { split: split.replace(/\.$/, ''), ...(parts && { parts }) };
  if (!similarity) return { ...plain, sentence: 'Similarity to the training data was not measured.' };
  return {
    ...plain,
    nearest: similarity.similarity,
    measure: `share of common ${similarity.k}-mers`,
    sentence: similaritySentence(similarity),
  };
}
