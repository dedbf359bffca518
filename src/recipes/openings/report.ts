import { skippedSentence } from '../../data/dataset.ts';
import { bounds, percent, whole } from '../../report/format.ts';
import { lineChart } from '../../report/plots/index.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import { evaluate, evaluateMetrics, majorityBaseline, type Predictions } from '../../train/metrics/index.ts';
import { rounded } from '../cross-validation-report.ts';
import { type Bounded, type Crossing, crossingWithInterval, type Differences } from './crossing.ts';
import { type Curves, type Method, methods, rightOf } from './curves.ts';
import type { OpeningGames } from './games.ts';

/** So much less accuracy still counts as level. */
export const level = 0.01;

/** All that a run found out. */
export interface OpeningFindings {
  readonly games: OpeningGames;
  readonly curves: Curves;
  readonly seed: number;
  readonly quick: boolean;
  readonly builtIn: boolean;
}

const names: Record<Method, string> = {
  generative: 'n-grams with Bayes’ rule',
  logistic: 'logistic regression',
  network: 'GRU',
};
/** The network stands in the claims; logistic regression, the strongest simple method, beside. */
const discriminative = ['network', 'logistic'] as const;

const mean = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((a, b) => a + b, 0) / numbers.length;

/** Accuracies of a method: one for each size, then for each repetition. */
const accuraciesOf = ({ games, curves }: OpeningFindings, method: Method): number[][] =>
  curves.sizes.map((_, z) =>
    curves.repetitions.map((own) => mean(rightOf(games, own, own.predicted[method][z]!))),
  );

/** A method against the generative one. */
function comparison({ games, curves, seed }: OpeningFindings, method: Method): Crossing {
  const differences: Differences = curves.sizes.map((_, z) =>
    curves.repetitions.map((own) => {
      const [ours, theirs] = [method, 'generative' as const].map((m) =>
        rightOf(games, own, own.predicted[m][z]!),
      ) as [Int8Array, Int8Array];
      return ours.map((right, g) => right - theirs[g]!);
    }),
  );
  return crossingWithInterval(differences, curves.sizes, { seed });
}

/** The report. */
export function openingReport(
  found: OpeningFindings,
): Omit<RunReport, 'title' | 'version' | 'seed' | 'seconds'> {
  const compared = discriminative.map((method) => ({ method, ...comparison(found, method) }));
  const { games, curves, seed } = found;
  const accuracy = Object.fromEntries(methods.map((m) => [m, accuraciesOf(found, m)])) as Record<
    Method,
    number[][]
  >;
  const last = curves.sizes.length - 1;
  const predictions = (method: Method) => predictionsOf(found, method, last);
  const baselines = Object.fromEntries([
    ...(['generative', 'logistic'] as const).map((m) => [
      // So short that the table of all metrics fits on a page.
      m === 'generative' ? 'n-grams' : 'logistic',
      evaluateMetrics(predictions(m), { seed }),
    ]),
    ['commonest', evaluateMetrics(majority(found), { seed })],
  ]);
  const { crossing } = compared[0]!;
  return {
    lead: `From ${whole(curves.sizes[0])} games ${names.generative} are right in ${percent(mean(accuracy.generative[0]!))}, ${names.logistic} in ${percent(mean(accuracy.logistic[0]!))} and a ${names.network} in ${percent(mean(accuracy.network[0]!))}; from ${whole(curves.sizes[last])} in ${percent(mean(accuracy.generative[last]!))}, ${percent(mean(accuracy.logistic[last]!))} and ${percent(mean(accuracy.network[last]!))}. The ${names.network} passes at ${place(crossing.value, found)} games.`,
    claims: claimsOf(compared[0]!, found),
    metrics: Object.fromEntries(
      compared.flatMap(({ method, crossing: at }) =>
        Number.isFinite(at.value) && at.value > 0
          ? [[`crossing${method === 'logistic' ? 'Logistic' : 'Network'}`, finite(at)]]
          : [],
      ),
    ),
    evaluation: evaluate(predictions('network'), { seed, baselines }),
    baselines,
    data: {
      records: games.ids.length,
      task: 'the opening, given moves',
      alphabet: 'moves',
      classes: games.classes.map((name, c) => ({
        name,
        count: games.truth.reduce((n, y) => n + Number(y === c), 0),
      })),
      lengths: games.moves.map(({ length }) => length),
      skipped: games.skipped,
      sources: games.sources,
    },
    training: {
      history: curves.kept.fit.history,
      bestEpoch: curves.kept.fit.bestEpoch,
      seconds: curves.kept.fit.seconds,
    },
    figures: figuresOf(found, accuracy, compared),
    tables: [curveTable(found, accuracy, compared)],
    notes: notesOn(found),
  };
}

