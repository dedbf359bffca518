import type { ColumnMetrics, Evaluation, Metrics } from '../../train/metrics/index.ts';
import { bounds, counted, figure, percent, whole } from '../format.ts';
import { html, type Markup } from '../markup.ts';
import { headlineMetrics, metricName } from '../metric-names.ts';
import { forestPlot } from '../plots/index.ts';
import { allMetrics, type RunReport } from '../run-report.ts';
import { drawn, type Section, table } from './parts.ts';

/** How the intervals were made, in words. */
export function intervalNote({ intervals, count }: Evaluation): string {
  const { level, resamples, groups } = intervals;
  if (resamples === 0) return `${counted(count, 'record')}; no intervals were asked for.`;
  const drawnFrom =
    groups === undefined ? counted(count, 'record') : `${counted(groups, 'group')} of records`;
  return `${counted(count, 'record')}. ${percent(level).replace('.0', '')} percentile bootstrap intervals, ${whole(resamples)} resamples of ${drawnFrom}.`;
}

/** Metrics with their intervals beside the baselines. */
export function metricsSection(report: RunReport): Section | null {
  const metrics = allMetrics(report);
  if (Object.keys(metrics).length === 0) return null;
  const { evaluation, baselines = {} } = report;
  const note = evaluation && intervalNote(evaluation);
  return {
    id: 'metrics',
    title: 'Metrics',
    content: [
      tiles(metrics, evaluation?.kind, baselines),
      forest(metrics, baselines),
      metricTable(metrics, baselines, note),
      evaluation && columnsTable(evaluation),
    ],
  };
}

function tiles(
  metrics: Metrics,
  kind: Evaluation['kind'] | undefined,
  baselines: Record<string, Metrics>,
): Markup {
  const wanted: readonly string[] = kind ? headlineMetrics[kind] : Object.keys(metrics);
  const chosen = wanted.filter((name) => metrics[name] && metrics[name].value !== null).slice(0, 4);
  return html`<dl class="tiles">${chosen.map((name) => {
    const value = metrics[name]!;
    const beside = Object.entries(baselines).flatMap(([baseline, m]) =>
      m[name]?.value == null ? [] : `${baseline} ${figure(m[name].value)}`,
    );
    return html`<div class="tile"><dt>${metricName(name).label}</dt><dd class="value">${figure(value.value)}</dd><dd class="quiet">${value.low !== undefined && bounds(value)}</dd>${beside.map((text) => html`<dd class="quiet">${text}</dd>`)}</div>`;
  })}</dl>
`;
}

function forest(metrics: Metrics, baselines: Record<string, Metrics>): Markup | null {
  const names = Object.keys(metrics).filter((n) => metricName(n).share && metrics[n]!.value !== null);
  if (names.length === 0) return null;
  const contenders = ['model', ...Object.keys(baselines)];
  const all = [metrics, ...Object.values(baselines)];
  const rows = names.map((n) => ({ label: metricName(n).label, values: all.map((m) => m[n]) }));
  const title = contenders.length > 1 ? 'Metrics beside baselines' : 'Metrics';
  const caption =
    'Dots are the model, diamonds the baselines; whiskers are bootstrap intervals. Right is better.';
  return drawn(forestPlot({ rows, contenders, title }), title, caption, { wide: true });
}

function metricTable(metrics: Metrics, baselines: Record<string, Metrics>, note: string | undefined): Markup {
  const columns = [
    'Metric',
    { label: 'Model', numeric: true },
    { label: 'Interval', numeric: true },
    ...Object.keys(baselines).map((label) => ({ label, numeric: true })),
    'Reading',
  ];
  const rows = Object.entries(metrics).map(([name, value]) => {
    const { label, better, meaning } = metricName(name);
    const reading = [meaning, better === 'lower' ? 'lower is better' : ''].filter(Boolean).join('; ');
    const others = Object.values(baselines).map((m) => figure(m[name]?.value));
    return [
      label,
      figure(value.value),
      bounds(value),
      ...others,
      html`<span class="quiet reading">${reading}</span>`,
    ];
  });
  return table('All metrics', columns, rows, note);
}

const columnWord = { classes: 'Class', labels: 'Label', values: 'Value' } as const;

function columnsTable({ kind, columns }: Evaluation): Markup | null {
  if (columns.length < 2) return null;
  const shown = [...columns].sort((a, b) => b.count - a.count).slice(0, 50);
  const names = Object.keys(columns[0]!.metrics);
  const heads = [
    columnWord[kind],
    { label: 'Records', numeric: true },
    ...names.map((n) => ({ label: metricName(n).label, numeric: true, title: metricName(n).meaning })),
  ];
  const row = (c: ColumnMetrics) => [c.name, whole(c.count), ...names.map((n) => figure(c.metrics[n]))];
  const rest = columns.length - shown.length;
  const note = rest > 0 && `The ${shown.length} most frequent of ${columns.length}; all are in results.json.`;
  return table(`By ${columnWord[kind].toLowerCase()}`, heads, (rest > 0 ? shown : columns).map(row), note);
}
