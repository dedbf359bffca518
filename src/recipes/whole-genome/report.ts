import { bytes, counted, figure, percent, whole } from '../../report/format.ts';
import { lineChart } from '../../report/plots/index.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import type { Metrics } from '../../train/metrics/index.ts';
import { trainingOf } from '../cross-validation-report.ts';
import type { RecipeContext } from '../recipe.ts';
import type { GenomeFindings, PlantedFindings, Repeated } from '../whole-genome.ts';
import type { Footprint, Scanned } from './checks.ts';
import { bedSites, f1Of, matchingMotif, matchSites } from './found.ts';

type Report = Omit<RunReport, 'title' | 'recipe' | 'version' | 'seconds'> & {
  extraFiles: Record<string, string>;
};

/** F1 that planted sites are found with. */
const leastF1 = 0.95;
/** Resident bytes by which the longer sequence may be ahead of the shorter one: half of what its letters alone would take. */
const mostGrowth = 32e6;

const speed = ({ counts, seconds }: Scanned) => counts.letters / seconds;
const million = (n: number) => `${(n / 1e6).toPrecision(3)} million`;

/** Whether the same scan gave the same bytes in other ways. */
function sameClaims({ shards, resumed }: Repeated): Claim[] {
  const equal = shards.filter(({ same }) => same).length;
  return [
    {
      id: 'shards',
      text: `the outputs of ${shards.map(({ of }) => of).join(' and ')} shards, one after the other, are the output of one scan, byte for byte; share of them that are`,
      value: equal / shards.length,
      met: equal === shards.length,
    },
    {
      id: 'resumed',
      text: `a scan that was killed ${counted(resumed.kills, 'time')} and resumed writes the same bytes; 1: it does`,
      value: Number(resumed.same),
      met: resumed.same && resumed.kills > 0,
    },
  ];
}

/** The report of the example. */
export function plantedReport(found: PlantedFindings, { seed, quick, threads }: RecipeContext): Report {
  const { config, genome, trained, scanned, tracks, repeated, memory } = found;
  const matches = matchSites(genome.sites, bedSites(scanned.text));
  const f1 = f1Of(matches, seed);
  const letters = Object.values(genome.chromosomes).map(({ length }) => length);
  const baseline = (mismatches: number): Metrics => ({
    f1: f1Of(matchSites(genome.sites, matchingMotif(genome, config.motif, mismatches)), seed),
  });
  const growth = memory[1].resident - memory[0].resident;
  return {
    seed,
    lead: `${matches.right.length} of ${genome.sites.length} planted sites are found, ${percent(matches.strand)} of them on their strand, and ${counted(matches.wrong.length, 'segment')} where none is (F1 ${figure(f1.value)}); ${million(speed(scanned))} letters a second on both strands with ${counted(threads, 'thread')}.`,
    claims: [
      ...sameClaims(repeated),
      {
        id: 'memory',
        text: `resident memory while ${million(memory[1].letters)} letters are scanned (median ${bytes(memory[1].resident)}), above that while ${million(memory[0].letters)} are (${bytes(memory[0].resident)}), in MB; at most ${mostGrowth / 1e6}`,
        value: growth / 1e6,
        met: growth <= mostGrowth,
      },
      {
        id: 'found',
        text: `F1 of planted sites, on both strands, at least ${leastF1}`,
        value: f1.value,
        met: (f1.value ?? 0) >= leastF1,
      },
    ],
    metrics: { f1 },
    baselines: {
      'the motif exactly': baseline(0),
      'at most 1 letter exchanged': baseline(1),
      'at most 2, as they were made': baseline(2),
    },
    data: { records: letters.length, alphabet: 'dna', lengths: letters },
    training: trainingOf(trained),
    figures: [memoryFigure(memory)],
    tables: [countsTable(scanned, speed(scanned)), memoryTable(memory)],
    notes: [
      `Sites are the motif ${config.motif} with 0, 1 or 2 letters exchanged, on either strand. The network learned from windows of other bases; the last baseline knows how the sites were made.`,
      ...(config.overlap
        ? []
        : ['Windows lie side by side: a site on their edge is cut in two, and no window sees it whole.']),
      ...(quick
        ? [
            'A quick run: a shorter genome, fewer windows to learn from, a shorter sequence to watch memory by.',
          ]
        : []),
    ],
    extraFiles: { 'sites.bed': scanned.text, 'sites.gff3': tracks.gff3, 'sites.bedgraph': tracks.bedgraph },
  };
}

/** The report of a run on the user's genome. */
export function genomeReport(
  { config, path, stretches, scanned, repeated }: GenomeFindings,
  { seed, threads }: RecipeContext,
): Report {
  const { counts } = scanned;
  const found = config.format === 'bedgraph' ? '' : `; ${counted(counts.segments, 'segment')} found`;
  return {
    seed,
    lead: `${whole(counts.letters)} letters scanned, ${million(speed(scanned))} a second with ${counted(threads, 'thread')}${found}.`,
    claims: repeated ? sameClaims(repeated) : [],
    ...(stretches && {
      data: {
        records: stretches.length,
        lengths: stretches.map(({ length }) => length),
        sources: [{ path }],
      },
    }),
    tables: [countsTable(scanned, speed(scanned))],
    notes: repeated
      ? []
      : ['The genome is long: it was scanned once, and not again in shards and with interruptions.'],
    extraFiles: { [`track.${config.format}`]: scanned.text },
  };
}

function countsTable({ counts, seconds }: Scanned, lettersPerSecond: number): Table {
  return {
    title: 'What was scanned',
    columns: ['', 'number', 'letters'],
    rows: [
      ['windows', counts.windows, counts.letters],
      ['windows left out for unknown letters', counts.leftOut, counts.unknownLetters],
      ['sequences shorter than a window', counts.short, counts.shortLetters],
      ['segments', counts.segments, null],
      ['letters a second', Math.round(lettersPerSecond), null],
      ['seconds', Number(seconds.toFixed(2)), null],
    ],
  };
}

const memoryTable = (memory: readonly Footprint[]): Table => ({
  title: 'Memory',
  columns: ['letters', 'resident, median, MB', 'letters a second'],
  rows: memory.map(({ letters, resident, lettersPerSecond }) => [
    letters,
    Number((resident / 1e6).toFixed(1)),
    Math.round(lettersPerSecond),
  ]),
  note: 'Sequences that are made while they are scanned, by windows side by side on one strand; a scan before them warms up.',
});

function memoryFigure(memory: readonly [Footprint, Footprint]): Figure {
  return {
    title: 'Memory along the way',
    caption: 'Resident memory of the process while sequences of two lengths are scanned.',
    svg: lineChart({
      series: memory.map(({ letters, course }) => ({
        name: `${million(letters)} letters`,
        points: thinned(course).map(([share, resident]): [number, number] => [share, resident / 1e6]),
      })),
      xLabel: 'Share of the letters',
      yLabel: 'Resident memory, MB',
      title: 'Memory along the way',
      description: 'Resident memory of the process against the share of the letters that were scanned.',
    }),
  };
}

/** At most two hundred points of a course. */
function thinned<T>(course: readonly T[]): T[] {
  const every = Math.max(1, Math.ceil(course.length / 200));
  return course.filter((_, i) => i % every === 0 || i === course.length - 1);
}
