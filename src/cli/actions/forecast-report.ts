import type { ForecasterSpec } from '../../models/forecaster/spec.ts';
import { bounds, counted, figure, percent, whole } from '../../report/format.ts';
import { lineChart } from '../../report/plots/index.ts';
import type { DataSummary, Figure, RunReport, Table } from '../../report/run-report.ts';
import type { ForecastAssessment } from '../../train/tasks/forecast/assess.ts';
import { levelsOf } from '../../train/tasks/forecast/forecasts.ts';
import { missingValues, type SeriesData } from '../../train/tasks/forecast/series.ts';

/** `3 series of 120 to 144 steps; sales, price. 12 of 816 values are missing.` */
export function seriesSentence(data: SeriesData): string {
  const lengths = data.series.map(({ length }) => length);
  const [low, high] = [Math.min(...lengths), Math.max(...lengths)];
  const range = low === high ? counted(high, 'step') : `${whole(low)} to ${whole(high)} steps`;
  const { targets } = data;
  const names =
    targets.length > 8 ? `${targets.slice(0, 8).join(', ')}, … (${targets.length})` : targets.join(', ');
  const { values, missing } = missingValues(data);
  const gaps = missing > 0 ? ` ${whole(missing)} of ${whole(values)} values are missing.` : '';
  return `${data.series.length} series of ${range}; ${names}.${gaps}`;
}

/** What a report says of series; further files add their sources. */
export const seriesSummary = (
  data: SeriesData,
  { output, horizon }: ForecasterSpec,
  others: readonly SeriesData[] = [],
): DataSummary => ({
  records: data.series.length,
  task:
    output.kind === 'binary'
      ? `forecast: the next frame of ${data.targets.length} binary targets`
      : `forecast: ${counted(horizon, 'step')} ahead, ${output.kind === 'gaussian' ? 'normal distributions' : 'quantiles'}`,
  lengths: data.series.map(({ length }) => length),
  sources: sourcesOfSeries([data, ...others]),
});

/** The files that series were read from, each once. */
export const sourcesOfSeries = (all: readonly SeriesData[]) => [
  ...new Map(all.flatMap(({ sources }) => sources.map((s) => [s.path, s] as const))).values(),
];

/** The parts of a report that an assessment decides. */
export function forecastReport(
  assessment: ForecastAssessment,
  spec: ForecasterSpec,
): Pick<RunReport, 'metrics' | 'baselines' | 'tables' | 'alarms' | 'notes' | 'figures'> {
  const { metrics, baselines, steps, targets } = assessment;
  const alarms = alarmsOf(assessment, spec);
  const figures = stepFigure(assessment);
  const tables = [
    ...(steps.length > 1 ? [stepTable(steps)] : []),
    ...(targets.length > 1 ? [targetTable(targets)] : []),
  ];
  return {
    ...{ metrics, baselines, notes: notesOf(assessment, spec) },
    ...(tables.length > 0 && { tables }),
    ...(figures && { figures: [figures] }),
    ...(alarms.length > 0 && { alarms }),
  };
}

/** Whether the model is worth having, in a sentence; undefined where nothing stands beside it. */
export function verdictOf({ against }: ForecastAssessment, spec: ForecasterSpec): string | undefined {
  if (!against) return undefined;
  const { name, skill } = against;
  const what = spec.output.kind === 'binary' ? 'nats per frame' : 'mean absolute error';
  const { value, low, high } = skill;
  if (value === null) return undefined;
  const side = value >= 0 ? 'below' : 'above';
  const size = `its ${what} is ${percent(Math.abs(value))} ${side} that of "${name}"`;
  if (low === undefined || high === undefined)
    return `Too few steps were held out to tell whether the model beats "${name}": ${size}.`;
  const range = `95 % interval of the gain ${percent(low)} to ${percent(high)}`;
  return low > 0 ? `The model is better: ${size} (${range}).` : `The model does not win: ${size} (${range}).`;
}

