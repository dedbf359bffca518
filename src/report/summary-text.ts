import type { Metrics } from '../train/metrics/index.ts';
import { bounds, counted, figure, percent, plain, shorten } from './format.ts';
import { allAlarms, allMetrics, type Summary } from './run-report.ts';
import { leakageSentence } from './similarity.ts';

/** Rows of cells as aligned text; the first column stands left, the others right. */
export function alignedRows(rows: readonly (readonly string[])[]): string[] {
  const length = (text: string) => Array.from(text).length;
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => length(row[c] ?? ''))));
  return rows.map((row) =>
    row
      .map((text, c) => {
        const space = ' '.repeat(widths[c]! - length(text));
        return c === 0 ? text + space : space + text;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Control characters of ids and names must not steer the terminal. */
const printable = (text: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
  text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');

function metricRows(metrics: Metrics, baselines: Record<string, Metrics>, level: number): string[][] {
  const interval = `${percent(level).replace('.0', '')} interval`;
  const names = Object.keys(baselines).map((name) => shorten(printable(name), 24));
  return [
    ['metric', 'value', interval, ...names],
    ...Object.entries(metrics).map(([name, value]) => [
      name,
      figure(value.value),
      bounds(value),
      ...Object.values(baselines).map((m) => figure(m[name]?.value)),
    ]),
  ];
}

function calibrationText({ evaluation }: Summary): string | undefined {
  const error = evaluation?.metrics.ece?.value;
  if (error == null || !evaluation?.calibration) return undefined;
  const reading = error <= 0.05 ? 'close' : error <= 0.1 ? 'fair' : 'poor';
  return `expected calibration error ${figure(error)} (${reading}; ${printable(evaluation.calibration.of)})`;
}

/**
 * What `run`, `train` and `evaluate` print: metrics with intervals beside baselines, train–test similarity,
 * calibration, claims, alarms, and where the report is. Lines end in line feeds; nothing is coloured.
 *
 * @example
 * summaryText({ evaluation })
 * // metric    value  95 % interval
 * // accuracy  0.971    0.965–0.977
 */
export function summaryText(summary: Summary): string {
  const { title, evaluation, baselines = {}, leakage, claims = [], artifacts = {} } = summary;
  const metrics = allMetrics(summary);
  const lines: string[] = [];
  const records = evaluation && counted(evaluation.count, 'record');
  const groups = evaluation?.intervals.groups;
  const clustered = groups === undefined ? '' : ` in ${counted(groups, 'group')}`;
  const head = [title && printable(title), records && `${records} evaluated${clustered}`].filter(Boolean);
  if (head.length > 0) lines.push(head.join(': '), '');
  if (Object.keys(metrics).length > 0) {
    lines.push(...alignedRows(metricRows(metrics, baselines, evaluation?.intervals.level ?? 0.95)), '');
  }
  const facts: [string, string | undefined][] = [
    ['similarity', leakage && `${printable(leakage.split)}. ${printable(leakageSentence(leakage))}`],
    ['calibration', calibrationText(summary)],
    ...claims.map((c): [string, string] => [
      c.met ? 'claim met' : 'claim NOT met',
      `${printable(c.text)}: ${plain(c.value)}`,
    ]),
    ...allAlarms(summary).map((a): [string, string] => ['ALARM', printable(a)]),
    ...Object.entries(artifacts).map(([what, path]): [string, string] => [what, printable(path)]),
  ];
  const told = facts.filter((f): f is [string, string] => f[1] !== undefined);
  const width = Math.max(0, ...told.map(([name]) => name.length));
  lines.push(...told.map(([name, text]) => `${name.padEnd(width)}  ${text}`));
  return `${lines.join('\n').trimEnd()}\n`;
}
