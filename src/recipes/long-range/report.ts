import { bounds, bytes, figure, plain } from '../../report/format.ts';
import { lineChart } from '../../report/plots/index.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import type { Costly, LongRangeFindings } from '../long-range.ts';
import { type Cost, type Growth, growthOf } from './cost.ts';
import { accuracyIn, type Bin, type Reached, wilson } from './solve.ts';

/** What grows linearly may seem to grow so much faster; what grows with the square so much slower. */
const [linearLimit, squareLimit] = [1.2, 1.7];
/** Growth is fitted over the last so many lengths: before, what costs the same at any length weighs. */
const fitted = 4;
/** Up to here is chance, of hundreds of answers with two possible ones. */
const chance = 0.6;
/** Rises of resident memory below this, in bytes, are hidden by what the process held already. */
const visible = 32e6;
/** So far attention must generalise. */
const far = 10_000;

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const whole = (n: number) => n.toLocaleString('en-US');

const accuracies = ({ test }: LongRangeFindings, { predicted }: Reached, bin: Bin): number[] =>
  predicted.map((p) => accuracyIn(p, test, bin));

const isSolved = (found: LongRangeFindings, reached: Reached, bin: Bin): boolean =>
  accuracies(found, reached, bin).every((a) => a >= found.config.solved);

/** Growth of time, of the estimated and of the measured memory. */
interface Grown {
  readonly costly: Costly;
  readonly time: Growth;
  readonly estimate: Growth;
  readonly measured: Growth | undefined;
}

function grown(costly: Costly): Grown {
  const last = costly.costs.slice(-fitted);
  const of = (y: (cost: Cost) => number) => growthOf(last.map((cost) => [cost.length, y(cost)]));
  const seen = last.filter(({ measured }) => (measured ?? 0) >= visible);
  return {
    costly,
    time: of(({ seconds }) => seconds),
    estimate: of(({ estimate }) => estimate),
    measured: seen.length >= 3 ? growthOf(seen.map((cost) => [cost.length, cost.measured!])) : undefined,
  };
}

/** The report. */
export function longRangeReport(
  found: LongRangeFindings,
  bins: readonly Bin[],
): Omit<RunReport, 'title' | 'version' | 'seed' | 'seconds'> {
  const growth = found.costly.map(grown);
  const shown = found.builtIn ? bins.filter(({ length }) => length >= 1000) : bins.slice(-1);
  return {
    lead: `${shown
      .map((bin) => {
        const able = found.reached.filter((r) => isSolved(found, r, bin)).map((r) => r.contender.name);
        return `${bin.name} positions: ${able.length > 0 ? able.join(', ') : 'nobody'}`;
      })
      .join('; ')} (accuracy ≥ ${found.config.solved} with every first weight).`,
    claims: [...(found.builtIn ? solvingClaims(found, bins) : ownClaims(found)), ...growthClaims(growth)],
    metrics: Object.fromEntries(
      growth.map(({ costly, time: { exponent, low, high } }) => [
        `timeExponent${costly.id[0]!.toUpperCase()}${costly.id.slice(1)}`,
        { value: exponent, ...(Number.isFinite(low) && { low, high }) },
      ]),
    ),
    figures: figures(found, bins, growth),
    tables: [accuracyTable(found, bins), growthTable(growth), costTable(found.costly)],
    notes: notes(found),
  };
}

function solvingClaims(found: LongRangeFindings, bins: readonly Bin[]): Claim[] {
  const of = (id: string) => found.reached.find(({ contender }) => contender.id === id)!;
  const { solved, lessons } = found.config;
  const local = of('local');
  const { reach } = local.contender;
  const least = (reached: readonly Reached[], some: readonly Bin[]) =>
    Math.min(...reached.flatMap((r) => some.flatMap((bin) => accuracies(found, r, bin))));
  const near = bins.filter(({ length }) => length <= reach);
  const beyond = bins.filter(({ length }) => 0.9 * length > reach);
  const most = mean(
    accuracies(found, local, { ...beyond[0]!, records: beyond.flatMap(({ records }) => records) }),
  );
  const within = least([local], near);
  const longest = Math.max(...lessons.flatMap(({ portions }) => portions.map(({ length }) => length)));
  const upTo = (length: number) => bins.filter((bin) => bin.length <= length);
  const learned = least([of('linear'), of('full')], upTo(longest));
  const further = least([of('full')], upTo(far));
  const farthest = Math.max(...upTo(far).map(({ length }) => length));
  return [
    {
      id: 'near',
      text: `every architecture solves what lies within ${whole(reach)} letters; least accuracy ≥ ${solved}`,
      value: near.length > 0 ? least(found.reached, near) : null,
      met: near.length > 0 && least(found.reached, near) >= solved,
    },
    {
      id: 'reach',
      text: `local attention, which solves that (accuracy ${figure(within)}), guesses beyond its reach of ${whole(reach)} letters; accuracy there ≤ ${chance}`,
      value: most,
      met: beyond.length > 0 && within >= solved && most <= chance,
    },
    {
      id: 'learned',
      text: `linear and full attention solve all lengths that were learned from, up to ${whole(longest)}; least accuracy ≥ ${solved}`,
      value: learned,
      met: learned >= solved,
    },
    {
      id: 'far',
      text: `full attention solves all lengths up to ${whole(farthest)}, ${plain(farthest / longest)} times what was learned from; least accuracy ≥ ${solved}`,
      value: further,
      met: further >= solved,
    },
  ];
}

