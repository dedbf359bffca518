import { bedGraphLine, bedLine } from '../../data/bed/bed.ts';
import { memeText } from '../../data/meme/meme.ts';
import { counted, figure, percent } from '../../report/format.ts';
import { lineChart, type Series } from '../../report/plots/index.ts';
import { motifLogo } from '../../report/plots/motif-logo.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import type { Corpus } from '../../train/tasks/language/corpus.ts';
import type { DnaLanguageConfig } from '../dna-language.ts';
import type { HeadReach } from './attention.ts';
import type { Recovered } from './compare.ts';
import { consensusText } from './consensus.ts';
import type { ImportanceTrack } from './cuts.ts';
import type { ChainBeside, Learned } from './learn.ts';
import type { DiscoveredMotif } from './motifs.ts';
import type { SpacedMotif } from './simulate.ts';

/** All that a run found out. */
export interface DnaFindings {
  readonly learned: Learned;
  /** How the sequences were divided, in sentences. */
  readonly division: string;
  /** What was looked through for motifs; none where single letters cannot be told. */
  readonly corpus: Corpus;
  readonly tracks: readonly ImportanceTrack[];
  readonly threshold: number;
  readonly motifs: readonly DiscoveredMotif[];
  readonly reaches: readonly HeadReach[];
  readonly planted:
    | { readonly motifs: readonly SpacedMotif[]; readonly recovered: readonly Recovered[] }
    | undefined;
}

/** The claim is about chains up to this order. */
export const claimedOrder = 5;
/** Letters of a planted motif that a found one may fail to show: those at its ends tell least and are learned last. */
const mayMiss = 1;
const shownMotifs = 6;

type Told = Pick<RunReport, 'lead' | 'claims' | 'metrics' | 'baselines' | 'figures' | 'tables' | 'notes'>;

/** What a run shows. */
export function dnaReport(
  findings: DnaFindings,
  config: DnaLanguageConfig,
  { quick }: { quick: boolean },
): Told {
  const { learned, motifs, planted, reaches } = findings;
  const { chains, metrics } = learned;
  const bits = metrics.bitsPerSymbol?.value;
  const least = (list: readonly ChainBeside[]) => list.reduce((a, b) => (bitsOf(b) < bitsOf(a) ? b : a));
  const mark = least(chains.filter(({ order }) => order <= claimedOrder));
  const best = least(chains);
  const masked = config.objective === 'masked';
  return {
    lead: `${figure(bits)} bits per base that it had not seen, ${masked ? 'each hidden and told from all others' : 'each told from those before'}; the best Markov chain up to order ${claimedOrder} (${shapeOf(mark)}) that is told as much needs ${figure(bitsOf(mark))}. ${motifs.length === 0 ? 'No motif stands out.' : `${counted(motifs.length, 'motif')} stood out, the first of them ${consensusText(motifs[0]!.matrix)}.`}`,
    claims: [bitsClaim(mark), ...(planted ? [motifClaim(planted, config)] : [])],
    metrics,
    baselines: Object.fromEntries(
      [chains[0]!, mark, best].map((chain) => [nameOf(chain, masked), chain.metrics]),
    ),
    figures: [
      ...motifs.slice(0, shownMotifs).map((motif, rank) => logoFigure(motif, rank)),
      bitsFigure(learned, config),
      ...(reaches.length > 0 ? [attentionFigure(reaches)] : []),
    ],
    tables: [
      chainTable(chains, masked),
      ...(planted ? [plantedTable(planted)] : []),
      ...(motifs.length > 0 ? [motifTable(motifs)] : []),
    ],
    notes: notes(findings, config, quick),
  };
}

const bitsOf = ({ metrics }: Pick<ChainBeside, 'metrics'>): number =>
  metrics.bitsPerSymbol?.value ?? Number.POSITIVE_INFINITY;
const nameOf = (chain: ChainBeside, masked: boolean): string =>
  chain.order === 0 && chain.period === 1
    ? 'no context'
    : `Markov chain of ${shapeOf(chain)}${masked ? ', told both sides' : ''}`;
