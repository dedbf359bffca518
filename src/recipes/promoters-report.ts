import type { Dataset } from '../data/dataset.ts';
import type { Claim, Table } from '../report/run-report.ts';
import type { CrossValidationRun } from '../train/cross-validate.ts';
import type { Predictions } from '../train/metrics/index.ts';
import { evaluateMetrics } from '../train/metrics/index.ts';
import { errorsOf, mean, rounded } from './cross-validation-report.ts';

/** Out-of-fold predictions; one entry a seed. */
export interface Tested {
  readonly records: Dataset;
  readonly informed: readonly CrossValidationRun[];
  readonly plain: readonly CrossValidationRun[];
  /** What both say together. */
  readonly both: readonly Predictions[];
  readonly baselines: Readonly<Record<string, Predictions>>;
}

/** Errors of 106 in leave-one-out (Towell, Shavlik and Noordewier 1990). */
const published = [
  ['KBANN', 4],
  ['back-propagation', 8],
  ['O’Neill', 12],
  ['nearest neighbour', 13],
  ['ID3', 19],
] as const;

const meanErrors = (runs: readonly Predictions[]) => mean(runs.map(errorsOf));
const predictionsOf = (runs: readonly CrossValidationRun[]) => runs.map(({ predictions }) => predictions);

/** What the run must show; figures of others only where the data are theirs. */
export function promoterClaims(tested: Tested, protocol: string, { builtIn }: { builtIn: boolean }): Claim[] {
  const { both, plain, baselines, records } = tested;
  const value = meanErrors(both);
  const over = both.length > 1 ? `, mean of ${both.length} seeds` : '';
  const of = `errors of ${records.records.length}${over}`;
  const atMost = (id: string, limit: number, whose: string): Claim => ({
    id,
    text: `${protocol}: at most ${limit} ${of} (${whose})`,
    value,
    met: value <= limit,
  });
  const [name, least] = Object.entries(baselines)
    .map(([name, theirs]) => [name, errorsOf(theirs)] as const)
    .reduce((a, b) => (b[1] < a[1] ? b : a));
  const without = meanErrors(predictionsOf(plain));
  return [
    ...(builtIn
      ? [
          atMost('errors', 4, 'published: KBANN, which began with the boxes too'),
          atMost('errors-of-networks', 8, 'published: back-propagation'),
        ]
      : []),
    {
      id: 'ahead',
      text: `${protocol}: fewer ${of}, than the best simple baseline (${name}, ${least})`,
      value,
      met: value < least,
    },
    {
      id: 'knowledge',
      text: `fewer ${of}, with the known boxes than without them (${rounded(without, 1)})`,
      value,
      met: value < without,
    },
  ];
}

export function promoterLead({ both, plain, records }: Tested, protocol: string): string {
  const errors = (runs: readonly Predictions[]) => `${rounded(meanErrors(runs), 1)}`;
  return `${errors(both)} of ${records.records.length} sequences are told wrongly in ${protocol}, ${errors(predictionsOf(plain))} by the network that does not know the boxes.`;
}

/** Errors of every seed, and those that others published. */
export function promoterTables(tested: Tested, { builtIn }: { builtIn: boolean }): Table[] {
  const { both, informed, plain } = tested;
  const auroc = (predictions: Predictions) =>
    rounded(evaluateMetrics(predictions, { resamples: 0 }).auroc?.value);
  const perSeed: Table = {
    title: 'Errors of each seed',
    columns: ['seed', 'together', 'with the boxes', 'without', 'AUROC together'],
    rows: both.map((predictions, s) => [
      informed[s]!.seed,
      errorsOf(predictions),
      errorsOf(informed[s]!.predictions),
      errorsOf(plain[s]!.predictions),
      auroc(predictions),
    ]),
    note: 'Each seed is a whole cross-validation. The evaluation above is that of the first seed.',
  };
  if (!builtIn) return [perSeed];
  const ours = [
    `here, mean of ${both.length} ${both.length === 1 ? 'seed' : 'seeds'}`,
    rounded(meanErrors(both), 1),
  ];
  const rest = ['here, without the boxes', rounded(meanErrors(predictionsOf(plain)), 1)];
  return [
    perSeed,
    {
      title: 'Published errors of 106, leave-one-out',
      columns: ['method', 'errors'],
      rows: [...published.map((row) => [...row]), ours, rest],
      note: 'Towell, Shavlik and Noordewier 1990. KBANN began with rules on the −35 and −10 boxes and on the shape of the DNA; the others knew nothing but the records.',
    },
  ];
}
