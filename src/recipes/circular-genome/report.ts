import { bounds, figure } from '../../report/format.ts';
import { forestPlot, lineChart } from '../../report/plots/index.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import {
  bootstrap,
  evaluate,
  evaluateMetrics,
  type MetricValue,
  type Predictions,
} from '../../train/metrics/index.ts';
import { weightedMean } from '../../train/metrics/probability.ts';
import type { CircularConfig, Reads } from '../circular-genome.ts';
import { mean, rounded } from '../cross-validation-report.ts';
import type { Circles } from './circles.ts';
import type { Turning } from './equivariance.ts';

/** A way of reading circles, one entry a network. */
export interface Way {
  readonly name: string;
  /** On the test circles, and on the whole genomes. */
  readonly small: readonly Turning[];
  readonly whole: readonly Turning[];
}

/** All that a run found out: the linear way first, then those that are less so. */
export interface Around {
  readonly ways: readonly Way[];
  readonly config: CircularConfig;
  readonly cut: Circles;
  readonly seed: number;
}

/** Of the linear network's error, so much may be left to a circular one. */
const left = 0.01;

const errorOf = (turnings: readonly Turning[]) => mean(turnings.map(({ errors }) => mean(errors)));

/** The mean error over circles of the first network, with its interval over circles. */
function interval(turning: Turning, seed: number): MetricValue {
  const errors = Float64Array.from(turning.errors);
  const scorer = { names: ['error'], score: (weights: Float64Array) => [weightedMean(errors, weights)] };
  const { error } = bootstrap([scorer], errors.length, { seed });
  return { value: mean(turning.errors), ...(Number.isFinite(error!.low) && error) };
}

export function aroundClaims({ ways }: Around): Claim[] {
  const [line, rotated, doubled, circle] = ways as [Way, Way, Way, Way];
  const each = line.small.length > 1 ? `, mean of ${line.small.length} networks` : '';
  const falls = (way: Way, id: string): Claim => {
    const shares = way.small.map((turning, s) => mean(turning.errors) / mean(line.small[s]!.errors));
    return {
      id,
      text: `error under rotation, ${way.name} (${figure(errorOf(way.small))}): at most ${left} of that of the line (${figure(errorOf(line.small))})${each}; share`,
      value: mean(shares),
      met: shares.every((share) => share <= left),
    };
  };
  const whole = [line, doubled, circle].map((way) => errorOf(way.whole));
  return [
    falls(doubled, 'doubled'),
    falls(circle, 'circle'),
    {
      id: 'rotation',
      text: `random rotation in training does not make a line circular: it leaves more than half of the error (${figure(errorOf(rotated.small))}); share`,
      value: errorOf(rotated.small) / errorOf(line.small),
      met: errorOf(rotated.small) > errorOf(line.small) / 2,
    },
    {
      id: 'genome',
      text: `on the whole genome both circular ways (${figure(whole[1])}, ${figure(whole[2])}) have at most ${left} of the error of the line (${figure(whole[0])}); larger share`,
      value: Math.max(whole[1]!, whole[2]!) / whole[0]!,
      met: Math.max(whole[1]!, whole[2]!) <= left * whole[0]!,
    },
  ];
}

export function aroundLead({ ways }: Around): string {
  const [line, , doubled, circle] = ways as [Way, Way, Way, Way];
  return `Cutting a circle elsewhere changes what the linear network reads by ${figure(errorOf(line.small))} standard deviations at a place, what it reads from the doubled sequence by ${figure(errorOf(doubled.small))}, and what the circular network reads by ${figure(errorOf(circle.small))}.`;
}

/** Every so many places are evaluated: neighbours say nearly the same. */
const stride = 10;

/** How right the circular network is on test circles, beside the line and simple ways. */
export function aroundEvaluation(
  { cut, config, seed }: Around,
  reads: Reads,
): Pick<RunReport, 'evaluation' | 'baselines'> {
  const places = Array.from({ length: Math.ceil(config.length / stride) }, (_, i) => i * stride);
  const at = (rows: readonly Float32Array[], scale: number) =>
    Float64Array.from(rows.flatMap((row) => places.map((t) => row[t]! * scale)));
  const truth = at(
    cut.test.map((circle) => circle.truth),
    1,
  );
  const predictions: Predictions = {
    ids: cut.test.flatMap((_, c) => places.map((t) => `circle ${c + 1}, place ${t + 1}`)),
    target: { kind: 'values', names: ['skew'], truth },
    values: at(reads.circle, cut.unit),
    groups: cut.test.flatMap((_, c) => places.map(() => `circle ${c + 1}`)),
  };
  const of = (values: Float64Array) => evaluateMetrics({ ...predictions, values }, { seed });
  const average = mean(cut.train.flatMap((circle) => [...circle.truth]));
  const baselines = {
    mean: of(truth.map(() => average)),
    'sum from the cut': of(
      at(
        cut.test.map(({ truth: y }) => fromTheCut(y, config.leak)),
        1,
      ),
    ),
    'network on a line': of(at(reads.line, cut.unit)),
  };
  return { evaluation: evaluate(predictions, { seed, baselines }), baselines };
}

