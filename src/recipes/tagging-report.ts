import { counted, figure, whole } from '../report/format.ts';
import type { DataSummary, Leakage, RunReport } from '../report/run-report.ts';
import { type TaggedData, tokenTotal } from '../train/tasks/tagging-data.ts';
import type { TaggingAssessment } from '../train/tasks/tagging-evaluate.ts';
import { spanTable } from '../train/tasks/tagging-metrics.ts';
import { taggedLeakage } from '../train/tasks/tagging-split.ts';

/** Tokens of each tag whose truth is known. */
export function tagCounts({ sequences, tags }: TaggedData): { name: string; count: number }[] {
  const counts = new Float64Array(tags.length);
  for (const { truth } of sequences) for (const tag of truth) if (tag >= 0) counts[tag]!++;
  return tags.map((name, t) => ({ name, count: counts[t]! }));
}

/** `1,200 sentences, 24,000 words; O 20,000, B-gene 2,000.` */
export function taggedSentence(data: TaggedData): string {
  const [many, unit] = data.kind === 'letters' ? ['sequence', 'letter'] : ['sentence', 'word'];
  const counts = tagCounts(data);
  const shown = counts.slice(0, 12).map(({ name, count }) => `${name} ${whole(count)}`);
  const more = counts.length > shown.length ? ', …' : '';
  return `${counted(data.sequences.length, many!)}, ${counted(tokenTotal(data), unit!)}; ${shown.join(', ')}${more}.`;
}

/** What a report says of tagged data. */
export const taggedSummary = (data: TaggedData, others: readonly TaggedData[] = []): DataSummary => ({
  records: data.sequences.length,
  task: `a tag for each ${data.kind === 'letters' ? 'letter' : 'word'}: ${data.tags.length} tags${data.scheme === 'none' ? '' : `, spans as ${data.scheme.toUpperCase()}`}`,
  ...(data.alphabet && { alphabet: data.alphabet.name }),
  classes: tagCounts(data),
  lengths: data.sequences.map(({ tokens }) => tokens.length),
  skipped: [data, ...others].flatMap(({ skipped }) => [...skipped]),
  sources: sourcesOfTagged([data, ...others]),
});

/** The files that tagged data were read from, each once. */
export const sourcesOfTagged = (sets: readonly TaggedData[]) => [
  ...new Map(sets.flatMap(({ sources }) => sources.map((s) => [s.path, s] as const))).values(),
];

/** The parts of a report that an assessment of a tagger decides. */
export function taggingReport(
  { evaluation, baselines, predictions }: TaggingAssessment,
  test: TaggedData,
): Pick<RunReport, 'evaluation' | 'baselines' | 'tables' | 'notes'> {
  const kinds = spanTable(
    test,
    predictions.map(({ tags }) => tags),
  );
  return {
    evaluation,
    baselines,
    notes: [
      'Records are tokens here, groups are whole sequences (or documents): intervals draw those. Accuracy is the share of tokens whose tag is right (for helix, strand and coil: Q3). Tags are the best ones together; AUROC, AUPRC, log loss, Brier score and calibration are of the probabilities.',
    ],
    ...(kinds.length > 0 && {
      tables: [
        {
          title: 'Spans',
          columns: ['kind', 'true spans', 'precision', 'recall', 'F1'],
          rows: kinds.map(({ kind, count, precision, recall, f1 }) => [
            kind,
            count,
            ...[precision, recall, f1].map((value) => (Number.isFinite(value) ? figure(value) : '—')),
          ]),
          note: 'A span is right where beginning, end and kind are, as conlleval counts.',
        },
      ],
    }),
  };
}

/** How sequences were divided, with what the sides share. */
export function taggingLeakage(
  split: string,
  { train, test }: { train: TaggedData; test: TaggedData },
  parts?: Leakage['parts'],
): Leakage {
  const { similarity, sentence } = taggedLeakage(train, test);
  return {
    split: split.replace(/\.$/, ''),
    ...(parts && { parts }),
    ...(similarity && { nearest: similarity.similarity, measure: `share of common ${similarity.k}-mers` }),
    sentence,
  };
}
