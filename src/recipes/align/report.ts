import type { SourceDigest } from '../../data/source.ts';
import { lineChart } from '../../report/plots/index.ts';
import type { Claim, RunReport, Table } from '../../report/run-report.ts';
import type { FitResult } from '../../train/fit-loop.ts';
import { bootstrap } from '../../train/metrics/bootstrap.ts';
import type { AlignConfig } from '../align.ts';
import type { AlignedPair } from './simulate.ts';

/** Test pairs of one divergence, and the partners that were found for each letter of b. */
export interface Level {
  readonly divergence: number;
  readonly pairs: readonly AlignedPair[];
  /** Of each network. */
  readonly byNetwork: readonly (readonly (readonly number[])[])[];
  readonly programmed: readonly (readonly number[])[];
}

interface Found {
  readonly levels: readonly Level[];
  readonly config: AlignConfig;
  readonly quick: boolean;
  readonly fits: readonly FitResult[];
}

/** The user's pairs. */
export interface YourPair extends Pick<AlignedPair, 'a' | 'b'> {
  readonly names: readonly [string, string];
  readonly looked: readonly number[];
  readonly programmed: readonly number[];
}
export interface Yours {
  readonly source: SourceDigest;
  readonly pairs: readonly YourPair[];
}

const claimed = { divergence: 0.1, share: 0.85, ahead: 0.03 };
const percent = (x: number) => `${(100 * x).toFixed(1)} %`;

/** For each pair the letters of b with their true partner (or rightly none), and all letters. */
const counts = ({ pairs }: Level, found: readonly (readonly number[])[]): [right: number, all: number][] =>
  pairs.map(({ partners }, p) => [
    partners.filter((truth, j) => truth === found[p]![j]).length,
    partners.length,
  ]);

const share = (rows: readonly [number, number][], weights?: Float64Array) => {
  let [right, all] = [0, 0];
  rows.forEach(([r, n], i) => {
    right += r * (weights?.[i] ?? 1);
    all += n * (weights?.[i] ?? 1);
  });
  return right / all;
};

const diagonal = ({ pairs }: Level) =>
  pairs.map(({ a, b }) => Array.from(b, (_, j) => (j < a.length ? j : -1)));

/** Shares of a level: of the worst network, of dynamic programming and of the diagonal. */
function sharesOf(level: Level) {
  const networks = level.byNetwork.map((found) => counts(level, found));
  const worst = networks.reduce((a, b) => (share(b) < share(a) ? b : a));
  return {
    network: worst,
    programmed: counts(level, level.programmed),
    diagonal: counts(level, diagonal(level)),
  };
}