/** On other sequences: that reading them helps at all. */
function ownClaims({ reached, test }: LongRangeFindings): Claim[] {
  const { target } = test;
  if (target?.kind !== 'classes') return [];
  const counts = target.classes.map((_, c) => target.truth.filter((y) => y === c).length);
  const guess = Math.max(...counts) / test.records.length;
  const all = { records: test.records.map((_, i) => i) };
  const best = Math.max(
    ...reached.map(({ predicted }) => mean(predicted.map((p) => accuracyIn(p, test, all)))),
  );
  return [
    {
      id: 'above-guessing',
      text: `the best architecture is above guessing (${figure(guess)}), by its 95 % interval; accuracy`,
      value: best,
      met: wilson(best, test.records.length).low > guess,
    },
  ];
}

function growthClaims(growth: readonly Grown[]): Claim[] {
  const of = (id: string) => growth.find(({ costly }) => costly.id === id)!;
  const [local, linear, full, lean] = ['local', 'linear', 'full', 'lean'].map(of) as [
    Grown,
    Grown,
    Grown,
    Grown,
  ];
  const upTo = Math.min(...[local, linear].map(({ costly }) => costly.costs.at(-1)!.length));
  return [
    {
      id: 'linear-time',
      text: `time of local and linear attention grows linearly up to ${whole(upTo)} positions: exponents ${figure(local.time.exponent)} and ${figure(linear.time.exponent)} below ${linearLimit}; the larger`,
      value: Math.max(local.time.exponent, linear.time.exponent),
      met: Math.max(local.time.exponent, linear.time.exponent) < linearLimit,
    },
    {
      id: 'linear-memory',
      text: `and so does their memory, by the graph's estimate: exponents ${figure(local.estimate.exponent)} and ${figure(linear.estimate.exponent)} below ${linearLimit}; the larger`,
      value: Math.max(local.estimate.exponent, linear.estimate.exponent),
      met: Math.max(local.estimate.exponent, linear.estimate.exponent) < linearLimit,
    },
    {
      id: 'square-time',
      text: `time of full attention grows with the square: exponent ${figure(full.time.exponent)} (memory ${figure(full.estimate.exponent)}), in its memory-lean form ${figure(lean.time.exponent)} (memory ${figure(lean.estimate.exponent)}); the smaller of time > ${squareLimit}`,
      value: Math.min(full.time.exponent, lean.time.exponent),
      met: Math.min(full.time.exponent, lean.time.exponent) > squareLimit,
    },
  ];
}

function figures(found: LongRangeFindings, bins: readonly Bin[], growth: readonly Grown[]): Figure[] {
  const logs = (y: (cost: Cost) => number | undefined) =>
    growth.map(({ costly }) => ({
      name: costly.name,
      points: costly.costs.map((cost): [number, number] => [
        Math.log2(cost.length),
        Math.log10(y(cost) ?? Number.NaN),
      ]),
    }));
  const chart = (title: string, caption: string, yLabel: string, y: (cost: Cost) => number | undefined) => ({
    title,
    caption,
    svg: lineChart({
      series: logs(y),
      xLabel: 'Positions, log₂',
      yLabel,
      title,
      height: 360,
    }),
  });
  const isSeen = ({ measured }: Cost) => (measured ?? 0) >= visible;
  // One line beside nothing shows no more than the table does.
  const seen = found.costly.filter(({ costs }) => costs.filter(isSeen).length > 1).length > 1;
  return [
    {
      title: 'Accuracy by length',
      caption: `${found.seeds === 1 ? 'One network' : `Means of ${found.seeds} networks`} each; the same weights at every length.`,
      svg: lineChart({
        series: found.reached.map((reached) => ({
          name: reached.contender.name,
          points: bins.map((bin): [number, number] => [
            Math.log10(bin.length),
            mean(accuracies(found, reached, bin)),
          ]),
        })),
        xLabel: 'Positions, log₁₀',
        yLabel: 'Accuracy',
        title: 'Accuracy by length',
        height: 360,
      }),
    },
    chart(
      'Time of a training step',
      'Processor time for one sequence on one thread, forward and backward. In this picture a slope of one step up for 3.3 to the right is linear growth, twice that is the square.',
      'Seconds, log₁₀',
      ({ seconds }) => seconds,
    ),
    chart(
      'Memory of a training step, estimated',
      'An upper estimate from the graph, without what the process takes anyway.',
      'Bytes, log₁₀',
      ({ estimate }) => estimate,
    ),
    ...(seen
      ? [
          chart(
            'Memory of a training step, measured',
            `How far the resident memory of the process rose, where that was ${bytes(visible)} or more: less hides in what the process held already.`,
            'Bytes, log₁₀',
            (cost) => (isSeen(cost) ? cost.measured : undefined),
          ),
        ]
      : []),
  ];
}

