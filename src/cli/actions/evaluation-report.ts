import type { Dataset } from '../../data/dataset.ts';
import { similaritySentence } from '../../data/split/similarity.ts';
import type { Leakage, RunReport } from '../../report/run-report.ts';
import type { Assessment } from '../../train/assess.ts';

/** The parts of a report that an assessment on held-out data decides. */
export function evaluationReport(
  { evaluation, baselines }: Assessment,
  test: Dataset,
): Pick<RunReport, 'evaluation' | 'baselines' | 'sequences'> {
  const wanted = new Set(evaluation.confidentErrors.map(({ id }) => id));
  const shown = test.records.filter(({ id }) => wanted.has(id));
  return { evaluation, baselines, sequences: Object.fromEntries(shown.map((r) => [r.id, r.sequence])) };
}

/** How the records were divided, with the measured similarity where there is one. */
export function leakageOf(
  split: string,
  parts: Leakage['parts'],
  { similarity }: Pick<Assessment, 'similarity'>,
): Leakage {
  const plain = { split: split.replace(/\.$/, ''), ...(parts && { parts }) };
  if (!similarity) return { ...plain, sentence: 'Similarity to the training data was not measured.' };
  return {
    ...plain,
    nearest: similarity.similarity,
    measure: `share of common ${similarity.k}-mers`,
    sentence: similaritySentence(similarity),
  };
}
