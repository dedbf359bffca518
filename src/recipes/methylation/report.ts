import { lineChart } from '../../report/plots/index.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import { bootstrap, type Metrics } from '../../train/metrics/index.ts';
import type { MethylationFindings } from '../methylation.ts';
import type { RecipeContext } from '../recipe.ts';
import { warmUp } from './memory.ts';
import { exponentialSmoothing } from './smoothing.ts';

type Report = Omit<RunReport, 'title' | 'version' | 'seconds'>;

/** How far a recovered factor may be from the planted one. */
const near = 0.1;
/** How much worse than least-squares smoothing the network's forecast may be. */
const worse = 1.02;

const mean = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((a, b) => a + b, 0) / numbers.length;

/** One site: what its gate says, and errors of each method over the times that were not learned from. */
interface Site {
  readonly name: string;
  readonly planted: number | null;
  readonly factor: number;
  /** Approximate standard error of a smoothing factor (Box and Jenkins: √((1 − f²) / n)). */
  readonly error: number;
  /** Standard deviation of the gate over time. */
  readonly restless: number;
  readonly classical: number;
  readonly errors: Readonly<Record<Method, Float64Array>>;
}
const methods = ['network', 'exponential smoothing', 'last value', 'mean'] as const;
type Method = (typeof methods)[number];

/** The report and the files beside it. */
export function memoryReport(
  found: MethylationFindings,
  { seed, quick }: RecipeContext,
): Report & { extraFiles: Record<string, string> } {
  const { series, learned } = found;
  const sites = series.sites.map((_, s) => siteOf(found, s));
  const { metrics, baselines } = errorsOf(sites, seed);
  return {
    seed,
    lead: `Smoothing factors read off the gates: ${sites.map(({ factor }) => factor.toFixed(2)).join(', ')}. A cell forgets half in ${sites.map(({ factor }) => halving(factor)).join(', ')} times.`,
    claims: claims(found, sites, metrics, baselines),
    data: {
      records: series.times.length,
      task: `forecast of the next fraction of ${series.sites.length} sites`,
      ...(series.source && { sources: [series.source] }),
    },
    metrics,
    baselines,
    figures: figures(found, sites),
    tables: [factorTable(sites), forecastTable(sites)],
    notes: [
      `The first ${learned} times are learned from, the last ${series.times.length - learned} are the test; a forecast is of the next time, from all before. The cell is c′ = f·c + (1 − f)·g with a logistic candidate g of the log odds of the fraction: an average of fractions, so a fraction. f is the smoothing factor.`,
      'Gates that depend on what they see, and candidates other than the fraction itself, are penalised (setting steady), so that a gate can be read as one number; how much it varies stands beside. memory.onnx holds the network: log odds in; cell, gate and forecast out.',
      ...(quick && found.builtIn ? ['A quick run: fewer times, so that factors are less certain.'] : []),
    ],
    extraFiles: { 'forecasts.tsv': forecastText(found) },
  };
}

const halving = (factor: number) => (factor > 0 ? (Math.log(0.5) / Math.log(factor)).toPrecision(2) : '0');

function siteOf({ series, memory, learned, config, builtIn }: MethylationFindings, s: number): Site {
  const n = series.sites.length;
  const column = (values: ArrayLike<number>) =>
    Float64Array.from({ length: series.times.length }, (_, t) => values[t * n + s]!);
  const y = column(series.fractions);
  const gate = column(memory.forget).subarray(0, learned);
  const factor = mean(gate);
  const smoothing = exponentialSmoothing(y, { times: learned, from: warmUp });
  const own = column(memory.forecast);
  const level = mean(y.subarray(0, learned));
  const errors = (forecast: (t: number) => number) =>
    Float64Array.from({ length: y.length - learned }, (_, i) => y[learned + i]! - forecast(learned + i - 1));
  return {
    name: series.sites[s]!,
    planted: builtIn ? config.factors[s]! : null,
    factor,
    error: Math.sqrt((1 - factor ** 2) / learned),
    restless: Math.sqrt(mean(gate.map((f) => (f - factor) ** 2))),
    classical: smoothing.factor,
    errors: {
      network: errors((t) => own[t]!),
      'exponential smoothing': errors((t) => smoothing.forecast[t]!),
      'last value': errors((t) => y[t]!),
      mean: errors(() => level),
    },
  };
}

const rmse = (errors: ArrayLike<number>) => Math.sqrt(mean(Array.from(errors, (e) => e * e)));

/** Root mean squared errors over all sites; the interval resamples times, all sites of one together. */
function errorsOf(
  sites: readonly Site[],
  seed: number,
): { metrics: Metrics; baselines: Record<string, Metrics> } {
  const count = sites[0]!.errors.network.length;
  const squares = (method: Method) =>
    Float64Array.from({ length: count }, (_, i) => mean(sites.map((site) => site.errors[method][i]! ** 2)));
  const own = squares('network');
  const { low, high } = bootstrap(
    [
      {
        names: ['rmse'],
        score(weights) {
          let [sum, total] = [0, 0];
          own.forEach((square, i) => {
            sum += weights[i]! * square;
            total += weights[i]!;
          });
          return [Math.sqrt(sum / total)];
        },
      },
    ],
    count,
    { seed },
  ).rmse!;
  const value = (method: Method) => Math.sqrt(mean(squares(method)));
  return {
    metrics: { rmse: { value: value('network'), low, high } },
    baselines: Object.fromEntries(
      methods.slice(1).map((method) => [method, { rmse: { value: value(method) } }]),
    ),
  };
}

