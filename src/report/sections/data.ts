import { quantile } from '../../train/metrics/index.ts';
import { bytes, counted, percent, shorten, whole } from '../format.ts';
import { html, type Markup, type Part } from '../markup.ts';
import { histogram } from '../plots/index.ts';
import type { DataSummary, RunReport, SourceFile } from '../run-report.ts';
import { leakageSentence, summarizeSimilarity } from '../similarity.ts';
import { drawn, type Section, table } from './parts.ts';

/** What went in: records, classes, lengths, what was left out and why, and the files with their hashes. */
export function dataSection({ data }: RunReport): Section | null {
  if (!data) return null;
  const { classes = [], skipped = [], sources = [] } = data;
  return {
    id: 'data',
    title: 'Data',
    content: [
      html`<p class="measure">${facts(data)}</p>`,
      html`<div class="figures">${[classes.length > 0 && classTable(data), lengthFigure(data)]}</div>`,
      skipped.length > 0 &&
        table(
          'Records left out',
          ['Why', { label: 'Records', numeric: true }, 'Such as'],
          skipped.map((s) => [
            s.reason,
            whole(s.count),
            html`<span class="mono">${(s.examples ?? []).slice(0, 5).join(', ')}</span>`,
          ]),
        ),
      sources.length > 0 && sourceTable(sources),
    ],
  };
}

function lengths({ lengths }: DataSummary): Float64Array {
  return Float64Array.from(lengths ?? []).sort();
}

function facts(data: DataSummary): string {
  const sorted = lengths(data);
  const skipped = (data.skipped ?? []).reduce((sum, s) => sum + s.count, 0);
  const first = sorted[0];
  const last = sorted[sorted.length - 1];
  const length =
    first === undefined
      ? null
      : first === last
        ? `every one ${counted(first, 'letter')} long`
        : `${whole(first)} to ${whole(last)} letters long (median ${whole(quantile(sorted, 0.5))})`;
  const parts = [counted(data.records, 'record'), length, data.alphabet && `alphabet: ${data.alphabet}`];
  const left = skipped === 0 ? 'None was left out.' : `${counted(skipped, 'record')} left out.`;
  return `${parts.filter(Boolean).join(', ')}. ${left}${data.task ? ` Task: ${data.task}.` : ''}`;
}

function classTable({ classes = [], records }: DataSummary): Markup {
  const frequent =
    classes.length > 30 ? [...classes].sort((a, b) => b.count - a.count).slice(0, 30) : classes;
  const rows = frequent.map((c) => [c.name, whole(c.count), percent(records > 0 ? c.count / records : null)]);
  const note = classes.length > 30 && `The 30 most frequent of ${classes.length}.`;
  return table(
    'Classes',
    ['Class', { label: 'Records', numeric: true }, { label: 'Share', numeric: true }],
    rows,
    note,
  );
}

function lengthFigure(data: DataSummary): Markup | null {
  const sorted = lengths(data);
  if (sorted.length === 0 || sorted[0] === sorted[sorted.length - 1]) return null;
  const plot = histogram({ values: sorted, xLabel: 'Length', title: 'Lengths of the sequences' });
  return drawn(plot, 'Lengths', 'Number of sequences by length.');
}

const sourceTable = (sources: readonly SourceFile[]): Markup =>
  table(
    'Files',
    ['File', { label: 'Records', numeric: true }, { label: 'Size', numeric: true }, 'SHA-256'],
    sources.map((s) => [
      html`<span class="mono">${shorten(s.path, 80)}</span>`,
      whole(s.records),
      bytes(s.bytes),
      html`<span class="mono">${s.sha256}</span>`,
    ]),
  );

/** How the records were divided, and how alike test and training records are. */
export function leakageSection({ leakage }: RunReport): Section | null {
  if (!leakage) return null;
  const { split, parts = [], nearest, measure = 'similarity', threshold = 0.9 } = leakage;
  const summary = summarizeSimilarity(leakage);
  const sizes = parts.map((p) => `${whole(p.count)} ${p.name}`).join(', ');
  const content: Part[] = [
    html`<p class="measure">Split: ${split}${sizes && ` (${sizes})`}. ${leakageSentence(leakage)}</p>`,
    summary &&
      html`<div class="figures">${drawn(
        histogram({
          values: nearest!,
          xLabel: 'Similarity to the nearest training record',
          yLabel: 'Test records',
          domain: [0, 1],
          bins: 25,
          mark: { x: threshold, label: 'near-copies from' },
          title: 'Similarity of test records to training records',
        }),
        'Train–test similarity',
        `Similarity: ${measure}. The nearer to 1, the less a good result says about new data.`,
      )}</div>`,
  ];
  return { id: 'split', title: 'Split and leakage', content };
}
