import { lineChart, scatterPlot } from '../../report/plots/index.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import { bootstrap, type Metrics, r2 } from '../../train/metrics/index.ts';
import type { EnhancerFindings } from '../leaky-enhancer.ts';
import type { RecipeContext } from '../recipe.ts';
import { countsBefore, line } from './fit.ts';
import { closedForm, lastUpTo } from './integrator.ts';

type Report = Omit<RunReport, 'title' | 'version' | 'seconds'>;

const whole = (n: number) => Math.round(n).toLocaleString('en-US');
/** Letters after which 1/e is left. */
const lengthOf = (retention: number) => -1 / Math.log(retention);
const tolerance = 1e-5;
/** How far the decay length may be from the planted one, as a share of it. */
const near = 0.1;

/** The report, and the files beside it. */
export function enhancerReport(
  found: EnhancerFindings,
  { seed, quick }: RecipeContext,
): Report & { extraFiles: Record<string, string> } {
  const { retention, config, scanned, chromosomes, fit } = found;
  const judged = found.parts && judge(found, seed);
  const window = Math.log(config.threshold) / Math.log(retention);
  const active = scanned.levels.reduce(
    (sum, levels) => sum + levels.filter((h) => h >= config.threshold).length,
    0,
  );
  const promoters = scanned.levels.reduce((sum, { length }) => sum + length, 0);
  return {
    seed,
    lead: `h keeps ${retention.toFixed(5)} of itself a letter (1/e in ${whole(lengthOf(retention))}); ${active} of ${promoters} promoters are active (h ≥ ${config.threshold}${window > 0 ? `, one enhancer within ${whole(window)} letters is enough` : ''}).`,
    claims: claims(found, judged),
    ...(judged && { metrics: judged.metrics, baselines: judged.baselines }),
    figures: figures(found, judged),
    tables: [summary(found, window)],
    notes: [
      'An enhancer acts downstream of where it stands, on the strand that is read, and is forgotten letter by letter. h is that before the first letter of a promoter.',
      fit
        ? 'r was fitted on the first promoters of each sequence by least squares of activity on h; the last ones are the test. Its interval comes from 400 resamples of promoters.'
        : 'No activities were given: r is the setting retention, and nothing was fitted.',
      ...(quick && found.builtIn ? ['A quick run: a shorter chromosome.'] : []),
    ],
    extraFiles: {
      'promoters.bed': bed(found),
      'integrator.json': `${JSON.stringify({ retention, threshold: config.threshold, enhancer: config.enhancer, promoter: config.promoter, sequences: chromosomes.length, ...(fit && { weight: fit.weight, base: fit.base }) }, null, 2)}\n`,
    },
  };
}

interface Judged {
  readonly metrics: Metrics;
  readonly baselines: Record<string, Metrics>;
  readonly points: [number, number][];
  readonly best: { readonly name: string; readonly value: number };
}

/** On the promoters that were not fitted: the share of the variance of activity that each method explains. */
function judge({ parts, fit, retention }: EnhancerFindings, seed: number): Judged {
  const { fit: learned, test } = parts!;
  const predict = (feature: (data: typeof learned) => Float64Array) => {
    const { weight, base } = line(feature(learned), learned.activity);
    return feature(test).map((x) => base + weight * x);
  };
  const mean = learned.activity.reduce((a, b) => a + b, 0) / learned.activity.length;
  const windows = Array.from({ length: 30 }, (_, i) => 50 * 2 ** (i / 3));
  const squares = windows.map(
    (window) => line(countsBefore(learned.enhancers, learned.promoters, window), learned.activity).squares,
  );
  const window = windows[squares.indexOf(Math.min(...squares))]!;
  const nearest = ({ enhancers, promoters }: typeof learned) =>
    promoters.map((t) => {
      const at = lastUpTo(enhancers, t);
      return -Math.log1p(at < 0 ? 1e7 : Math.min(1e7, t - enhancers[at]!));
    });
  const own = closedForm(test.enhancers, test.promoters, retention).map((h) => fit!.base + fit!.weight * h);
  const methods = {
    mean: test.activity.map(() => mean),
    'nearest enhancer': predict(nearest),
    [`enhancers within ${whole(window)}`]: predict((data) =>
      countsBefore(data.enhancers, data.promoters, window),
    ),
  };
  const score = (predicted: Float64Array) => ({ r2: { value: r2(test.activity, predicted) } });
  const { low, high } = bootstrap(
    [{ names: ['r2'], score: (weights) => [r2(test.activity, own, weights)] }],
    test.activity.length,
    { seed },
  ).r2!;
  const baselines: Record<string, Metrics> = Object.fromEntries(
    Object.entries(methods).map(([name, predicted]) => [name, score(predicted)]),
  );
  const [name, value] = Object.entries(baselines)
    .map(([other, metrics]) => [other, metrics.r2!.value!] as const)
    .reduce((a, b) => (b[1] > a[1] ? b : a));
  return {
    metrics: { r2: { ...score(own).r2, low, high } },
    baselines,
    points: Array.from(test.activity, (y, i): [number, number] => [y, own[i]!]),
    best: { name, value },
  };
}