function accuracyTable(found: LongRangeFindings, bins: readonly Bin[]): Table {
  return {
    title: 'Accuracy by length',
    columns: ['architecture', ...bins.map(({ name }) => name), 'solves', 'seconds to learn'],
    rows: found.reached.map((reached) => {
      const solved = bins.filter((bin) => isSolved(found, reached, bin));
      return [
        reached.contender.name,
        ...bins.map((bin) =>
          accuracies(found, reached, bin)
            .map((a) => a.toFixed(2))
            .join(', '),
        ),
        solved.length === 0 ? 'none' : solved.map(({ name }) => name).join('; '),
        Number(mean(reached.seconds).toFixed(1)),
      ];
    }),
    note: `Accuracy of each network. Solved: at least ${found.config.solved} in every one. ${bins
      .map(({ name, records }) => `${name}: ${records.length} sequences`)
      .join(
        '; ',
      )}; of ${bins.at(-1)!.records.length} right answers out of as many the 95 % interval begins at ${figure(wilson(1, bins.at(-1)!.records.length).low)}.`,
  };
}

function growthTable(growth: readonly Grown[]): Table {
  return {
    title: 'Growth with length',
    columns: [
      'architecture',
      'time ∝ length^',
      '95 %',
      'memory, estimated',
      'memory, measured',
      '95 %',
      'over',
    ],
    rows: growth.map(({ costly, time, estimate, measured }) => [
      costly.name,
      figure(time.exponent),
      interval(time),
      figure(estimate.exponent),
      measured ? figure(measured.exponent) : null,
      measured ? interval(measured) : null,
      `${whole(costly.costs.at(-time.points)!.length)}–${whole(costly.costs.at(-1)!.length)}`,
    ]),
    note: `Exponents of length, by least squares of logarithms over the last ${fitted} lengths that were measured; intervals from the scatter about the line.`,
  };
}

const interval = ({ exponent, low, high }: Growth) =>
  Number.isFinite(low) ? bounds({ value: exponent, low, high }) : '–';

function costTable(costly: readonly Costly[]): Table {
  const lengths = [...new Set(costly.flatMap(({ costs }) => costs.map(({ length }) => length)))].sort(
    (a, b) => a - b,
  );
  return {
    title: 'Time and memory of a training step',
    columns: ['architecture', ...lengths.map(whole)],
    rows: costly.map(({ name, costs }) => [
      name,
      ...lengths.map((length) => {
        const cost = costs.find((own) => own.length === length);
        if (!cost) return 'not measured';
        const memory = (cost.measured ?? 0) >= visible ? `${bytes(cost.measured!)} of ` : '';
        return `${(1000 * cost.seconds).toPrecision(3)} ms, ${memory}${bytes(cost.estimate)}`;
      }),
    ]),
    note: 'Processor time for one sequence on one thread, the least of up to two runs after one to warm up. Memory: measured (where the system tells, and it is enough to be seen) of estimated. Not measured: the step would have passed the limits cost.gigabytes or cost.patience.',
  };
}

function notes({ fit, config, builtIn, quick, seeds }: LongRangeFindings): string[] {
  const lengths = [...new Set(fit.records.map(({ sequence }) => sequence.length))].sort((a, b) => a - b);
  const longest = lengths.at(-1)!;
  const lessons = config.lessons
    .map(({ portions, epochs }) => {
      const learned = portions
        .filter(({ length }) => length <= longest)
        .map(({ length, count }) => `${whole(count)} of ${whole(length)}`);
      return `first ${learned.join(', ')}, ${epochs} times over`;
    })
    .join(', then ')
    .replaceAll('then first', 'then');
  return [
    ...(builtIn
      ? [
          `Every network learned from the same ${whole(fit.records.length)} sequences of ${lengths.map(whole).join(', ')} letters: ${lessons}. Nothing longer than ${whole(longest)} was learned from: at longer ones the same weights are asked, so that what is solved there is solved by going beyond what was learned.`,
          config.question === 'recall'
            ? 'Who counts letters answers this at any length. What is asked here is whether a network that answers at the last place has heard of the mark; guessing is right in half.'
            : 'A weighted sum of counts of letters or words cannot answer this; guessing is right in half.',
          'What is not solved here may be solved by longer training: these are figures of one small budget, the same sequences for all.',
        ]
      : []),
    'The answer is read at the last place. Full attention has one layer, so only its last place is asked when it learns and answers, with the same result as if all were; its cost is measured with all places asked, as tagging and language modelling ask. Attention has no positions here: it finds the mark by what it is.',
    `Recurrent networks of ${config.hidden} units; forget biases of the LSTMs and of the minimal GRU start as for memories of ${whole(config.memory)} letters (ln ${config.memory}). The gates of the minimal GRU (Feng et al. 2024) do not look at its state, so that its places are computed side by side, in chunks. The LSTM is the model that is left behind.`,
    ...(quick
      ? [`A quick run: ${seeds} network of each kind, shorter sequences. Its figures are rough.`]
      : []),
  ];
}
