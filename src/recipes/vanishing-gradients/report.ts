import { lineChart } from '../../report/plots/index.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import type { Courses, GradientConfig, Probed } from '../vanishing-gradients.ts';
import type { Course } from './clipping.ts';
import { binned, type FittedRate, fittedRate } from './slope.ts';

interface Found {
  readonly probed: readonly Probed[];
  readonly courses: Courses;
  readonly steps: number;
  /** The most memory that the process held, in bytes. */
  readonly peak: number;
  readonly config: GradientConfig;
  readonly quick: boolean;
}

/** Where LSTM and Elman network are compared. */
const distance = 300;
const orders = 3;
/** From where on the task of memory counts as solved, and up to where as guessed; half is right by chance. */
const [solved, chance] = [0.9, 0.6];
/** How well log norm must follow a straight line. */
const straight = 0.99;
const memoryLimit = 4e9;

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;
const whole = (n: number) => n.toLocaleString('en-US');

/** Means over a few neighbouring distances, of all seeds. */
const around = ({ decays }: Probed, k: number) =>
  mean(decays.map((d) => mean(Array.from(d.subarray(Math.max(0, k - 10), k + 11)))));

/** Rates of all seeds as one: the mean of their logarithms, and the interval of that mean or of the one seed. */
function ratesOf({ decays }: Probed): FittedRate & { seeds: number } {
  const all = decays.map((decay) => fittedRate(decay));
  const logs = all.map(({ rate }) => Math.log(rate));
  const middle = mean(logs);
  const inner = mean(all.map(({ high, rate }) => (Math.log(high) - Math.log(rate)) ** 2)) / all.length;
  const between =
    all.length < 2 ? 0 : logs.reduce((sum, v) => sum + (v - middle) ** 2, 0) / (all.length - 1) / all.length;
  // Student's t of few seeds is wide; 4.3 is that of three, and one seed has its stretches alone.
  const half = Math.sqrt(inner + (4.3 * Math.sqrt(between)) ** 2);
  return {
    rate: Math.exp(middle),
    low: Math.exp(middle - half),
    high: Math.exp(middle + half),
    r2: Math.min(...all.map(({ r2 }) => r2)),
    steps: Math.min(...all.map(({ steps }) => steps)),
    seeds: all.length,
  };
}

export function gradientReport(found: Found): Omit<RunReport, 'title' | 'version' | 'seed' | 'seconds'> {
  const { probed, steps } = found;
  const of = (id: string) => probed.find(({ contender }) => contender.id === id)!;
  const elman = ratesOf(of('elman'));
  return {
    lead: `The gradient of an Elman network falls by a factor of ${elman.rate.toFixed(3)} a step (half in ${halving(elman.rate)} steps); followed through ${whole(steps)} steps.`,
    claims: claims(found, of),
    metrics: { factorPerStep: { value: elman.rate, low: elman.low, high: elman.high } },
    baselines: Object.fromEntries(
      probed
        .filter(({ contender: { id } }) => ['lstm', 'lstmLong', 'gru', 'yours'].includes(id))
        .map((p) => {
          const { rate, low, high } = ratesOf(p);
          return [p.contender.name, { factorPerStep: { value: rate, low, high } }];
        }),
    ),
    figures: figures(found),
    tables: [decayTable(found), trainingTable(found)],
    notes: notes(found),
  };
}

const halving = (rate: number) => (rate < 1 ? (Math.log(0.5) / Math.log(rate)).toPrecision(3) : 'no');

function claims({ courses, steps, peak, config }: Found, of: (id: string) => Probed): Claim[] {
  const elman = ratesOf(of('elman'));
  const ahead = around(of('lstm'), distance) - around(of('elman'), distance);
  const explodes = around(of('exploding'), steps - 12);
  const { clip, length } = config.training;
  const accuracy = (id: keyof Courses, how: 'plain' | 'clipped') => courses[id][how].map((c) => c.accuracy);
  const cured = Math.min(...accuracy('exploding', 'clipped'));
  const uncured = Math.max(...accuracy('vanishing', 'clipped'));
  const lost = Math.max(...accuracy('exploding', 'plain'));
  const held = Math.min(...accuracy('lstm', 'clipped'));
  const seeds = courses.lstm.plain.length;
  const all = seeds > 1 ? `in all ${seeds} trainings` : 'in the one training';
  return [
    {
      id: 'exponential',
      text: `Elman: the norm falls exponentially, by a factor of ${elman.rate.toFixed(4)} (95 % interval ${elman.low.toFixed(4)} to ${elman.high.toFixed(4)}) a step; R² of the line of log norm on distance ≥ ${straight}, over ${whole(elman.steps)} distances`,
      value: Number(elman.r2.toFixed(4)),
      met: elman.r2 >= straight && elman.high < 1,
    },
    {
      id: 'lstm',
      text: `LSTM: powers of ten by which its gradient is larger than Elman's at distance ${distance} ≥ ${orders}`,
      value: ahead,
      met: ahead >= orders,
    },
    {
      id: 'explosion',
      text: `clipping (norm ≤ ${clip}) cures explosion: an Elman network whose gradient grows (W_hh × ${config.exploding}, log₁₀ norm ${explodes.toFixed(0)} after ${whole(steps)} steps) does not learn to remember a letter for ${length} steps without it (accuracy at most ${lost.toFixed(3)}, limit ${chance}) and does with it ${all}; least accuracy ≥ ${solved}`,
      value: cured,
      met: cured >= solved && lost <= chance && explodes > 0,
    },
    {
      id: 'onlyExplosion',
      text: `and nothing else: where the gradient vanishes (W_hh × ${config.vanishing}) the network stays at chance ${all} with clipping, too, while an LSTM reaches ${held.toFixed(3)} (≥ ${solved}); most accuracy ≤ ${chance}`,
      value: uncured,
      met: uncured <= chance && held >= solved,
    },
    {
      id: 'reach',
      text: `the probe goes through ${whole(steps)} steps in less than ${memoryLimit / 1e9} GB; the process's peak in GB`,
      value: peak / 1e9,
      met:
        peak < memoryLimit &&
        of('elman').decays.every((d) => d.length === steps && Number.isFinite(d[steps - 1])),
    },
  ];
}

