import { counted, figure, shorten, whole } from '../../report/format.ts';
import type { DataSummary, RunReport, Table } from '../../report/run-report.ts';
import { calibrationBins } from '../../train/metrics/probability.ts';
import type { TranscriptionAssessment } from '../../train/tasks/ctc/assess.ts';
import { observedLength, type TranscriptionData } from '../../train/tasks/ctc/data.ts';
import { alignedTexts, type Edit, editAlignment } from '../../train/tasks/ctc/edits.ts';

/** `240 records of 61 to 148 frames (signal); transcriptions of 8 to 16 letters.` */
export function transcriptionSentence({ kind, channels, records }: TranscriptionData): string {
  const range = (numbers: readonly number[]) => {
    const [low, high] = [numbers.reduce((a, b) => Math.min(a, b)), numbers.reduce((a, b) => Math.max(a, b))];
    return low === high ? whole(low) : `${whole(low)} to ${whole(high)}`;
  };
  const places = range(records.map(({ observed }) => observedLength(observed)));
  const names = channels.length > 4 ? counted(channels.length, 'channel') : channels.join(', ');
  const what = kind === 'frames' ? `${places} frames (${names})` : `${places} letters`;
  const empty = records.filter(({ text }) => text === '').length;
  const silent = empty > 0 ? `, ${whole(empty)} of them empty: nothing is to be written` : '';
  return `${counted(records.length, 'record')} of ${what}; transcriptions of ${range(records.map(({ text }) => text.length))} letters${silent}.`;
}

/** What a report says of recordings; further files add their sources. */
export const transcriptionSummary = (
  data: TranscriptionData,
  others: readonly TranscriptionData[] = [],
): DataSummary => ({
  records: data.records.length,
  task:
    data.kind === 'frames'
      ? 'signal to text, without an alignment'
      : 'text to shorter text, without an alignment',
  lengths: data.records.map(({ observed }) => observedLength(observed)),
  sources: sourcesOfTranscriptions([data, ...others]),
});

/** The files that recordings were read from, each once. */
export const sourcesOfTranscriptions = (all: readonly TranscriptionData[]) => [
  ...new Map(all.flatMap(({ sources }) => sources.map((s) => [s.path, s] as const))).values(),
];

/** How many transcriptions, and how many mistakes, a report lists. */
const listed = 20;

/** The parts of a report that an assessment decides. */
export function transcriptionReport(
  assessment: TranscriptionAssessment,
): Pick<RunReport, 'metrics' | 'baselines' | 'tables' | 'alarms'> {
  const { metrics, baselines } = assessment;
  const aligned = alignments(assessment);
  const alarms = alarmsOf(assessment);
  return {
    metrics,
    baselines,
    tables: [worstTable(assessment, aligned), mistakesTable(aligned), confidenceTable(assessment)],
    ...(alarms.length > 0 && { alarms }),
  };
}

function alarmsOf({
  metrics,
  baselines,
  transcriptions,
  unknown,
  unalignable,
  data,
}: TranscriptionAssessment): string[] {
  const texts = new Set(transcriptions.map(({ text }) => text));
  const truths = new Set(data.records.map(({ text }) => text));
  const [only] = texts;
  const named = (id: string) => ` (the first is "${id}")`;
  return [
    ...(texts.size === 1 && truths.size > 1
      ? [
          only === ''
            ? 'The model writes nothing, whatever it reads.'
            : `The model writes "${shorten(only!, 40)}", whatever it reads.`,
        ]
      : []),
    ...Object.entries(baselines).flatMap(([name, simple]) =>
      (simple.cer?.value ?? Infinity) < (metrics.cer?.value ?? Infinity)
        ? [`The model is behind the ${name} baseline in the character error rate.`]
        : [],
    ),
    ...(unknown.length > 0
      ? [
          `${counted(unknown.length, 'record')} ${unknown.length === 1 ? 'has' : 'have'} a transcription with letters or words that the model never saw and cannot write${named(unknown[0]!.record.id)}.`,
        ]
      : []),
    ...(unalignable.length > 0
      ? [
          `${counted(unalignable.length, 'record')} ${unalignable.length === 1 ? 'has' : 'have'} more to be written than there are steps${named(unalignable[0]!.id)}: smaller strides would help.`,
        ]
      : []),
  ];
}

interface Aligned {
  readonly id: string;
  readonly edits: readonly Edit<string>[];
  readonly wrong: number;
}

/** The truth of every record beside what was written, letter by letter. */
const alignments = ({ transcriptions, data }: TranscriptionAssessment): Aligned[] =>
  transcriptions.flatMap(({ id, text }, i) => {
    const edits = editAlignment([...data.records[i]!.text], [...text]);
    return edits ? [{ id, edits, wrong: edits.filter((edit) => edit.truth !== edit.written).length }] : [];
  });

/** Wrong transcriptions, those with the most mistakes for each letter first. */
function worstTable({ transcriptions }: TranscriptionAssessment, aligned: readonly Aligned[]): Table {
  const wrong = aligned.filter((record) => record.wrong > 0);
  const rate = ({ wrong: mistakes, edits }: Aligned) => mistakes / edits.length;
  const logs = new Map(transcriptions.map(({ id, logProbability }) => [id, logProbability]));
  return {
    title: 'Worst transcriptions',
    columns: ['id', 'mistakes', 'truth', 'written', 'ln P of what was written'],
    rows: [...wrong]
      .sort((a, b) => rate(b) - rate(a))
      .slice(0, listed)
      .map(({ id, edits, wrong: mistakes }) => {
        const lines = alignedTexts(edits.slice(0, 200));
        return [id, mistakes, lines.truth, lines.written, figure(logs.get(id))];
      }),
    note: `${wrong.length} of ${transcriptions.length} differ from the truth. A dash: nothing stands on this side.`,
  };
}

/** Which letters are written for which. */
function mistakesTable(aligned: readonly Aligned[]): Table {
  const counts = new Map<string, { truth: string; written: string; count: number }>();
  for (const { edits } of aligned)
    for (const { truth = '–', written = '–' } of edits) {
      if (truth === written) continue;
      const key = JSON.stringify([truth, written]);
      const entry = counts.get(key) ?? { truth, written, count: 0 };
      entry.count++;
      counts.set(key, entry);
    }
  const rows = [...counts.values()].sort((a, b) => b.count - a.count);
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  return {
    title: 'Commonest mistakes',
    columns: ['truth', 'written', 'count'],
    rows: rows.slice(0, listed).map(({ truth, written, count }) => [truth, written, count]),
    note: `${counted(total, 'mistake')} in all. A dash: left out, or written for nothing.`,
  };
}

/** How often tokens of a confidence are right. */
function confidenceTable({ symbols }: TranscriptionAssessment): Table {
  return {
    title: 'Confidence of single tokens',
    columns: ['confidence', 'tokens', 'mean confidence', 'share that is right'],
    rows: calibrationBins(symbols.confidences, symbols.right, { bins: 10 }).map(
      ({ low, high, count, confidence, observed }) => [
        `${low.toFixed(1)}–${high.toFixed(1)}`,
        count,
        Number(confidence.toPrecision(3)),
        Number(observed.toPrecision(3)),
      ],
    ),
    note: 'The highest probability that a token has at a step where it stands. Mistakes of leaving out do not show here.',
  };
}