export function alignReport(
  found: Found,
  seed: number,
): Omit<RunReport, 'title' | 'version' | 'seed' | 'seconds'> {
  const { levels, config, quick, fits } = found;
  const level = levels.find(({ divergence }) => divergence === claimed.divergence)!;
  const rows = sharesOf(level);
  const scorers = [
    { names: ['columnAccuracy'], score: (w: Float64Array) => [share(rows.network, w)] },
    { names: ['ahead'], score: (w: Float64Array) => [share(rows.network, w) - share(rows.diagonal, w)] },
  ];
  const bounds = bootstrap(scorers, level.pairs.length, { seed, resamples: 400 });
  const value = share(rows.network);
  const ahead = bounds.ahead!;
  const claims: Claim[] = [
    {
      id: 'partners',
      text: `at ${percent(claimed.divergence)} divergence the attention of every network, read monotonically, gives letters their true partner: share ≥ ${claimed.share}`,
      value,
      met: value >= claimed.share,
    },
    {
      id: 'diagonal',
      text: `that is ahead of reading along the diagonal by more than ${claimed.ahead}: ${(value - share(rows.diagonal)).toFixed(3)} (95 % interval ${ahead.low.toFixed(3)} to ${ahead.high.toFixed(3)})`,
      value: value - share(rows.diagonal),
      met: ahead.low > claimed.ahead,
    },
  ];
  return {
    lead: `At ${percent(claimed.divergence)} divergence ${percent(value)} of letters get their true partner by attention, ${percent(share(rows.programmed))} by Needleman–Wunsch with the true rates, ${percent(share(rows.diagonal))} along the diagonal.`,
    claims,
    data: {
      records: config.pairs,
      task: 'pairs of DNA sequences, simulated with their alignment',
      alphabet: 'dna',
      lengths: levels.flatMap(({ pairs }) => pairs.map(({ b }) => b.length)),
    },
    training: { history: fits[0]!.history, seconds: fits[0]!.seconds },
    metrics: { columnAccuracy: { value, ...bounds.columnAccuracy! } },
    baselines: {
      'Needleman–Wunsch': { columnAccuracy: { value: share(rows.programmed) } },
      diagonal: { columnAccuracy: { value: share(rows.diagonal) } },
    },
    figures: [
      {
        title: 'Right partners by divergence',
        caption: 'Share of letters whose partner in the other sequence is the true one.',
        svg: lineChart({
          title: 'Right partners by divergence',
          description: 'Column accuracy of three ways of aligning, by divergence.',
          xLabel: 'divergence, %',
          yLabel: 'share right',
          series: (['network', 'programmed', 'diagonal'] as const).map((which, i) => ({
            name: ['attention', 'Needleman–Wunsch', 'diagonal'][i]!,
            points: levels.map((l): [number, number] => [100 * l.divergence, share(sharesOf(l)[which])]),
          })),
        }),
      },
    ],
    tables: [levelTable(levels)],
    notes: [
      'The network learns to foretell the second sequence letter by letter while it looks at the first, and the other way round by reading both backward; no alignment is shown to it. Where it looked is read as an alignment by dynamic programming over the weights.',
      'Needleman–Wunsch has affine gaps and is scored by the true rates of each divergence, which nobody knows of real sequences: it is the bar, and it is expected to stay ahead.',
      ...(quick ? ['A quick run: fewer pairs and epochs. Its figures are rough.'] : []),
    ],
  };
}

const levelTable = (levels: readonly Level[]): Table => ({
  title: 'Share of letters with their true partner',
  columns: ['divergence', 'attention', 'Needleman–Wunsch', 'diagonal'],
  rows: levels.map((level) => {
    const { network, programmed, diagonal: straight } = sharesOf(level);
    return [
      percent(level.divergence),
      percent(share(network)),
      percent(share(programmed)),
      percent(share(straight)),
    ];
  }),
  note: 'Of several networks the worst.',
});

/** What is said of the user's pairs, whose true alignment is not known. */
export function yourReport({
  source,
  pairs,
}: Yours): Pick<RunReport, 'data' | 'claims' | 'lead'> & { tables: Table[] } {
  const agreement = (pair: YourPair) =>
    pair.looked.filter((place, j) => place === pair.programmed[j]).length / pair.looked.length;
  const all = pairs.map(agreement);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  return {
    lead: `On your sequences, attention and Needleman–Wunsch give ${percent(mean)} of letters the same partner.`,
    claims: [
      {
        id: 'agreement',
        text: 'on your sequences, share of letters whose partner by attention is that of Needleman–Wunsch ≥ 0.8',
        value: mean,
        met: mean >= 0.8,
      },
    ],
    data: {
      records: pairs.length + 1,
      alphabet: 'dna',
      lengths: pairs.map(({ b }) => b.length),
      sources: [source],
    },
    tables: [
      {
        title: 'Your pairs',
        columns: ['first', 'second', 'same partner'],
        rows: pairs.map((pair, i) => [...pair.names, percent(all[i]!)]),
        note: 'The alignments are in alignments.txt.',
      },
    ],
  };
}

/** An alignment in three lines of text: both sequences with gaps, and a bar where letters agree. */
export function alignmentText({ names, a, b, looked }: YourPair): string {
  const [top, middle, bottom]: string[][] = [[], [], []];
  const column = (x: string, y: string) => {
    top!.push(x);
    middle!.push(x === y ? '|' : ' ');
    bottom!.push(y);
  };
  const letter = (sequence: Int32Array, i: number) => 'ACGT'[sequence[i]!]!;
  let next = 0;
  looked.forEach((place, j) => {
    for (; place >= 0 && next < place; next++) column(letter(a, next), '-');
    column(place >= 0 ? letter(a, place) : '-', letter(b, j));
    if (place >= 0) next = place + 1;
  });
  for (; next < a.length; next++) column(letter(a, next), '-');
  return `${names.join(' and ')}\n${[top, middle, bottom].map((row) => row!.join('')).join('\n')}\n`;
}
