import type { MarksAssessment } from '../train/tasks/marks/assess.ts';
import type { MarkedStretch, MarksData } from '../train/tasks/marks/data.ts';
import { column } from '../train/tasks/marks/definition.ts';
import { binTotal } from '../train/tasks/marks/split.ts';
import { bounds, counted, figure, whole } from './format.ts';
import { forestPlot } from './plots/index.ts';
import { type TrackRow, trackView } from './plots/track-view.ts';
import type { DataSummary, Figure, RunReport, Table } from './run-report.ts';

/** `3 sequences, 9,375 bins of 32 letters; H3K4me3 in 7.4 % of them, H3K27ac in 19.9 %.` */
export function marksSentence(data: MarksData): string {
  const { stretches, bin, tracks } = data;
  const chromosomes = new Set(stretches.map(({ chrom }) => chrom)).size;
  const shares = markCounts(data).map(({ name, kind, sum, known }) =>
    kind === 'binary'
      ? `${name} in ${((100 * sum) / known).toFixed(1)} %`
      : `${name} ${figure(sum / known)} in the mean`,
  );
  const read = tracks.length > 0 ? ` Read beside the letters: ${tracks.join(', ')}.` : '';
  return `${counted(chromosomes, 'sequence')}, ${counted(binTotal(data), 'bin')} of ${counted(bin, 'letter')}; ${shares.join(', ')}.${read}`;
}

const markCounts = (data: MarksData) =>
  data.marks.map(({ name, kind }, m) => {
    let [sum, known] = [0, 0];
    for (const x of column(data, m)) {
      sum += x;
      known++;
    }
    return { name, kind, sum, known };
  });

/** What a report says of data with marks; further data add their files. */
export const marksSummary = (data: MarksData, others: readonly MarksData[] = []): DataSummary => {
  const classes = markCounts(data).flatMap(({ name, kind, sum }) =>
    kind === 'binary' ? [{ name, count: sum }] : [],
  );
  return {
    records: binTotal(data),
    task: `${data.marks.map(({ name }) => name).join(', ')} of every bin of ${counted(data.bin, 'letter')}${data.tracks.length > 0 ? `, from letters and ${data.tracks.join(', ')}` : ''}; records are bins`,
    alphabet: data.alphabet.name,
    ...(classes.length > 0 && { classes }),
    sources: [
      ...new Map(
        [data, ...others].flatMap(({ sources }) => sources.map((s) => [s.path, s] as const)),
      ).values(),
    ],
  };
};

/** The first figure to look at, with its interval. */
export function headline({ metrics }: MarksAssessment): string {
  const [name, key] = metrics.auprc ? ['AUPRC', 'auprc'] : ["Pearson's correlation", 'pearson'];
  const value = metrics[key!]!;
  return `${name} ${figure(value.value)}${value.low === undefined ? '' : ` (${bounds(value)})`}, the mean over the marks,`;
}

/** The parts of a report that an assessment decides; `test` is what it was made on. */
export function marksReport(
  assessment: MarksAssessment,
  test: MarksData,
): Pick<RunReport, 'evaluation' | 'metrics' | 'baselines' | 'tables' | 'alarms' | 'notes' | 'figures'> {
  const { metrics, baselines, evaluation, against } = assessment;
  const alarms = evaluation ? [] : against.filter(({ value }) => value !== null && value <= 0);
  return {
    ...(evaluation ? { evaluation } : { metrics }),
    baselines: headBaselines(baselines),
    notes: notesOf(assessment, test),
    ...(against.length > 0 && { tables: [againstTable(assessment, test)] }),
    figures: [
      ...browserFigures(assessment, test),
      ...(against.length > 0 ? [markFigure(assessment, test)] : []),
    ],
    ...(alarms.length > 0 && {
      alarms: alarms.map(
        ({ mark, against: name }) => `${mark}: the model's correlation is not above that of "${name}".`,
      ),
    }),
  };
}

/** The baselines beside the means alone: those of each mark stand in their own figure and table. */
const headBaselines = (baselines: MarksAssessment['baselines']) =>
  Object.fromEntries(
    Object.entries(baselines).map(([name, metrics]) => [
      name,
      Object.fromEntries(Object.entries(metrics).filter(([, { value }]) => value !== null)),
    ]),
  );

