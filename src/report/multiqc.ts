import { headlineMetrics, knownMetrics, metricName } from './metric-names.ts';
import { jsonSafe } from './results-json.ts';
import { allAlarms, allMetrics, type RunReport } from './run-report.ts';

/** MultiQC writes sample names into its page as they are; these letters must not get there. */
const sampleName = ({ recipe, title }: RunReport) =>
  (recipe ?? title).replace(/[<>&"']/g, '_').trim() || 'seqwright';

const header = (name: string) => {
  const { label, better, share, meaning } = metricName(name);
  return {
    title: label,
    description: meaning.replace(/[<>]/g, ''),
    format: '{:,.3f}',
    scale: better === 'higher' ? 'GnBu' : 'OrRd',
    ...(share && { max: 1 }),
  };
};

/**
 * The columns of the named metrics. MultiQC joins the files of several runs and keeps the headers of one only, so
 * that each file names all that any run may have; columns without a value are not shown.
 */
const headers = (names: Iterable<string>) =>
  Object.fromEntries([...new Set(names)].map((name) => [name, { ...header(name), namespace: 'Seqwright' }]));

type Cells = Record<string, number | string>;

/** The named metrics that have a value, for one row. */
const cells = (metrics: Record<string, { value: number | null }>, names: readonly string[]): Cells =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = metrics[name]?.value;
      return value == null || !Number.isFinite(value) ? [] : [[name, value] as const];
    }),
  );

const file = (content: unknown) => `${JSON.stringify(jsonSafe(content), null, 2)}\n`;

/**
 * The run for MultiQC as custom content (its documentation, "Custom content"): a table of all metrics, one row
 * for the model and one for each baseline. MultiQC reads one plot from a file; see `multiqcFiles` for the rest.
 */
export function multiqcJson(report: RunReport): string {
  const metrics = allMetrics(report);
  const names = Object.keys(metrics);
  const sample = sampleName(report);
  const rows = Object.entries(report.baselines ?? {}).map(([name, m]) => [
    `${sample} (${name.replace(/[<>&"']/g, '_')})`,
    cells(m, names),
  ]);
  const summary = {
    claims_met: (report.claims ?? []).filter((c) => c.met).length,
    alarms: allAlarms(report).length,
  };
  return file({
    id: 'seqwright',
    section_name: 'Seqwright',
    description: 'Sequence models: metrics on held-out data beside their baselines.',
    plot_type: 'table',
    pconfig: { id: 'seqwright_table', title: 'Seqwright: metrics', namespace: 'Seqwright' },
    headers: {
      ...headers([...knownMetrics, ...names]),
      claims_met: { title: 'Claims met', description: 'Claims that held', format: '{:,.0f}' },
      alarms: { title: 'Alarms', description: 'Warnings in the report', format: '{:,.0f}', scale: 'OrRd' },
    },
    data: { [sample]: { ...cells(metrics, names), ...summary }, ...Object.fromEntries(rows) },
  });
}

/** The headline metrics as columns of MultiQC's general statistics. */
export function multiqcGeneralStats(report: RunReport): string {
  const metrics = allMetrics(report);
  const wanted: readonly string[] = report.evaluation
    ? headlineMetrics[report.evaluation.kind]
    : Object.keys(metrics);
  const names = wanted.filter((name) => metrics[name]?.value != null).slice(0, 4);
  return file({
    id: 'seqwright_general',
    plot_type: 'generalstats',
    headers: headers([...Object.values(headlineMetrics).flat(), ...names]),
    data: { [sampleName(report)]: cells(metrics, names) },
  });
}

/** The files that MultiQC picks up, by name. */
export const multiqcFiles = (report: RunReport): Record<string, string> => ({
  'seqwright_mqc.json': multiqcJson(report),
  'seqwright_general_mqc.json': multiqcGeneralStats(report),
});