function claims(
  { excursions, builtIn }: MethylationFindings,
  sites: readonly Site[],
  metrics: Metrics,
  baselines: Record<string, Metrics>,
): Claim[] {
  const { tied, lstm } = excursions;
  const outside = Math.max(0, -tied.low, tied.high - 1);
  const ratio = metrics.rmse!.value! / baselines['exponential smoothing']!.rmse!.value!;
  const off = Math.max(...sites.map(({ factor, planted }) => Math.abs(factor - (planted ?? factor))));
  return [
    {
      id: 'bounded',
      text: `the cell stays within 0 and 1: farthest outside among ${tied.numbers.toLocaleString('en-US')} cells, with weights up to 10⁴ and inputs up to 10³⁰ (a plain LSTM's cells go from ${lstm.low.toFixed(0)} to ${lstm.high.toFixed(0)}); none expected`,
      value: outside,
      met: outside === 0,
    },
    ...(builtIn
      ? [
          {
            id: 'recovered',
            text: `largest distance of a smoothing factor, read off the gate, to the planted one ≤ ${near}`,
            value: off,
            met: off <= near,
          },
        ]
      : []),
    {
      id: 'forecast',
      text: `error of the forecasts (RMSE) as a share of that of the last value (${baselines['last value']!.rmse!.value!.toFixed(4)}) < 1`,
      value: metrics.rmse!.value! / baselines['last value']!.rmse!.value!,
      met: metrics.rmse!.value! < baselines['last value']!.rmse!.value!,
    },
    {
      id: 'classical',
      text: `and as a share of that of exponential smoothing by least squares ≤ ${worse}`,
      value: ratio,
      met: ratio <= worse,
    },
  ];
}

function figures({ series, memory, learned }: MethylationFindings, sites: readonly Site[]): Figure[] {
  const n = series.sites.length;
  // The most forgetful and the most persistent site, at the end of what was learned.
  const order = sites.map((_, s) => s).sort((a, b) => sites[a]!.factor - sites[b]!.factor);
  const chosen = [...new Set([order[0]!, order[order.length - 1]!])];
  const from = Math.max(0, learned - 60);
  const times = Array.from({ length: Math.min(120, series.times.length - from) }, (_, i) => from + i);
  return [
    ...chosen.map((s) => ({
      title: `${series.sites[s]}: fraction and memory`,
      caption: `Forget gate ${sites[s]!.factor.toFixed(3)}: half is forgotten in ${halving(sites[s]!.factor)} times. Learned from up to the mark.`,
      svg: lineChart({
        series: [
          {
            name: 'fraction',
            points: times.map((t): [number, number] => [t + 1, series.fractions[t * n + s]!]),
          },
          { name: 'cell', points: times.map((t): [number, number] => [t + 1, memory.cell[t * n + s]!]) },
        ],
        xLabel: 'Time',
        yLabel: 'Fraction',
        title: 'Fraction and memory',
        mark: { x: learned, label: 'test' },
      }),
    })),
    {
      title: 'Forget gates over time',
      caption: 'A steady gate is a smoothing factor.',
      svg: lineChart({
        series: sites.slice(0, 8).map((site, s) => ({
          name: site.name,
          points: times.map((t): [number, number] => [t + 1, memory.forget[t * n + s]!]),
        })),
        xLabel: 'Time',
        yLabel: 'Forget gate',
        title: 'Forget gates over time',
      }),
    },
  ];
}

const factorTable = (sites: readonly Site[]): Table => ({
  title: 'Smoothing factors',
  columns: [
    'site',
    'planted',
    'forget gate',
    '± 1.96 standard errors',
    'varies by',
    'least squares',
    'half forgotten in',
  ],
  rows: sites.map((site) => [
    site.name,
    site.planted,
    site.factor.toFixed(3),
    (1.96 * site.error).toFixed(3),
    site.restless.toFixed(3),
    site.classical.toFixed(3),
    `${halving(site.factor)} times`,
  ]),
  note: 'Standard errors are those of a smoothing factor in general, √((1 − f²) / n) (Box and Jenkins 1970). "Varies by" is the gate’s standard deviation over time; least squares is classical exponential smoothing.',
});

const forecastTable = (sites: readonly Site[]): Table => ({
  title: 'Error of the forecasts (RMSE), on times not learned from',
  columns: ['site', ...methods],
  rows: sites.map((site) => [
    site.name,
    ...methods.map((method) => Number(rmse(site.errors[method]).toFixed(4))),
  ]),
});

function forecastText({ series, memory, learned }: MethylationFindings): string {
  const n = series.sites.length;
  const rows = series.times.flatMap((time, t) =>
    series.sites.map((site, s) => {
      const at = t * n + s;
      const ahead = t === 0 ? '' : memory.forecast[at - n]!.toFixed(5);
      return `${time}\t${site}\t${series.fractions[at]}\t${ahead}\t${memory.cell[at]!.toFixed(5)}\t${memory.forget[at]!.toFixed(5)}\t${t < learned ? 'learned' : 'test'}\n`;
    }),
  );
  return `time\tsite\tfraction\tforecast\tcell\tforget\tpart\n${rows.join('')}`;
}
