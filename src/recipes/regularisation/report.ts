import { bounds, figure } from '../../report/format.ts';
import { lineChart, reliabilityDiagram } from '../../report/plots/index.ts';
import type { Claim, Figure, Table } from '../../report/run-report.ts';
import { mean, rounded } from '../cross-validation-report.ts';
import type { RegularisationConfig } from './config.ts';
import type { LinearPaths, PathPoint } from './linear-path.ts';
import type { Method } from './methods.ts';

/** All that a run found out. */
export interface Found {
  readonly linear: LinearPaths;
  readonly methods: readonly Method[];
  readonly config: RegularisationConfig;
  readonly seed: number;
  /** Planted positions, where they are known, and what their true probabilities come to. */
  readonly support?: readonly number[];
  readonly best?: { readonly accuracy: number; readonly logLoss: number };
}

/** A difference in calibration error that is more than rounding. */
const less = 0.005;

const eceOf = ({ metrics }: Method): number[] => metrics.map(({ ece }) => ece!.value!);
const pairOf = ({ methods, config }: Found, rate = config.dropout) => ({
  point: methods.find((m) => m.rate === rate && !m.sampled)!,
  drawn: methods.find((m) => m.rate === rate && m.sampled)!,
});

/** How well a set of positions is that of the planted ones. */
export function recovery(kept: readonly number[], support: readonly number[]) {
  const hits = kept.filter((position) => support.includes(position)).length;
  return { hits, f1: (2 * hits) / (kept.length + support.length) };
}

export function regularisationClaims(found: Found): Claim[] {
  const { point, drawn } = pairOf(found);
  const gaps = eceOf(drawn).map((ece, s) => ece - eceOf(point)[s]!);
  const n = gaps.length;
  return [
    ...supportClaims(found),
    {
      id: 'calibration',
      text: `calibration error of MC dropout at rate ${found.config.dropout} (${figure(mean(eceOf(drawn)))}) at least ${less} below that of the same weights without dropout (${figure(mean(eceOf(point)))})${n > 1 ? ` in each of ${n} networks; mean difference` : '; difference'}`,
      value: mean(gaps),
      met: gaps.every((gap) => gap <= -less),
    },
  ];
}

function supportClaims({ linear, support }: Found): Claim[] {
  if (!support) return [];
  const { kept, zeros } = linear.chosen;
  const { hits, f1 } = recovery(kept, support);
  const dense = Math.max(...linear.l2.map((point) => point.zeros));
  return [
    {
      id: 'support',
      text: `L1 keeps ${kept.length} of ${linear.groups} positions, ${hits} of the ${support.length} planted among them; F1 ≥ 0.9`,
      value: f1,
      met: f1 >= 0.9,
    },
    {
      id: 'zeros',
      text: `L1 leaves weights that are exactly zero, L2 none (${figure(dense)} at most); share of zeros under L1`,
      value: zeros,
      met: zeros > 0.5 && dense === 0,
    },
  ];
}

export function regularisationLead(found: Found): string {
  const { linear, support, config } = found;
  const { point, drawn } = pairOf(found);
  const { kept } = linear.chosen;
  const planted = support
    ? `, ${recovery(kept, support).hits} of the ${support.length} planted among them`
    : '';
  return `L1 keeps ${kept.length} of ${linear.groups} ${linear.unit}s${planted}. With dropout ${config.dropout} left on in prediction, the calibration error is ${figure(mean(eceOf(drawn)))} instead of ${figure(mean(eceOf(point)))}.`;
}

const logs = (points: readonly PathPoint[], of: (point: PathPoint) => number): [number, number][] =>
  points.map((point) => [Math.log10(point.penalty), of(point)]);

export function regularisationFigures(found: Found): Figure[] {
  const { point, drawn } = pairOf(found);
  return [...pathFigures(found), ...networkFigures(found), reliability(point), reliability(drawn)];
}

function pathFigures({ linear, support }: Found): Figure[] {
  const planted = ({ kept }: PathPoint) => (support ? recovery(kept, support).hits : kept.length);
  return [
    {
      title: 'Loss along the paths',
      caption:
        'Linear models on the records held back; strong penalties on the right. Fitted again: the features that L1 keeps, without its shrinkage.',
      svg: lineChart({
        series: [
          { name: 'L1', points: logs(linear.l1, ({ loss }) => loss) },
          { name: 'L1, fitted again', points: logs(linear.refitted, ({ loss }) => loss) },
          { name: 'L2', points: logs(linear.l2, ({ loss }) => loss) },
        ],
        xLabel: 'log₁₀ penalty',
        yLabel: 'Log loss, nats',
        title: 'Loss along the paths',
        description: 'Log loss of linear models on held back records over the strength of the penalty.',
        mark: { x: Math.log10(linear.chosen.penalty), label: 'chosen' },
      }),
    },
    {
      title: `What L1 keeps, in ${linear.unit}s`,
      caption: 'What L1 keeps as its penalty weakens (to the left).',
      svg: lineChart({
        series: [
          { name: support ? 'planted' : 'kept', points: logs(linear.l1, planted) },
          ...(support
            ? [{ name: 'others', points: logs(linear.l1, (p) => p.kept.length - planted(p)) }]
            : []),
        ],
        xLabel: 'log₁₀ penalty',
        yLabel: `${linear.unit}s kept`,
        title: 'What L1 keeps',
        description: 'Number of features with a weight along the L1 path.',
        mark: { x: Math.log10(linear.chosen.penalty), label: 'chosen' },
      }),
    },
  ];
}

