import type { Masking } from '../../models/masked/spec.ts';
import { counted, figure, percent } from '../../report/format.ts';
import type { DataSummary, RunReport } from '../../report/run-report.ts';
import type { Corpus } from '../../train/tasks/language/corpus.ts';
import type { MaskedAssessment } from '../../train/tasks/masked/assess.ts';
import { corpusSummary } from './language-report.ts';

/** `single tokens`, `runs of 5 tokens as their mean`, `words of 6 letters`. */
export const maskingSentence = ({ how, length, share }: Masking): string =>
  `${{ base: 'single tokens', span: `runs of ${length} tokens as their mean`, kmer: `words of ${length} letters` }[how]}, ${percent(share)} of all`;

/** What a report says of a corpus. */
export const maskedSummary = (corpus: Corpus): DataSummary => ({
  ...corpusSummary(corpus),
  task: 'masked model: what is hidden, given all around it',
});

/** The parts of a report that an assessment of a masked model decides. */
export function maskedReport(
  { metrics, baselines, chains, hidden, places, drawn }: MaskedAssessment,
  masking: Masking,
): Pick<RunReport, 'metrics' | 'baselines' | 'tables' | 'notes'> {
  const note = `Cross-entropy (nats) and accuracy are of ${counted(hidden, 'token')} hidden as in training (${maskingSentence(masking)}); pseudo-perplexity and bits are of ${counted(places, 'place')} hidden one at a time, each told from all others. Intervals by drawing ${drawn}.`;
  if (chains.length === 0) return { metrics, baselines, notes: [note] };
  return {
    metrics,
    baselines,
    notes: [note],
    tables: [
      {
        title: 'Markov chains that are told both sides',
        columns: ['order', 'bits per symbol', 'the model is ahead by', 'interval'],
        rows: chains.map(({ order, metrics: own, ahead }) => [
          order,
          figure(own.bitsPerSymbol!.value),
          figure(ahead.value),
          `${figure(ahead.low ?? null)} to ${figure(ahead.high ?? null)}`,
        ]),
        note: 'Interpolated counts of the training text; what is hidden is told from as many symbols on either side as the order says. The best order is the best on the test text, which favours it.',
      },
    ],
  };
}
