import { quantile } from '../train/metrics/index.ts';
import { counted, figure, percent } from './format.ts';
import type { Leakage } from './run-report.ts';

/** The similarity of test records to their nearest training records, in a few numbers. */
export interface SimilaritySummary {
  count: number;
  median: number;
  high: number;
  max: number;
  threshold: number;
  /** Share of test records at or above the threshold. */
  related: number;
}

/** Sums the similarities up; undefined where none was measured. `high` is the 95th percentile. */
export function summarizeSimilarity({ nearest, threshold = 0.9 }: Leakage): SimilaritySummary | undefined {
  const sorted = Float64Array.from(nearest ?? [])
    .filter(Number.isFinite)
    .sort();
  if (sorted.length === 0) return undefined;
  return {
    count: sorted.length,
    median: quantile(sorted, 0.5),
    high: quantile(sorted, 0.95),
    max: sorted[sorted.length - 1]!,
    threshold,
    related: sorted.filter((s) => s >= threshold).length / sorted.length,
  };
}

/** The finding on leakage in words. */
export function leakageSentence(leakage: Leakage): string {
  if (leakage.sentence) return leakage.sentence;
  const s = summarizeSimilarity(leakage);
  if (!s) return 'The similarity of test and training records was not measured.';
  const nearCopies = Math.round(s.related * s.count);
  const copies =
    nearCopies === 0
      ? `no test record reaches ${s.threshold}`
      : `${counted(nearCopies, 'test record')} of ${s.count} (${percent(s.related)}) ${nearCopies === 1 ? 'reaches' : 'reach'} ${s.threshold}`;
  return `Similarity to the nearest training record: median ${figure(s.median)}, 95th percentile ${figure(s.high)}, highest ${figure(s.max)}; ${copies}.`;
}