function networkFigures(found: Found): Figure[] {
  const { methods } = found;
  const rates = [...new Set(methods.flatMap(({ rate }) => (rate === undefined ? [] : [rate])))];
  const stopped = methods.find(({ history }) => history);
  const over = (sampled: boolean): [number, number][] =>
    rates.map((rate) => [rate, mean(eceOf(pairOf(found, rate)[sampled ? 'drawn' : 'point']))]);
  return [
    {
      title: 'Calibration error by dropout rate',
      caption: `Mean of ${methods[0]!.metrics.length} networks on the test records.`,
      svg: lineChart({
        series: [
          { name: 'point estimate', points: over(false) },
          { name: 'MC dropout', points: over(true) },
        ],
        xLabel: 'Dropout rate',
        yLabel: 'Calibration error',
        title: 'Calibration error by dropout rate',
        description: 'Expected calibration error with dropout off and on in prediction.',
      }),
    },
    ...(stopped?.history
      ? [
          {
            title: 'Early stopping',
            caption: 'A network without any other remedy; the weights of the marked epoch are kept.',
            svg: lineChart({
              series: [
                { name: 'training', points: stopped.history.map((h) => [h.epoch, h.trainLoss]) },
                {
                  name: 'held back',
                  points: stopped.history.map((h) => [h.epoch, h.validationLoss ?? Number.NaN]),
                },
              ],
              xLabel: 'Epoch',
              yLabel: 'Log loss, nats',
              title: 'Early stopping',
              description: 'Loss on training records and on those held back, by epoch.',
              mark: { x: stopped.bestEpoch!, label: 'kept' },
            }),
          },
        ]
      : []),
  ];
}

const reliability = ({ name, bins, of }: Method): Figure => ({
  title: `Calibration: ${name}`,
  caption: 'Dots below the diagonal: too sure.',
  svg: reliabilityDiagram({ bins: [...bins], of, title: `Calibration: ${name}` }),
});

export function regularisationTables({ linear, methods, support, best }: Found): Table[] {
  const several = methods[0]!.metrics.length > 1;
  const of = (method: Method, name: string) =>
    rounded(mean(method.metrics.map((metrics) => metrics[name]!.value!)));
  const ideal = best && [
    'the planted probabilities',
    rounded(best.accuracy),
    rounded(best.logLoss),
    null,
    null,
  ];
  const nameOf = (kept: readonly number[]) =>
    kept.map((g) => (support ? `${g + 1}${support.includes(g) ? '*' : ''}` : g + 1)).join(' ');
  return [
    {
      title: 'Ways of regularising, on the test',
      columns: ['way', 'accuracy', 'log loss', 'calibration error', '95 % of the first'],
      rows: [
        ...methods.map((m) => [
          m.name,
          of(m, 'accuracy'),
          of(m, 'logLoss'),
          of(m, 'ece'),
          bounds(m.metrics[0]!.ece!),
        ]),
        ...(ideal ? [ideal] : []),
      ],
      note: several
        ? `Means of ${methods[0]!.metrics.length} networks with first weights of their own.`
        : 'One network of each kind.',
    },
    {
      title: 'Path of the L1 penalty, on the records held back',
      columns: ['penalty', `${linear.unit}s kept`, 'zeros', 'log loss', 'fitted again', 'which (first 12)'],
      rows: linear.l1.map((point, i) => [
        rounded(point.penalty, 5),
        point.kept.length,
        rounded(point.zeros, 3),
        rounded(point.loss),
        rounded(linear.refitted[i]!.loss),
        nameOf(point.kept.slice(0, 12)),
      ]),
      note: `Chosen: ${figure(linear.chosen.penalty)}. ${support ? 'A star marks what was planted. ' : ''}By its own loss L1 would keep ${linear.shrunken.kept.length}: a penalty weak enough not to shrink what matters lets in what does not.`,
    },
    {
      title: 'Path of the L2 penalty, on the records held back',
      columns: ['penalty', 'zeros', 'log loss', 'standard error'],
      rows: linear.l2.map((point) => [
        point.penalty,
        rounded(point.zeros, 3),
        rounded(point.loss),
        rounded(point.error),
      ]),
    },
  ];
}
