import { figure } from '../../report/format.ts';
import { lineChart } from '../../report/plots/index.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import type { Metrics } from '../../train/metrics/index.ts';
import type { GenesFindings, WayFound } from '../genes.ts';
import type { RecipeContext } from '../recipe.ts';
import type { Contig } from './gene.ts';
import { ahead, geneMetrics, type Judged, judge } from './score.ts';

type Report = Omit<RunReport, 'title' | 'version' | 'seed' | 'seconds'>;

/** What F1 at the stop must be on planted genes. */
const wantedF1 = 0.9;

const nameOf: Readonly<Record<WayFound['teacher'], string>> = {
  annotation: 'taught by annotated genes',
  self: 'taught by itself',
  examples: 'taught by planted E. coli genes',
};

/** An ORF finder, and how it did where that is known. */
interface Finder {
  readonly name: string;
  readonly judged: Judged;
}

/** What there is to report where genes are known. */
interface JudgedWays {
  readonly ways: readonly { readonly name: string; readonly judged: Judged; readonly metrics: Metrics }[];
  /** Finders by shortest length. */
  readonly finders: readonly Finder[];
  /** The one with the best F1: its length was chosen with the truth in hand, in its favour. */
  readonly best: Finder;
}

const f1Of = ({ truth, wrong }: Judged) => {
  const found = truth.filter(({ stop }) => stop).length;
  return (2 * found) / (truth.length + found + wrong);
};

function judgedWays({ plan, ways, finders }: GenesFindings, seed: number): JudgedWays | undefined {
  if (!plan.tested.some(({ genes = [] }) => genes.length > 0)) return undefined;
  // A contig without annotation among annotated ones says nothing of what is wrong on it.
  const known = plan.tested.map(({ genes }) => genes !== undefined);
  const contigs = plan.tested.filter((_, c) => known[c]);
  const judged = (found: WayFound['found']) =>
    judge(
      contigs,
      found.filter((_, c) => known[c]),
    );
  const all = finders.map(({ minLength, found }) => ({
    name: `ORF finder, ${minLength} bases`,
    judged: judged(found),
  }));
  return {
    ways: ways.map(({ teacher, found }) => {
      const own = judged(found);
      return { name: nameOf[teacher], judged: own, metrics: geneMetrics(own, { seed }) };
    }),
    finders: all,
    best: all.reduce((a, b) => (f1Of(b.judged) > f1Of(a.judged) ? b : a)),
  };
}

/** All that a report of `genes` says. */
export function genesReport(found: GenesFindings, { seed, quick }: RecipeContext): Report {
  const { plan, ways, written } = found;
  const judged = judgedWays(found, seed);
  const { fit } = ways[0]!.taught;
  const count = written.flat().length;
  return {
    lead: leadOf(found, judged, count),
    claims: judged ? claimsOf(judged, found, seed) : [],
    data: dataOf(plan.written, plan),
    training: {
      history: fit.history,
      bestEpoch: fit.bestEpoch,
      seconds: fit.seconds,
      parameters: [...fit.weights.values()].reduce((sum, { length }) => sum + length, 0),
    },
    ...(judged && {
      metrics: judged.ways[0]!.metrics,
      baselines: {
        ...Object.fromEntries(
          [...judged.finders.filter(({ name }) => name === 'ORF finder, 300 bases'), judged.best].map(
            ({ name, judged: own }) => [name, geneMetrics(own, { seed })],
          ),
        ),
        ...Object.fromEntries(judged.ways.slice(1).map(({ name, metrics }) => [name, metrics])),
      },
    }),
    notes: [
      ...plan.notes,
      'Every gene that is written is an open reading frame from one of the starts to the first stop, whatever the network says: it only chooses. Genes that run off an end of a contig are marked as partial, and held against no annotation where they have no stop; genes within genes are not looked for.',
      ...(judged
        ? [
            'A gene counts as found where a prediction has its stop on its strand. The ORF finder takes each frame from its farthest start, the longest first; its best shortest length is chosen with the truth in hand.',
          ]
        : ['Nothing is annotated, so nothing can be said of sensitivity and precision.']),
      ...(quick
        ? [
            'A quick run: fewer genes to learn from, half as many epochs in larger steps, and no dropout. Its figures are rough, and it is short for a network that teaches itself: for some seeds its claims are met in a full run only.',
          ]
        : []),
    ],
    figures: judged ? [curve(found, judged)] : [],
    tables: [...(judged ? [waysTable(judged, seed)] : []), contigTable(found), ...roundsTable(ways)],
  };
}

function leadOf({ plan }: GenesFindings, judged: JudgedWays | undefined, count: number): string {
  const on = `${plan.written.length === 1 ? 'one contig' : `${plan.written.length} contigs`}`;
  if (!judged) return `${count} genes on ${on}.`;
  const { sensitivity, precision, exactStart } = judged.ways[0]!.metrics;
  const percent = (value: number | null | undefined) => `${(100 * (value ?? 0)).toFixed(1)} %`;
  return `Of ${judged.best.judged.truth.length} known genes ${percent(sensitivity?.value)} are found, ${percent(precision?.value)} of what is found is one of them, and ${percent(exactStart?.value)} of the found ones begin where they should.`;
}