function figures({ probed, steps, courses }: Found): Figure[] {
  const shown = probed.filter(({ contender: { id } }) => id !== 'exploding' && id !== 'vanishing');
  const chart = (list: readonly Probed[], end: number, title: string) =>
    lineChart({
      series: list.map(({ contender, decays }) => ({
        name: contender.name,
        points: binned(decays[0]!, { end }),
      })),
      xLabel: 'Steps back',
      yLabel: 'log₁₀ of the norm',
      title,
      width: 640,
      height: 400,
    });
  return [
    {
      title: `Gradient through ${whole(steps)} steps`,
      caption:
        'Norm of the gradient with respect to the input, so many steps before the end (means of neighbours). A straight line is exponential decay. First seed.',
      svg: chart(shown, steps, 'Gradient by distance'),
    },
    {
      title: `The first ${distance} steps`,
      caption: 'The same nearby, with networks whose gradients explode or vanish at once.',
      svg: chart(probed, distance, 'Gradient by distance, nearby'),
    },
    {
      title: 'Norms while training',
      caption:
        'log₁₀ of the norm of the whole gradient, before clipping, at each step of training on the task of memory.',
      svg: lineChart({
        series: [
          ['exploding, plain', courses.exploding.plain[0]],
          ['exploding, clipped', courses.exploding.clipped[0]],
          ['vanishing, clipped', courses.vanishing.clipped[0]],
          ['LSTM, clipped', courses.lstm.clipped[0]],
        ].map(([name, course]) => ({
          name: name as string,
          points: binned(Float64Array.from((course as Course).norms, Math.log10)),
        })),
        xLabel: 'Training step',
        yLabel: 'log₁₀ of the norm',
        title: 'Norms while training',
      }),
    },
  ];
}

function decayTable({ probed, steps }: Found): Table {
  const places = [100, 1000, 10_000, 50_000].filter((k) => k <= steps);
  return {
    title: 'Gradient by distance',
    columns: [
      'network',
      'factor a step',
      '95 % interval',
      'R² of the line',
      'halved in',
      ...places.map((k) => `log₁₀ at ${whole(k)}`),
      'seconds',
    ],
    rows: probed.map((p) => {
      const { rate, low, high, r2 } = ratesOf(p);
      const layered = ['dilated', 'hierarchical'].includes(p.contender.id);
      return [
        p.contender.name,
        rate.toFixed(4),
        `${low.toFixed(4)}–${high.toFixed(4)}`,
        Number(r2.toFixed(3)),
        layered ? null : halving(rate),
        ...places.map((k) => finite(around(p, Math.min(k, steps - 11)))),
        Number(p.seconds.toFixed(1)),
      ];
    }),
    note: `Norms relative to a direction of norm 1 at the last state; means over ${probed[0]!.decays.length} seeds. Seconds are those of one seed. For dilated and hierarchical networks the line is a poor law: their gradient takes few long steps.`,
  };
}

const finite = (x: number) => (Number.isFinite(x) ? Number(x.toFixed(1)) : '< −68');

function trainingTable({ courses, config }: Found): Table {
  const names = {
    exploding: `Elman, W_hh × ${config.exploding}`,
    vanishing: `Elman, W_hh × ${config.vanishing}`,
    lstm: `LSTM, forget bias ln ${config.training.length}`,
  };
  const rows = (Object.keys(names) as (keyof Courses)[]).flatMap((id) =>
    (['plain', 'clipped'] as const).map((how) => {
      const all = courses[id][how];
      return [
        names[id],
        how === 'plain' ? 'no' : `to ${config.training.clip}`,
        Math.max(...all.flatMap(({ norms }) => norms)).toExponential(1),
        Number(mean(all.map(({ losses }) => losses[losses.length - 1]!)).toPrecision(3)),
        all.map(({ accuracy }) => accuracy.toFixed(3)).join(', '),
      ];
    }),
  );
  return {
    title: 'Training with and without clipping',
    columns: ['network', 'clipped', 'largest norm', 'last loss', 'accuracy, each seed'],
    rows,
    note: `The class is the first of ${config.training.length} letters; chance is 0.5. Plain gradient descent, batches of 32, the same first weights and batches in each pair; accuracy over the last fifth, on sequences not seen before.`,
  };
}

function notes({ steps, quick }: Found): string[] {
  return [
    'The gradient is followed piece by piece from the end: what flows out of a piece is scaled to norm 1 before it goes on, and the logarithm is kept. So norms far below what a number can hold are measured, in the memory of one piece. Dilated and hierarchical networks are differentiated in one pass, which can tell norms down to 10⁻⁶⁸.',
    `An LSTM as libraries start it (forget bias 1) forgets, too, only more slowly. With the chrono start (Tallec and Ollivier 2018) some of its units remember through all ${whole(steps)} steps. Elman networks start from an orthogonal recurrent weight, the kindest to gradients.`,
    ...(quick ? ['A quick run: one seed and 5,000 steps.'] : []),
  ];
}
