import type { Dataset } from '../data/dataset.ts';
import { similaritySentence } from '../data/split/similarity.ts';
import type { DatasetSplit } from '../data/split/split.ts';
import type { RunReport } from '../report/run-report.ts';
import type { Assessment } from '../train/assess.ts';

/** The parts of a report that an assessment on held-out records decides. */
export function heldOutReport(
  { evaluation, baselines, similarity }: Assessment,
  { fit, test, note }: Pick<DatasetSplit, 'fit' | 'test' | 'note'>,
): Pick<RunReport, 'evaluation' | 'baselines' | 'sequences' | 'leakage'> {
  const wrong = new Set(evaluation.confidentErrors.map(({ id }) => id));
  const shown = test.records.filter(({ id }) => wrong.has(id));
  return {
    evaluation,
    baselines,
    sequences: Object.fromEntries(shown.map(({ id, sequence }) => [id, sequence])),
    ...(similarity && {
      leakage: {
        split: note.replace(/\.$/, ''),
        parts: [countOf('learned from', fit), countOf('tested', test)],
        nearest: similarity.similarity,
        measure: `share of common ${similarity.k}-mers`,
        sentence: similaritySentence(similarity),
      },
    }),
  };
}

const countOf = (name: string, { records }: Dataset) => ({ name, count: records.length });