function claimsOf({ ways, best }: JudgedWays, { plan }: GenesFindings, seed: number): Claim[] {
  const claims = ways.flatMap(({ name, judged }, w): Claim[] => {
    const lead = ahead(judged, best.judged, 'f1', { seed });
    const starts = ahead(judged, best.judged, 'exactSensitivity', { seed });
    const id = w === 0 ? '' : '-self';
    return [
      {
        id: `ahead${id}`,
        text: `${name}: F1 at the stop above that of the ORF finder at its best (${best.name.replace('ORF finder, ', '')}, ${figure(f1Of(best.judged))}), lower bound of the difference above 0; difference`,
        value: lead.value,
        met: lead.low > 0,
      },
      {
        id: `starts${id}`,
        text: `${name}: more genes found with their exact start than the ORF finder does, lower bound of the difference in share above 0; difference`,
        value: starts.value,
        met: starts.low > 0,
      },
    ];
  });
  if (!plan.builtIn) return claims;
  const { name, judged } = ways[0]!;
  const value = f1Of(judged);
  const text = `${name}: F1 at the stop of planted genes ≥ ${wantedF1}`;
  return [{ id: 'found', text, value, met: value >= wantedF1 }, ...claims];
}

const dataOf = (contigs: readonly Contig[], { read }: GenesFindings['plan']): RunReport['data'] => ({
  records: contigs.length,
  alphabet: 'dna',
  task: 'genes on both strands',
  lengths: contigs.map(({ sequence }) => sequence.length),
  skipped: read.skipped.map((skipped) => ({ ...skipped })),
  sources: read.sources.map((source) => ({ ...source })),
});

function waysTable({ ways, finders, best }: JudgedWays, seed: number): Table {
  const row = (name: string, judged: Judged) => {
    const metrics = geneMetrics(judged, { seed });
    const cell = (metric: string) => figure(metrics[metric]?.value);
    const found = judged.truth.filter(({ stop }) => stop).length;
    return [
      name,
      judged.truth.length,
      found + judged.wrong,
      found,
      cell('sensitivity'),
      cell('precision'),
      cell('f1'),
      cell('exactStart'),
    ];
  };
  return {
    title: 'Genes found, by the stop codon',
    columns: [
      'method',
      'known',
      'predicted',
      'right',
      'sensitivity',
      'precision',
      'F1',
      'exact start of those right',
    ],
    rows: [
      ...ways.map(({ name, judged }) => row(`network, ${name}`, judged)),
      ...finders.map((finder) =>
        row(finder === best ? `${finder.name} (its best)` : finder.name, finder.judged),
      ),
    ],
  };
}

function contigTable({ plan, written }: GenesFindings): Table {
  const most = 30;
  return {
    title: 'Contigs',
    columns: ['contig', 'bases', 'circular', 'genes written', 'coding share'],
    rows: plan.written.slice(0, most).map(({ id, sequence, circular }, c) => {
      const coding = written[c]!.reduce((sum, { start, end }) => sum + end - start, 0);
      return [
        id,
        sequence.length,
        circular ? 'yes' : 'no',
        written[c]!.length,
        figure(coding / sequence.length),
      ];
    }),
    ...(plan.written.length > most && { note: `The first ${most} of ${plan.written.length}.` }),
  };
}

const roundsTable = (ways: readonly WayFound[]): Table[] =>
  ways.flatMap(({ taught: { supposed } }) =>
    supposed
      ? [
          {
            title: 'What the network that teaches itself took for genes',
            columns: ['round', 'genes'],
            rows: supposed.map((genes, round) => [round + 1, genes]),
            note: 'In the first round long open reading frames; then what it found itself after the round before.',
          },
        ]
      : [],
  );

/** Sensitivity and precision as less and less is reported: by score for a network, by length for ORF finders. */
function curve({ plan, ways }: GenesFindings, judged: JudgedWays): Figure {
  const thresholds = [0, 1, 2, 3, 5, 8, 12, 20, 40, 80, 160, 320];
  const point = (own: Judged): [number, number] => {
    const found = own.truth.filter(({ stop }) => stop).length;
    return [found / own.truth.length, found / Math.max(1, found + own.wrong)];
  };
  const series = ways.map(({ teacher, found }) => ({
    name: nameOf[teacher],
    points: thresholds
      .map((least) =>
        point(
          judge(
            plan.tested,
            found.map((genes, c) =>
              plan.tested[c]!.genes ? genes.filter(({ score = 0 }) => score >= least) : [],
            ),
          ),
        ),
      )
      .reverse(),
  }));
  return {
    title: 'Sensitivity and precision at the stop',
    caption:
      'Networks by the least score that is reported, ORF finders by the shortest length (90 to 600 bases).',
    svg: lineChart({
      series: [
        ...series,
        { name: 'ORF finder', points: judged.finders.map(({ judged: own }) => point(own)).reverse() },
      ],
      xLabel: 'Sensitivity',
      yLabel: 'Precision',
      title: 'Sensitivity and precision at the stop',
      description: 'Precision over sensitivity of the networks and of ORF finders.',
    }),
  };
}