const shapeOf = ({ order, period }: ChainBeside): string =>
  `order ${order}${period === 1 ? '' : `, counted by place in ${period}`}`;
const interval = ({ low, high }: { low?: number; high?: number }): string =>
  `${figure(low ?? null)} to ${figure(high ?? null)}`;

const bitsClaim = (mark: ChainBeside): Claim => ({
  id: 'bits',
  text: `bits per base fewer than the best Markov chain up to order ${claimedOrder} that is told as much (${shapeOf(mark)}: ${figure(bitsOf(mark))}), the interval above 0 (${interval(mark.ahead)})`,
  value: mark.ahead.value,
  met: (mark.ahead.low ?? Number.NEGATIVE_INFINITY) > 0,
});

const isRecovered = ({ letters, of }: Recovered): boolean => letters >= of - mayMiss;

function motifClaim(
  { recovered, motifs }: NonNullable<DnaFindings['planted']>,
  { planted: { blocks, block } }: DnaLanguageConfig,
): Claim {
  const count = recovered.filter(isRecovered).length;
  return {
    id: 'motifs',
    text: `planted motifs of which ${blocks * block - mayMiss} of the ${blocks * block} letters or all stand in one of the first ${motifs.length} found, of ${motifs.length}`,
    value: count,
    met: count === motifs.length,
  };
}

const logoFigure = ({ matrix, sites, gain }: DiscoveredMotif, rank: number): Figure => ({
  title: `Motif ${rank + 1}: ${consensusText(matrix)}`,
  caption: `${counted(sites.length, 'site')}, ${figure(gain / sites.length)} bits of information gain each.`,
  svg: motifLogo({
    matrix,
    title: `Motif ${rank + 1}`,
    description: `Letters of ${sites.length} sites: ${consensusText(matrix)}.`,
  }),
});

function bitsFigure({ chains, metrics }: Learned, { objective }: DnaLanguageConfig): Figure {
  const own = metrics.bitsPerSymbol?.value ?? Number.NaN;
  const orders = [...new Set(chains.map(({ order }) => order))];
  const periods = [...new Set(chains.map(({ period }) => period))];
  return {
    title: 'Bits per base against order',
    svg: lineChart({
      series: [
        ...periods.map((period): Series => {
          const some = chains.filter((chain) => chain.period === period);
          return {
            name: `Markov chain${period === 1 ? '' : `, by place in ${period}`}`,
            points: some.map((chain) => [chain.order, bitsOf(chain)]),
          };
        }),
        { name: `${objective} model`, points: orders.map((order) => [order, own]) },
      ],
      xLabel: 'order of the chain',
      yLabel: 'bits per base',
      title: 'Bits per base against order',
      description: `Markov chains of order ${orders.join(', ')} and the ${objective} model.`,
    }),
  };
}

/** So many heads are shown: more lines than that nobody tells apart. */
const shownHeads = 4;

function attentionFigure(reaches: readonly HeadReach[]): Figure {
  const most = (reaches[0]!.byDistance.length - 1) / 2;
  const peak = ({ byDistance }: HeadReach) => Math.max(...byDistance.filter(Number.isFinite));
  const choosing = [...reaches].sort((a, b) => peak(b) - peak(a)).slice(0, shownHeads);
  const shown = reaches.filter((reach) => choosing.includes(reach));
  const some = shown.length < reaches.length ? `, of the ${shown.length} heads that choose most` : '';
  return {
    title: 'Attention by distance',
    caption: `Weight of a place times the number of places, as the mean over sequences${some}: 1 where a head looks everywhere alike.`,
    svg: lineChart({
      series: shown.map(({ layer, head, byDistance }) => ({
        name: `layer ${layer + 1}, head ${head + 1}`,
        points: Array.from(byDistance, (weight, d): [number, number] => [d - most, weight]),
      })),
      xLabel: 'distance in tokens',
      yLabel: 'attention',
      title: 'Attention by distance',
      description: 'How much each head attends to places before and after.',
    }),
  };
}