function notesOf({ count, bins, drawn, against }: MarksAssessment, { bin }: MarksData): string[] {
  return [
    `AUPRC is the mean precision over recall (average precision); a method that knows nothing has the share of bins that bear the mark.${count < bins ? ` ${whole(count)} of ${whole(bins)} bins were judged.` : ''}`,
    drawn
      ? `Bins of ${bin} letters side by side are alike: the intervals draw ${drawn}.`
      : 'There is too little to draw intervals from: fewer than five blocks of neighbouring bins.',
    ...(against.length > 0
      ? [
          'Baselines learned from the training part: the share of each mark; logistic regression on GC and CG, on words of three letters (either strand), and on the tracks, each as shares or means within 128 and within 512 bases to either side; and on all of these. The best is chosen on the bins that are judged, which favours it.',
        ]
      : []),
  ];
}

const keyOf = (marks: readonly unknown[], metric: string, mark: string) =>
  marks.length === 1 ? metric : `${metric} ${mark}`;

const againstTable = ({ against, metrics, baselines }: MarksAssessment, { marks }: MarksData): Table => ({
  title: 'By mark, beside simple methods',
  columns: ['mark', 'metric', 'model', ...Object.keys(baselines), 'ahead of the best by', 'interval'],
  rows: against.map(({ mark, metric, value, low, high }) => {
    const key = keyOf(marks, metric, mark);
    return [
      mark,
      metric === 'auprc' ? 'AUPRC' : 'Pearson',
      figure(metrics[key]?.value),
      ...Object.values(baselines).map((own) => figure(own[key]?.value)),
      figure(value),
      low === undefined ? '' : bounds({ value, low, high: high! }),
    ];
  }),
});

function markFigure({ against, metrics, baselines }: MarksAssessment, { marks }: MarksData): Figure {
  const title = 'Each mark beside simple methods';
  return {
    title,
    caption: 'AUPRC (of values: correlation). Dots are the model, diamonds the baselines.',
    svg: forestPlot({
      title,
      contenders: ['model', ...Object.keys(baselines)],
      rows: against.map(({ mark, metric }) => {
        const key = keyOf(marks, metric, mark);
        return { label: mark, values: [metrics[key], ...Object.values(baselines).map((own) => own[key])] };
      }),
      xLabel: 'AUPRC or correlation (right is better)',
    }),
  };
}

/** Bins that a figure along a stretch shows. */
const shownBins = 420;

/** The stretches of the test where most happens, as a genome browser would show them. */
function browserFigures({ predictions }: MarksAssessment, test: MarksData): Figure[] {
  const width = test.marks.length;
  const places = test.stretches
    .map((stretch, s) => ({ stretch, s, ...busiest(stretch, width) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, 2);
  return places.map(({ stretch, s, from }) => {
    const to = Math.min(stretch.bins, from + shownBins);
    const part = (table: Float32Array, columns: number, c: number) =>
      Float32Array.from({ length: to - from }, (_, b) => table[(from + b) * columns + c]!);
    const rows: TrackRow[] = [
      ...test.tracks.map((name, t) => ({
        name,
        values: part(stretch.tracks, test.tracks.length, t),
        series: 7,
      })),
      ...test.marks.map(({ name, kind }, m) => ({
        name,
        values: part(predictions[s]!, width, m),
        series: m % 7,
        ...(kind === 'binary'
          ? { there: part(stretch.truth, width, m), top: 1 }
          : { line: part(stretch.truth, width, m) }),
      })),
    ];
    const start = stretch.start + from * test.bin;
    const title = `Along ${stretch.chrom}, from base ${whole(start + 1)} on`;
    return {
      title,
      caption: `What the model tells of bins that it had not seen (areas), and the truth: bars below marks that are there or not, lines over values.${test.tracks.length > 0 ? ' Above: what it reads beside the letters.' : ''}`,
      svg: trackView({ chrom: stretch.chrom, start, bin: test.bin, rows, title }),
    };
  });
}

/** Where of all places of a stretch most marks come and go, and how often they do. */
function busiest({ truth, bins }: MarkedStretch, width: number): { from: number; score: number } {
  const edges = Array.from({ length: width }, (_, m) => {
    const sums = new Float64Array(bins + 1);
    for (let b = 1; b < bins; b++) {
      const [now, before] = [truth[b * width + m]!, truth[(b - 1) * width + m]!];
      sums[b + 1] = sums[b]! + Number((now === 0) !== (before === 0));
    }
    return sums;
  });
  let best = { from: 0, score: -1 };
  for (let from = 0; from === 0 || from + shownBins <= bins; from += Math.ceil(shownBins / 8)) {
    const changes = edges.map((sums) => sums[Math.min(bins, from + shownBins)]! - sums[from]!);
    const score = changes.reduce((sum, count) => sum + Math.sqrt(count), 0);
    if (score > best.score) best = { from, score };
  }
  return best;
}