function claims(
  { closed, fit, config, scanned, builtIn }: EnhancerFindings,
  judged: Judged | undefined,
): Claim[] {
  const all: Claim[] = [
    {
      id: 'closed',
      text: `largest difference of the network to Σ r^distance, as a share of 1 + h, at ${whole(closed.places)} places ≤ ${tolerance}`,
      value: closed.error,
      met: closed.error <= tolerance,
    },
    {
      id: 'streaming',
      text: `${whole(scanned.letters)} letters read once, in pieces (${whole(scanned.letters / scanned.seconds / 1e6)} million letters a second): largest difference to pieces of another size ≤ ${tolerance}`,
      value: closed.pieces,
      met: closed.pieces <= tolerance,
    },
  ];
  if (fit && builtIn) {
    const off = Math.abs(lengthOf(fit.retention) / lengthOf(config.retention) - 1);
    all.push({
      id: 'recovered',
      text: `planted r = ${config.retention}, fitted ${fit.retention.toFixed(5)} (95 % interval ${fit.low.toFixed(5)} to ${fit.high.toFixed(5)}): the decay length −1/ln r is off by at most ${near}`,
      value: off,
      met: off <= near,
    });
  }
  if (judged)
    all.push({
      id: 'ahead',
      text: `R² on promoters not fitted above that of the best simple method (${judged.best.name}, ${judged.best.value.toFixed(3)})`,
      value: judged.metrics.r2!.value,
      met: judged.metrics.r2!.value! > judged.best.value,
    });
  return all;
}

function figures(
  { fit, retention, config, builtIn, chromosomes, scanned }: EnhancerFindings,
  judged: Judged | undefined,
): Figure[] {
  const list: Figure[] = [];
  if (fit)
    list.push({
      title: 'How well each decay length fits',
      caption:
        'Sum of squared errors on the promoters that were fitted, by the length after which 1/e of an enhancer is left.',
      svg: lineChart({
        series: [
          {
            name: 'squared error',
            points: fit.profile.map(([length, squares]) => [Math.log10(length), squares]),
          },
        ],
        xLabel: 'log₁₀ of the decay length, in letters',
        yLabel: 'Sum of squares',
        title: 'Fit by decay length',
        ...(builtIn && { mark: { x: Math.log10(lengthOf(config.retention)), label: 'planted' } }),
      }),
    });
  if (judged)
    list.push({
      title: 'Activity of promoters not fitted',
      caption: 'The nearer to the diagonal, the better.',
      svg: scatterPlot({ points: judged.points, xLabel: 'Activity', yLabel: 'Predicted' }),
    });
  const [own, levels] = [chromosomes[0]!, scanned.levels[0]!];
  const at = Math.max(0, levels.indexOf(Math.max(...levels)));
  const middle = own.promoters[at] ?? 0;
  const [from, to] = [Math.max(0, middle - 5000), Math.min(own.length, middle + 2000)];
  const places = Array.from({ length: 350 }, (_, i) => Math.floor(from + ((to - from) * i) / 350));
  const h = closedForm(own.enhancers, places, retention);
  list.push({
    title: `Around the promoter with the highest h (${own.name})`,
    caption: 'Each enhancer adds 1; what is there is forgotten with distance.',
    svg: lineChart({
      series: [
        { name: 'h', points: places.map((t, i) => [t, h[i]!]) },
        {
          name: 'threshold',
          points: [
            [from, config.threshold],
            [to, config.threshold],
          ],
        },
      ],
      xLabel: 'Place',
      yLabel: 'h',
      title: 'h along the sequence',
      mark: { x: middle, label: 'promoter' },
    }),
  });
  return list;
}

function summary({ chromosomes, scanned, config, retention, fit }: EnhancerFindings, window: number): Table {
  const count = (what: 'enhancers' | 'promoters') =>
    chromosomes.reduce((sum, own) => sum + own[what].length, 0);
  return {
    title: 'What was read',
    columns: ['quantity', 'value'],
    rows: [
      ['letters', whole(scanned.letters)],
      [`enhancers (${config.enhancer})`, whole(count('enhancers'))],
      [`promoters (${config.promoter})`, whole(count('promoters'))],
      ['retention r a letter', retention.toFixed(6)],
      ['decay length (1/e), letters', whole(lengthOf(retention))],
      ['effective distance of one enhancer, letters', window > 0 ? whole(window) : 'one is not enough'],
      ...(fit
        ? [['activity = base + weight · h', `${fit.base.toFixed(3)} + ${fit.weight.toFixed(3)} · h`]]
        : []),
      ['seconds of the scan', scanned.seconds.toFixed(2)],
    ],
  };
}

/** Active promoters as BED: 0-based, half-open; the score is 1000 · h, 1000 at most. */
function bed({ chromosomes, scanned, config }: EnhancerFindings): string {
  const lines: string[] = [];
  chromosomes.forEach(({ name, promoters }, c) => {
    promoters.forEach((start, i) => {
      const h = scanned.levels[c]![i]!;
      if (h < config.threshold) return;
      const score = Math.min(1000, Math.round(1000 * h));
      lines.push(`${name}\t${start}\t${start + config.promoter.length}\th=${h.toFixed(4)}\t${score}\t+\n`);
    });
  });
  return lines.join('');
}