const chainTable = (chains: readonly ChainBeside[], masked: boolean): Table => ({
  title: masked ? 'Markov chains that are told both sides' : 'Markov chains',
  columns: ['order', 'counts', 'bits per base', 'the model is ahead by', 'interval'],
  rows: chains.map((chain) => [
    chain.order,
    chain.period === 1 ? 'the same everywhere' : `by place in ${chain.period}`,
    figure(bitsOf(chain)),
    figure(chain.ahead.value),
    interval(chain.ahead),
  ]),
  note: `Counts of the same training sequences, smoothed after Witten and Bell${masked ? '; what is hidden is told from as many letters on either side as the order says, which is all that such a chain can use' : ''}.`,
});

const plantedTable = ({ motifs, recovered }: NonNullable<DnaFindings['planted']>): Table => ({
  title: 'Planted motifs',
  columns: ['planted', 'rank of the motif that shows most of it', 'letters shown', 'planted sites covered'],
  rows: motifs.map((text, i) => {
    const { rank, letters, of, sites } = recovered[i]!;
    return [text, rank < 0 ? null : rank + 1, `${letters} of ${of}`, percent(sites)];
  }),
  note: 'N is any letter. The model and the search were told nothing of them.',
});

const motifTable = (motifs: readonly DiscoveredMotif[]): Table => ({
  title: 'Motifs by the information that the model draws from them',
  columns: ['rank', 'consensus', 'width', 'sites', 'information gain, bits'],
  rows: motifs.map(({ matrix, sites, gain }, rank) => [
    rank + 1,
    consensusText(matrix),
    matrix.length,
    sites.length,
    figure(gain),
  ]),
});

function notes(
  { tracks, threshold, division }: DnaFindings,
  config: DnaLanguageConfig,
  quick: boolean,
): string[] {
  const letters = tracks.reduce((sum, { text }) => sum + text.length, 0);
  return [
    division,
    ...(tracks.length > 0
      ? [
          `Motifs were looked for in ${counted(letters, 'letter')} that were held out of training. Windows of ${config.search.window} letters count as important from ${figure(threshold)} bits on, which 1 of 1,000 windows of the same sequences passes once they are shuffled.`,
        ]
      : [
          'The tokens do not tell single letters apart in this direction, so that no motifs were looked for. With objective masked, or with single letters, they are.',
        ]),
    ...(quick
      ? ['A quick run: one motif in short sequences, or of your sequences few passes; its figures are rough.']
      : []),
  ];
}

/** Motifs, their sites and what the model finds important, for other programs. */
export function dnaFiles({ corpus, tracks, motifs }: DnaFindings): Record<string, string> {
  const name = (rank: number) => `motif-${rank + 1}`;
  const sites = motifs.flatMap((motif, rank) =>
    motif.sites.map((site) => ({ ...site, name: name(rank), chrom: corpus.ids[site.sequence]! })),
  );
  sites.sort((a, b) => a.sequence - b.sequence || a.start - b.start);
  return {
    ...(tracks.length > 0 && { 'importance.bedgraph': trackText(corpus, tracks) }),
    ...(motifs.length > 0 && {
      'motifs.meme': memeText({
        alphabet: 'ACGT',
        strands: '+',
        motifs: motifs.map(({ matrix, sites: own }, rank) => ({
          ...{ id: name(rank), name: consensusText(matrix), matrix, sites: own.length },
        })),
      }),
      'sites.bed': sites
        .map(({ chrom, start, end, name: motif, gain }) =>
          bedLine({
            chrom,
            start,
            end,
            name: motif,
            score: Math.min(1000, Math.round(10 * gain)),
            strand: '+',
          }),
        )
        .join(''),
    }),
  };
}

function trackText({ ids }: Corpus, tracks: readonly ImportanceTrack[]): string {
  const lines = ['track type=bedGraph name="information gain, bits"\n'];
  tracks.forEach(({ gain }, i) => {
    gain.forEach((bits, start) => {
      const value = Number(bits.toFixed(3));
      if (value !== 0) lines.push(bedGraphLine({ chrom: ids[i]!, start, end: start + 1, value }));
    });
  });
  return lines.join('');
}
