import { counted } from '../../report/format.ts';
import type { DataSummary, RunReport, Table } from '../../report/run-report.ts';
import type { PairData } from '../../train/tasks/translation-data.ts';
import type { TranslationAssessment } from '../../train/tasks/translation-evaluate.ts';

/** `16,728 pairs; sources of 4 to 44 letters.` */
export function pairsSentence({ pairs }: PairData): string {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const { source } of pairs) {
    low = Math.min(low, source.length);
    high = Math.max(high, source.length);
  }
  return `${counted(pairs.length, 'pair')}; sources of ${low} to ${high} letters.`;
}

/** What a report says of pairs; further files add their sources. */
export const pairsSummary = (data: PairData, others: readonly PairData[] = []): DataSummary => ({
  records: data.pairs.length,
  task: 'text to text',
  lengths: data.pairs.map(({ source }) => source.length),
  sources: sourcesOfPairs([data, ...others]),
});

/** The files that pairs were read from, each once. */
export const sourcesOfPairs = (all: readonly PairData[]) => [
  ...new Map(all.flatMap(({ sources }) => sources.map((s) => [s.path, s] as const))).values(),
];

/** How many wrong translations a report lists. */
const listed = 20;

/** The parts of a report that an assessment decides. */
export function translationReport(
  { metrics, baselines, translations }: TranslationAssessment,
  test: PairData,
): Pick<RunReport, 'metrics' | 'baselines' | 'tables' | 'alarms'> {
  const cut = translations.filter(({ ended }) => !ended).length;
  const alarms = [
    ...(cut > 0
      ? [
          `${counted(cut, 'translation')} of ${translations.length} never came to an end and were cut at the limit.`,
        ]
      : []),
    ...Object.entries(baselines).flatMap(([name, simple]) =>
      (simple.chrf?.value ?? 0) > (metrics.chrf?.value ?? 0)
        ? [`The model is behind the ${name} baseline in chrF.`]
        : [],
    ),
  ];
  return {
    metrics,
    baselines,
    tables: [examplesTable(translations, test)],
    ...(alarms.length > 0 && { alarms }),
  };
}

/** Wrong translations, the surest first. */
function examplesTable(translations: TranslationAssessment['translations'], test: PairData): Table {
  const wrong = translations
    .map((translated, i) => ({ ...translated, reference: test.pairs[i]!.target }))
    .filter(({ translation, reference }) => translation !== reference)
    .sort((a, b) => b.logProbability - a.logProbability);
  return {
    title: 'Wrong translations',
    columns: ['id', 'source', 'translation', 'reference', 'ln P'],
    rows: wrong
      .slice(0, listed)
      .map(({ id, source, translation, reference, logProbability }) => [
        ...[id, source, translation, reference].map((text) => shortened(text)),
        logProbability.toPrecision(3),
      ]),
    note: `${wrong.length} of ${translations.length} differ from their reference${wrong.length > listed ? `; the ${listed} that the model was surest of` : ''}.`,
  };
}

const shortened = (text: string) => (text.length > 200 ? `${text.slice(0, 199)}…` : text);