/** The leaky sum that begins with nothing at the cut: the truth less what came from before. */
function fromTheCut(truth: Float32Array, leak: number): Float32Array {
  const before = truth[truth.length - 1]!;
  return truth.map((y, t) => y - before * leak ** (t + 1));
}

export function aroundFigures({ ways, seed }: Around): Figure[] {
  const logs = ways.map((way) => logarithm(interval(way.small[0]!, seed)));
  return [
    {
      title: 'Error under rotation',
      caption:
        'Decimal logarithm of the mean difference at a place when the circle is cut elsewhere, in standard deviations of the truth; first networks, 95 % intervals over circles. Left is better.',
      svg: forestPlot({
        rows: ways.map(({ name }, w) => ({ label: shortName(name), values: [logs[w]] })),
        contenders: ['log₁₀ error'],
        xLabel: 'log₁₀ error (left is better)',
        title: 'Error under rotation',
        description: 'How much what is read changes when the circle is cut elsewhere.',
      }),
    },
    {
      title: 'Error against the truth, by distance from the cut',
      caption: 'First networks on the test circles. The line does not know what came before the cut.',
      svg: lineChart({
        series: ways.map(({ name, small }) => ({
          name: shortName(name),
          points: Array.from(small[0]!.byDistance, (error, t): [number, number] => [t + 1, error]),
        })),
        xLabel: 'Letters after the cut',
        yLabel: 'Mean error, standard deviations',
        title: 'Error by distance from the cut',
        description: 'Mean absolute error of each way of reading at each distance from the cut.',
      }),
    },
  ];
}

const shortName = (name: string) =>
  name.replace(', random rotation in training', ', rotated').replace(', random rotation', '');

/** log₁₀ of a value and its bounds; nothing below 1e-9, where single precision ends. */
function logarithm({ value, low, high }: MetricValue): MetricValue {
  const log = (x: number) => Math.log10(Math.max(x, 1e-9));
  return {
    value: log(value!),
    ...(low !== undefined && high !== undefined && { low: log(low), high: log(high) }),
  };
}

export function aroundTables({ ways, seed }: Around): Table[] {
  const several = ways[0]!.small.length > 1;
  return [
    {
      title: 'Error under rotation, in standard deviations of the truth',
      columns: [
        'way of reading',
        'test circles',
        '95 %',
        ...(several ? [`mean of ${ways[0]!.small.length} networks`] : []),
        'worst place',
        'whole genome',
        'worst place',
        'error to the truth at the cut',
      ],
      rows: ways.map(({ name, small, whole }) => {
        const first = interval(small[0]!, seed);
        return [
          name,
          figure(first.value),
          bounds(first),
          ...(several ? [figure(errorOf(small))] : []),
          figure(Math.max(...small.map(({ worst }) => worst))),
          figure(errorOf(whole)),
          figure(Math.max(...whole.map(({ worst }) => worst))),
          rounded(mean(small.map(({ byDistance }) => byDistance[0]!)), 3),
        ];
      }),
      note: 'Mean over places and turns of the difference between reading a turned circle and turning what was read.',
    },
  ];
}

/** The track of each genome, 0-based and half-open, neighbouring places with the same rounded value as one line. */
export function bedGraph(
  { whole, unit }: Circles,
  tracks: readonly Float32Array[],
  { leak }: { leak: number },
): string {
  const lines = [
    `track type=bedGraph name="GC skew" description="leaky GC skew, ${leak} kept, circular network"`,
  ];
  whole.forEach(({ id }, g) => {
    const values = Array.from(tracks[g]!, (y) => (y * unit).toFixed(3));
    let from = 0;
    for (let t = 1; t <= values.length; t++) {
      if (t < values.length && values[t] === values[from]) continue;
      lines.push(`${id}\t${from}\t${t}\t${values[from]}`);
      from = t;
    }
  });
  return `${lines.join('\n')}\n`;
}
