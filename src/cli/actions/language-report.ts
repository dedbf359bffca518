import { counted, figure, whole } from '../../report/format.ts';
import type { DataSummary, RunReport } from '../../report/run-report.ts';
import type { LanguageAssessment } from '../../train/tasks/language/assess.ts';
import type { Corpus } from '../../train/tasks/language/corpus.ts';

/** `One text of 1,115,394 letters.` */
export function corpusSentence({ texts, ends }: Corpus): string {
  const letters = texts.reduce((sum, text) => sum + text.length, 0);
  return texts.length === 1
    ? `One text of ${counted(letters, 'letter')}${ends ? ', with its end' : ''}.`
    : `${whole(texts.length)} texts of ${whole(letters)} letters together${ends ? ', each with its end' : ''}.`;
}

/** What a report says of a corpus. */
export const corpusSummary = ({ texts, sources }: Corpus): DataSummary => ({
  records: texts.length,
  task: 'language model: the next token, given those before',
  lengths: texts.map((text) => text.length),
  sources: [...sources],
});

/** The parts of a report that an assessment of a language model decides. */
export function languageReport({
  metrics,
  baselines,
  ngrams,
  tokens,
  symbols,
  drawn,
}: LanguageAssessment): Pick<RunReport, 'metrics' | 'baselines' | 'tables' | 'notes'> {
  const note = `Measured on ${counted(tokens, 'token')}, ${counted(symbols, 'letter')}; intervals by drawing ${drawn}. Cross-entropy is in nats per token, bits are per letter.`;
  if (ngrams.length === 0) return { metrics, baselines, notes: [note] };
  return {
    metrics,
    baselines,
    notes: [note],
    tables: [
      {
        title: 'n-gram models of the same tokens',
        columns: ['tokens looked back', 'bits per symbol', 'perplexity'],
        rows: ngrams.map(({ order, metrics: own }) => [
          order,
          figure(own.bitsPerSymbol!.value),
          figure(own.perplexity!.value),
        ]),
        note: 'Interpolated; the best order is the best on the test text, which favours it.',
      },
    ],
  };
}
