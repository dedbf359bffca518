import { lineChart } from '../../report/plots/index.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import { bootstrap, type Metrics } from '../../train/metrics/index.ts';
import type { Forecasted, InitialStateFindings } from '../initial-state.ts';
import type { RecipeContext } from '../recipe.ts';

const mean = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((a, b) => a + b, 0) / numbers.length;

/** Squared errors of forecasts `from` to before `to` of each trajectory, meaned over seeds: [trajectories]. */
function squares(
  { test }: InitialStateFindings,
  { bySeed }: Pick<Forecasted, 'bySeed'>,
  from: number,
  to: number,
): Float64Array {
  return Float64Array.from(test, ({ values }, i) => {
    const end = Math.min(to, values.length - 1);
    const places = Array.from({ length: Math.max(0, end - from) }, (_, k) => from + k);
    return mean(bySeed.flatMap((courses) => places.map((t) => (courses[i]![t]! - values[t + 1]!) ** 2)));
  });
}

const rmse = (errors: Float64Array) => Math.sqrt(mean(errors.filter(Number.isFinite)));

/** The report. */
export function stateReport(
  found: InitialStateFindings,
  { seed, quick }: RecipeContext,
): Omit<RunReport, 'title' | 'version' | 'seed' | 'seconds'> {
  const { config, data, fit, test, forecasted, builtIn } = found;
  const early = (one: Pick<Forecasted, 'bySeed'>) => squares(found, one, 0, config.early);
  const best = forecasted[forecasted.length - 1]!;
  const own = early(best);
  const simple = simpleForecasts(found);
  const all: [string, Float64Array][] = [
    ...forecasted.slice(0, -1).map((one): [string, Float64Array] => [`h₀ ${one.start}`, early(one)]),
    ...simple.map(([name, bySeed]): [string, Float64Array] => [name, early({ bySeed })]),
  ];
  const { low, high } = bootstrap(
    [
      {
        names: ['rmse'],
        score(weights) {
          let [sum, total] = [0, 0];
          own.forEach((e, i) => {
            sum += weights[i]! * e;
            total += weights[i]!;
          });
          return [Math.sqrt(sum / total)];
        },
      },
    ],
    own.length,
    { seed },
  ).rmse!;
  const zero = rmse(early(forecasted[0]!));
  const metrics: Metrics = { rmse: { value: rmse(own), low, high } };
  return {
    lead: `Error of the first ${config.early} forecasts: ${zero.toFixed(3)} from a state of zero, ${forecasted
      .slice(1)
      .map((one) => `${rmse(early(one)).toFixed(3)} ${one.start}`)
      .join(', ')}.`,
    claims: claims(found),
    data: {
      records: data.all.length,
      task: 'forecast of the next value',
      classes: data.classes.map((name, kind) => ({
        name,
        count: data.all.filter((one) => one.kind === kind).length,
      })),
      lengths: data.all.map(({ values }) => values.length),
      ...(data.source && { sources: [data.source] }),
    },
    metrics,
    baselines: Object.fromEntries(all.map(([name, errors]) => [name, { rmse: { value: rmse(errors) } }])),
    figures: [figure(found)],
    tables: [table(found)],
    notes: [
      `${fit.length} trajectories were learned from, ${test.length} are the test. Each network reads the values so far and forecasts the next; the first ${config.early} forecasts count as early. The metric is the root mean squared error of these, of the network whose first state is ${best.start === 'encoded' ? 'encoded from the context' : best.start}.`,
      ...(builtIn
        ? [
            'The example: noisy circles of which one coordinate is seen. The context is where the circle begins (a vector), the class its quarter.',
          ]
        : []),
      ...(config.exchanged
        ? ['Classes and contexts were exchanged between trajectories (setting exchanged).']
        : []),
      ...(quick ? ['A quick run: one network of each kind, fewer trajectories of the example.'] : []),
    ],
  };
}

/** What needs no network: the last value again, and the mean of what was learned from. */
const simpleForecasts = ({ test, scale }: InitialStateFindings): [string, Float64Array[][]][] => [
  ['last value', [test.map(({ values }) => Float64Array.from(values.slice(0, -1)))]],
  ['mean', [test.map(({ values }) => new Float64Array(values.length - 1).fill(scale.mean))]],
];

function claims(found: InitialStateFindings): Claim[] {
  const { config, forecasted } = found;
  const longest = Math.max(...found.test.map(({ values }) => values.length - 1));
  const late = Math.max(config.early, longest - 2 * config.early);
  const at = (one: Forecasted, from: number, to: number) => rmse(squares(found, one, from, to));
  const zero = forecasted[0]!;
  const gain = (one: Forecasted, from: number, to: number) => 1 - at(one, from, to) / at(zero, from, to);
  const conditioned = forecasted.filter(({ start }) => start === 'class' || start === 'encoded');
  const seeds = zero.bySeed.length;
  const over = seeds > 1 ? `, over ${seeds} seeds` : '';
  return conditioned.flatMap((one): Claim[] => {
    const early = gain(one, 0, config.early);
    const after = gain(one, late, longest);
    const what = one.start === 'class' ? 'h₀ looked up by class' : 'h₀ encoded from the context';
    return [
      {
        id: one.start,
        text: `${what}: share by which the error of the first ${config.early} forecasts is below that of h₀ = 0 ≥ ${config.margin}${over}`,
        value: early,
        met: early >= config.margin,
      },
      {
        id: `${one.start}Fades`,
        text: `${what}: what is gained over h₀ = 0 in the last forecasts (from ${late + 1} on) is less than half of what is gained early (${early.toFixed(3)})`,
        value: after,
        met: early > 0 && after < early / 2,
      },
    ];
  });
}

function figure(found: InitialStateFindings): Figure {
  const longest = Math.max(...found.test.map(({ values }) => values.length - 1));
  const times = Array.from({ length: longest }, (_, t) => t);
  const line = (name: string, bySeed: readonly (readonly Float64Array[])[]) => ({
    name,
    points: times.map((t): [number, number] => [t + 1, rmse(squares(found, { bySeed }, t, t + 1))]),
  });
  return {
    title: 'Error by time',
    caption: 'Root mean squared error of the forecast of each value, on trajectories not learned from.',
    svg: lineChart({
      series: [
        ...found.forecasted.map(({ start, bySeed }) => line(`h₀ ${start}`, bySeed)),
        ...simpleForecasts(found)
          .slice(0, 1)
          .map(([name, bySeed]) => line(name, bySeed)),
      ],
      xLabel: 'Forecast',
      yLabel: 'Error',
      title: 'Error by time',
      mark: { x: found.config.early, label: 'early' },
    }),
  };
}

function table(found: InitialStateFindings): Table {
  const { early } = found.config;
  const longest = Math.max(...found.test.map(({ values }) => values.length - 1));
  const row = (name: string, bySeed: readonly (readonly Float64Array[])[]) => [
    name,
    Number(rmse(squares(found, { bySeed }, 0, early)).toFixed(4)),
    Number(rmse(squares(found, { bySeed }, early, longest)).toFixed(4)),
    bySeed.map((one) => rmse(squares(found, { bySeed: [one] }, 0, early)).toFixed(4)).join(', '),
  ];
  return {
    title: 'Error (RMSE) on trajectories not learned from',
    columns: ['first state', `first ${early} forecasts`, 'later ones', 'early, each seed'],
    rows: [
      ...found.forecasted.map(({ start, bySeed }) => row(start, bySeed)),
      ...simpleForecasts(found).map(([name, bySeed]) => row(name, bySeed)),
    ],
  };
}