/** A number of games, or on which side of what was measured it lies. */
const place = (n: number, { curves: { sizes } }: OpeningFindings): string =>
  n === 0
    ? `fewer than ${whole(sizes[0])}`
    : n === Number.POSITIVE_INFINITY
      ? `more than ${whole(sizes.at(-1))}`
      : whole(n);

const finite = ({ value, low, high }: Bounded) => ({
  value,
  ...(Number.isFinite(low) && Number.isFinite(high) && { low, high }),
});

function claimsOf({ means, crossing }: Crossing, found: OpeningFindings): Claim[] {
  const method = 'network';
  const { sizes, repetitions } = found.curves;
  const [first, last] = [means[0]!, means.at(-1)!];
  const turned: Bounded = { value: -first.value, low: -first.high, high: -first.low };
  const repeated = `${repetitions.length} repetitions`;
  return [
    {
      id: 'few',
      text: `from ${whole(sizes[0])} games ${names.generative} are ahead of ${names[method]} (95 % interval ${bounds(turned)}, ${repeated}); by`,
      value: turned.value,
      met: turned.low > 0,
    },
    {
      id: 'many',
      text: `from ${whole(sizes.at(-1))} games ${names[method]} is at least level: behind by less than ${level} at the lower end of the 95 % interval (${bounds(last)}); ahead by`,
      value: last.value,
      met: last.low > -level,
    },
    {
      id: 'crossing',
      text: `the curves of ${names.generative} and ${names[method]} cross within what was measured; games (95 % interval ${place(crossing.low, found)} to ${place(crossing.high, found)})`,
      value: Number.isFinite(crossing.value) ? crossing.value : null,
      met: crossing.low > 0 && Number.isFinite(crossing.high),
    },
  ];
}

/** Predictions of the first repetition. */
function predictionsOf({ games, curves }: OpeningFindings, method: Method, size: number): Predictions {
  const { tested, predicted } = curves.repetitions[0]!;
  return {
    ids: Array.from(tested, (g) => games.ids[g]!),
    target: targetOf(games, tested),
    values: predicted[method][size]!,
  };
}

const targetOf = ({ classes, truth }: OpeningGames, chosen: Int32Array) => ({
  kind: 'classes' as const,
  classes: [...classes],
  truth: Int32Array.from(chosen, (g) => truth[g]!),
});

function majority({ games, curves }: OpeningFindings): Predictions {
  const { tested } = curves.repetitions[0]!;
  const out = new Set(tested);
  const learned = Int32Array.from(games.ids.keys()).filter((g) => !out.has(g));
  return majorityBaseline(targetOf(games, learned), targetOf(games, tested), {
    ids: Array.from(tested, (g) => games.ids[g]!),
  });
}

/** Accuracy of whoever knows how the games were drawn. */
function ceiling({ games, curves }: OpeningFindings): number | undefined {
  const k = games.classes.length;
  if (!games.best) return undefined;
  const shares = curves.repetitions.map((own) => {
    const p = new Float64Array(own.tested.length * k);
    own.tested.forEach((g, i) => {
      p.set(games.best!.subarray(g * k, (g + 1) * k), i * k);
    });
    return mean(rightOf(games, own, p));
  });
  return mean(shares);
}

