import type { Dataset } from '../data/dataset.ts';
import type { Claim, Table } from '../report/run-report.ts';
import type { CrossValidationRun } from '../train/cross-validate.ts';
import { evaluateMetrics, type Predictions } from '../train/metrics/index.ts';
import { meanOfLogits } from './committee.ts';
import { errorsOf, mean, rounded } from './cross-validation-report.ts';
import { type MemberName, memberNames } from './promoters-config.ts';

/** Out-of-fold predictions of each network, one entry a seed, and of the baselines. */
export interface Tested extends Readonly<Record<MemberName, readonly CrossValidationRun[]>> {
  readonly records: Dataset;
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

/** What some of the networks say together, for each seed. */
export const together = (tested: Tested, names: readonly MemberName[] = memberNames): Predictions[] =>
  tested.free.map((_, s) => meanOfLogits(names.map((name) => tested[name][s]!.predictions)));

const withoutBoxes = (tested: Tested) => together(tested, ['aligned', 'free']);
const meanErrors = (runs: readonly Predictions[]) => mean(runs.map(errorsOf));

/** What the run must show; figures of others only where the data are theirs. */
export function promoterClaims(tested: Tested, protocol: string, { builtIn }: { builtIn: boolean }): Claim[] {
  const seeds = tested.free.length;
  const value = meanErrors(together(tested));
  const of = `errors of ${tested.records.records.length}${seeds > 1 ? ` (mean of ${seeds} seeds)` : ''}`;
  const [name, least] = Object.entries(tested.baselines)
    .map(([baseline, theirs]) => [baseline, errorsOf(theirs)] as const)
    .reduce((a, b) => (b[1] < a[1] ? b : a));
  const without = meanErrors(withoutBoxes(tested));
  const claim = (id: string, limit: string, met: boolean): Claim => ({
    id,
    text: `${protocol}: ${of}, ${limit}`,
    value,
    met,
  });
  return [
    ...(builtIn ? [claim('errors', 'at most the 4 that are published for KBANN', value <= 4)] : []),
    claim('ahead', `fewer than the best simple baseline (${name}, ${least})`, value < least),
    claim('knowledge', `fewer than without the known boxes (${rounded(without, 1)})`, value < without),
  ];
}

export function promoterLead(tested: Tested, protocol: string): string {
  const errors = (runs: readonly Predictions[]) => `${rounded(meanErrors(runs), 1)}`;
  return `${errors(together(tested))} of ${tested.records.records.length} sequences are told wrongly in ${protocol}, ${errors(withoutBoxes(tested))} without the network that knows the boxes.`;
}

/** Errors of every seed, and those that others published. */
export function promoterTables(tested: Tested, { builtIn }: { builtIn: boolean }): Table[] {
  const all = together(tested);
  const without = withoutBoxes(tested);
  const auroc = (predictions: Predictions) =>
    rounded(evaluateMetrics(predictions, { resamples: 0 }).auroc?.value);
  const perSeed: Table = {
    title: 'Errors of each seed',
    columns: [
      'seed',
      'together',
      'without the boxes',
      ...memberNames.map((name) => `${name} alone`),
      'AUROC',
    ],
    rows: all.map((predictions, s) => [
      tested.free[s]!.seed,
      errorsOf(predictions),
      errorsOf(without[s]!),
      ...memberNames.map((name) => errorsOf(tested[name][s]!.predictions)),
      auroc(predictions),
    ]),
    note: 'Each seed is a whole cross-validation. The evaluation above is that of the first seed.',
  };
  if (!builtIn) return [perSeed];
  const seeds = all.length === 1 ? 'one seed' : `mean of ${all.length} seeds`;
  return [
    perSeed,
    {
      title: 'Published errors of 106, leave-one-out',
      columns: ['method', 'errors'],
      rows: [
        ...published.map((row) => [...row]),
        [`here, ${seeds}`, rounded(meanErrors(all), 1)],
        [`here without the known boxes, ${seeds}`, rounded(meanErrors(without), 1)],
      ],
      note: 'Towell, Shavlik and Noordewier 1990. KBANN began with rules on the −35 and −10 boxes and on the shape of the DNA; the others knew nothing but the records.',
    },
  ];
}