function alarmsOf(assessment: ForecastAssessment, spec: ForecasterSpec): string[] {
  const verdict = verdictOf(assessment, spec);
  const coverage = assessment.metrics.coverage;
  const nominal = nominalCoverage(spec);
  const off =
    coverage?.low !== undefined && nominal !== undefined
      ? coverage.high! < nominal - 0.1 || coverage.low > nominal + 0.1
      : false;
  return [
    ...(verdict && !verdict.startsWith('The model is better') ? [verdict] : []),
    ...(off
      ? [
          `Intervals that should hold ${percent(nominal)} of the truth hold ${percent(coverage!.value)}: do not rely on their width.`,
        ]
      : []),
  ];
}

/** Of the interval between the outermost quantiles. */
function nominalCoverage(spec: ForecasterSpec): number | undefined {
  const levels = levelsOf(spec);
  return levels.length > 1 ? levels.at(-1)! - levels[0]! : undefined;
}

function notesOf(assessment: ForecastAssessment, spec: ForecasterSpec): string[] {
  const { count, drawn, against } = assessment;
  const verdict = verdictOf(assessment, spec);
  const intervals = drawn
    ? `Intervals draw ${drawn}.`
    : 'There are too few places to draw from for intervals.';
  const better = verdict?.startsWith('The model is better') ? [verdict] : [];
  const chosen = against
    ? [
        'Skill is the share of the error of the best baseline that the model saves; the baseline is the best on the same data, which favours it.',
      ]
    : [];
  if (spec.output.kind === 'binary')
    return [
      ...better,
      `Measured on ${counted(count, 'frame')}, the first of every series among them, each foretold from all before it. ${intervals}`,
      ...chosen,
    ];
  const nominal = nominalCoverage(spec);
  return [
    ...better,
    `Forecasts from ${counted(count, 'place')}, ${counted(spec.horizon, 'step')} each. ${intervals}`,
    `MAE, RMSE, pinball loss and CRPS are in the unit of the target${spec.targets.length > 1 ? ', averaged over targets' : ''}; MASE is in units of the error of the ${spec.season > 1 ? `value ${spec.season} steps before` : 'last value'} on what stands before.${nominal === undefined ? '' : ` Coverage should be ${percent(nominal)}.`}`,
    ...chosen,
  ];
}

const shownSteps = 24;

function stepTable(steps: ForecastAssessment['steps']): Table {
  const names = Object.keys(steps[0]!.mae);
  const every = Math.ceil(steps.length / shownSteps);
  const rows = steps.filter(({ step }) => every === 1 || step % every === 0 || step === 1);
  return {
    title: 'Mean absolute error by step ahead',
    columns: ['step', ...names],
    rows: rows.map(({ step, mae }) => [step, ...names.map((name) => figure(mae[name]))]),
  };
}

function targetTable(targets: ForecastAssessment['targets']): Table {
  return {
    title: 'By target, in its own unit',
    columns: ['target', 'MAE', 'RMSE', 'MASE'],
    rows: targets.map(({ name, mae, rmse, mase }) => [name, figure(mae), figure(rmse), figure(mase)]),
  };
}

function stepFigure({ steps }: ForecastAssessment): Figure | undefined {
  if (steps.length < 2) return undefined;
  const names = Object.keys(steps[0]!.mae);
  const title = 'Error by step ahead';
  return {
    title,
    caption: 'Mean absolute error of the model and of simple forecasts. Lower is better.',
    svg: lineChart({
      title,
      description: steps.map(({ step, mae }) => `${step}: ${figure(mae.model)}`).join('; '),
      xLabel: 'steps ahead',
      yLabel: 'mean absolute error',
      series: names.map((name) => ({
        name,
        points: steps.map(({ step, mae }): [number, number] => [step, mae[name]!]),
      })),
    }),
  };
}

/** For the lead of a report: `MASE 0.71 (0.65–0.78)`. */
export function headline({ metrics }: ForecastAssessment): string {
  const [name, key] = metrics.nllPerFrame ? ['nats per frame', 'nllPerFrame'] : ['MASE', 'mase'];
  const value = metrics[key!]!;
  return `${name} ${figure(value.value)}${value.low === undefined ? '' : ` (${bounds(value)})`}`;
}