function figuresOf(
  found: OpeningFindings,
  accuracy: Record<Method, number[][]>,
  compared: readonly ({ method: Method } & Crossing)[],
): Figure[] {
  const { sizes } = found.curves;
  const at = (z: number) => Math.log2(sizes[z]!);
  const best = ceiling(found);
  const ends = [0, sizes.length - 1];
  const curve = lineChart({
    series: [
      ...methods.map((m) => ({
        name: names[m],
        points: sizes.map((_, z): [number, number] => [at(z), mean(accuracy[m][z]!)]),
      })),
      ...(best === undefined
        ? []
        : [{ name: 'best possible', points: ends.map((z): [number, number] => [at(z), best]) }]),
    ],
    xLabel: 'Games learned from, log₂',
    yLabel: 'Accuracy',
    title: 'Learning curves',
    description: 'Accuracy on games that were not learned from, by how many were.',
    width: 640,
    height: 380,
  });
  const apart = compared.map(({ method, means, crossing }): Figure => {
    const line = (name: string, of: (b: Bounded) => number) => ({
      name,
      points: means.map((b, z): [number, number] => [at(z), of(b)]),
    });
    return {
      title: `${names[method]} against ${names.generative}`,
      caption: `Crossing point ${place(crossing.value, found)} games, 95 % interval ${place(crossing.low, found)} to ${place(crossing.high, found)}.`,
      svg: lineChart({
        series: [
          line('difference', ({ value }) => value),
          line('95 %, lower end', ({ low }) => low),
          line('95 %, upper end', ({ high }) => high),
          { name: 'level', points: ends.map((z): [number, number] => [at(z), 0]) },
        ],
        xLabel: 'Games learned from, log₂',
        yLabel: 'Difference in accuracy',
        title: `${names[method]} against ${names.generative}`,
        description: 'Above 0 the discriminative model is ahead.',
        ...(crossing.value > 0 &&
          Number.isFinite(crossing.value) && {
            mark: { x: Math.log2(crossing.value), label: whole(crossing.value) },
          }),
      }),
    };
  });
  return [
    {
      title: 'Learning curves',
      caption: `Means of ${found.curves.repetitions.length} repetitions, each with games drawn and divided anew.`,
      svg: curve,
    },
    ...apart,
  ];
}

function curveTable(
  { curves }: OpeningFindings,
  accuracy: Record<Method, number[][]>,
  compared: readonly ({ method: Method } & Crossing)[],
): Table {
  return {
    title: 'Accuracy by games learned from',
    columns: [
      'games',
      ...methods.map((m) => names[m]),
      ...compared.flatMap(({ method }) => [`${names[method]} ahead by`, '95 %']),
    ],
    rows: curves.sizes.map((n, z) => [
      n,
      ...methods.map((m) => rounded(mean(accuracy[m][z]!))),
      ...compared.flatMap(({ means }) => [rounded(means[z]!.value), bounds(means[z]!)]),
    ]),
    note: `Means of ${curves.repetitions.length} repetitions. Intervals by drawing repetitions, and within each the games that were tested.`,
  };
}

function notesOn(found: OpeningFindings): string[] {
  const { games, curves, builtIn, quick } = found;
  const orders = curves.repetitions.map((own) => own.orders.join(', ')).join('; ');
  const best = ceiling(found);
  const repeated = mean(curves.repetitions.map((own) => own.repeated));
  return [
    `The generative model is one n-gram model of each opening’s moves under Bayes’ rule; how many moves it looks back was chosen within what was learned from (by size: ${orders}). Logistic regression weights the very same grams, its penalty chosen in the same way; the ${names.network} reads the moves one after the other. Evaluation and calibration above are those of the ${names.network} that learned from all games of the first repetition. Ng and Jordan (2002) show why a generative model needs few games, and a discriminative one errs less in the end where the generative one’s assumptions do not hold.`,
    `${percent(repeated)} of the games that were tested have, move by move, the moves of a game that was learned from, when all are.`,
    ...(builtIn
      ? [
          `The games are made up: each side plays a set-up, in any order that its moves allow, and an opening is how often which set-ups are chosen. The moves of a side all follow from one choice; the n-gram models count them as evidence each by itself, and there they err. Who knows how the games were drawn is right in ${percent(best)}.`,
        ]
      : []),
    ...games.skipped.flatMap((own) => skippedSentence(own) ?? []),
    ...(quick ? ['A quick run: fewer games and two repetitions. Its figures are rough.'] : []),
  ];
}
