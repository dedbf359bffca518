import { randomStream } from '../../core/random.ts';
import { lineChart } from '../../report/plots/index.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import { clusters, quantile } from '../../train/metrics/bootstrap.ts';
import type { DriftConfig } from '../exposure-bias.ts';
import { byStep, type Drift, growth } from './drift.ts';
import type { Series } from './series.ts';

export type Method = 'teacher forcing' | 'scheduled sampling' | 'self-rollout';

/** One network: which tokens it got wrong. */
export interface Measured {
  readonly method: Method;
  readonly seed: number;
  readonly drift: Drift;
}

interface Found {
  readonly measured: readonly Measured[];
  readonly series: Series;
  readonly builtIn: boolean;
  readonly config: DriftConfig;
  readonly quick: boolean;
}

interface Bounded {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The remedy must leave less than this share of the growth. */
const leftAtMost = 0.5;
const resamples = 400;
const figure = (x: number) => x.toFixed(3);
const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

/** A figure of all networks, with its interval over whole sequences, drawn alike for all of them. */
function bounded(
  { series, measured }: Found,
  seed: number,
  of: (drifts: (m: Method) => readonly Drift[], w?: Float64Array) => number,
): Bounded {
  const drifts = (method: Method) =>
    measured.filter((one) => one.method === method).map(({ drift }) => drift);
  const random = randomStream(seed, 'drift');
  const { of: group, count } = clusters(series.test.length, series.groups);
  const values = Array.from({ length: resamples }, () => {
    const drawn = new Float64Array(count);
    for (let i = 0; i < count; i++) drawn[random.below(count)]! += 1;
    return of(
      drifts,
      Float64Array.from(group, (g) => drawn[g]!),
    );
  });
  const sorted = Float64Array.from(values).sort();
  return { value: of(drifts), low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

export function driftReport(
  found: Found,
  seed: number,
): Omit<RunReport, 'title' | 'version' | 'seed' | 'seconds'> {
  const { measured, series, builtIn, config, quick } = found;
  const methods = [...new Set(measured.map(({ method }) => method))];
  const grown = (method: Method) =>
    bounded(found, seed, (drifts, w) => mean(drifts(method).map((drift) => growth(drift, w))));
  const growths = new Map(methods.map((method) => [method, grown(method)]));
  const forced = growths.get('teacher forcing')!;
  const less = bounded(
    found,
    seed,
    (drifts, w) =>
      leftAtMost * mean(drifts('teacher forcing').map((d) => growth(d, w))) -
      mean(drifts('self-rollout').map((d) => growth(d, w))),
  );
  const claims: Claim[] = [
    {
      id: 'grows',
      text: `under teacher forcing the error of going on from own tokens, beyond that of true ones, grows from the first third of the horizon to the last: ${figure(forced.value)} (95 % interval ${figure(forced.low)} to ${figure(forced.high)}), above 0`,
      value: forced.value,
      met: forced.low > 0,
    },
    {
      id: 'remedy',
      text: `with self-rollout it grows by less than ${leftAtMost * 100} % of that: ${figure(growths.get('self-rollout')!.value)}; the difference to half of it is ${figure(less.value)} (95 % interval ${figure(less.low)} to ${figure(less.high)}), above 0`,
      value: growths.get('self-rollout')!.value,
      met: forced.low > 0 && less.low > 0,
    },
  ];
  return {
    lead: `Over ${series.horizon} steps, the error from own tokens grows by ${figure(forced.value)} under teacher forcing and by ${figure(growths.get('self-rollout')!.value)} with self-rollout.`,
    claims,
    data: {
      records: series.fit.length + series.test.length,
      task: `${series.horizon} tokens to be foretold`,
      lengths: [...series.fit, ...series.test].map(({ source, target }) => source.length + target.length - 1),
      sources: [...series.sources],
    },
    metrics: { driftGrowth: { ...growths.get('self-rollout')! } },
    baselines: Object.fromEntries(
      methods
        .filter((method) => method !== 'self-rollout')
        .map((method) => [method, { driftGrowth: { ...growths.get(method)! } }]),
    ),
    figures: [stepFigure(found, methods)],
    tables: [thirdsTable(found, methods)],
    notes: [
      builtIn
        ? 'The built-in sequences: a walker on a circle goes on by one place or, rarely, jumps; given is a noisy reading of every step. From the true place before, the next is nearly certain, so a network that learns from true prefixes alone trusts its own past more than the readings, and never comes back once it is wrong.'
        : `Your sequences: the first ${config.prompt} letters are given, the next ${config.horizon} are foretold, the most probable letter at each step. Sequences that nobody could foretell have a high error either way; what counts is how it grows.`,
      'Self-rollout: the network writes every training sequence itself and then learns, reading its own tokens, what it should have written. Scheduled sampling (Bengio et al. 2015) mixes in some own tokens while it learns; a transformer, which reads all places at once, foretells them in several passes (Mihaylova and Martins 2019).',
      ...(quick
        ? ['A quick run: one network of each, fewer sequences, no scheduled sampling. Its figures are rough.']
        : []),
    ],
  };
}

/** Errors by step, the mean of the networks. */
const curve = ({ measured }: Found, method: Method, which: keyof Drift): number[] => {
  const rows = measured.filter((one) => one.method === method).map(({ drift }) => byStep(drift[which]));
  return rows[0]!.map((_, t) => mean(rows.map((row) => row[t]!)));
};

function stepFigure(found: Found, methods: readonly Method[]): Figure {
  const points = (values: readonly number[]) => values.map((y, t): [number, number] => [t + 1, y]);
  const series = [
    { name: 'true tokens (teacher forcing)', points: points(curve(found, 'teacher forcing', 'forced')) },
    ...methods.map((method) => ({
      name: `own tokens, ${method}`,
      points: points(curve(found, method, 'free')),
    })),
  ];
  return {
    title: 'Error by horizon',
    caption: 'Share of wrong tokens at each step of held-out sequences.',
    svg: lineChart({
      title: 'Error by horizon',
      description: 'Share of wrong tokens by step, going on from own or from true tokens.',
      xLabel: 'step',
      yLabel: 'share wrong',
      series,
    }),
  };
}

function thirdsTable(found: Found, methods: readonly Method[]): Table {
  const third = Math.max(1, Math.floor(found.series.horizon / 3));
  const parts = (values: readonly number[]) => [
    figure(mean(values.slice(0, third))),
    figure(mean(values.slice(third, -third))),
    figure(mean(values.slice(-third))),
  ];
  return {
    title: 'Share of wrong tokens by third of the horizon',
    columns: ['taught by', 'reads', 'first', 'middle', 'last'],
    rows: methods.flatMap((method) => [
      [method, 'true tokens', ...parts(curve(found, method, 'forced'))],
      [method, 'own tokens', ...parts(curve(found, method, 'free'))],
    ]),
  };
}
