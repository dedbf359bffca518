import { bootstrap, type Metrics, type Scorer } from '../../train/metrics/index.ts';
import { type Contig, type Gene, geneKey, hasStop } from './gene.ts';

/** Each annotated gene and each wrong prediction of one way of finding them. */
export interface Judged {
  /** One entry an annotated gene: whether a prediction has its stop, and its start too. */
  readonly truth: readonly { readonly stop: boolean; readonly start: boolean }[];
  /** Predictions whose stop no annotated gene has. */
  readonly wrong: number;
}

/** Genes that differ in their start alone count as one, which either start answers. */
function byStop(genes: readonly Gene[]): Map<string, Gene[]> {
  const all = new Map<string, Gene[]>();
  for (const gene of genes) all.set(geneKey(gene), [...(all.get(geneKey(gene)) ?? []), gene]);
  return all;
}

/**
 * Holds predictions against the annotation; what ends where an annotation that cannot be used ends is not judged, nor what has no stop because the contig
 * ends before it.
 */
export function judge(contigs: readonly Contig[], found: readonly (readonly Gene[])[]): Judged {
  const truth: Judged['truth'][number][] = [];
  let wrong = 0;
  const predicted = found.map((genes) => genes.filter(hasStop));
  contigs.forEach(({ genes = [], unclear }, c) => {
    const known = new Set([...genes, ...unclear].map(geneKey));
    const found = new Map(predicted[c]!.map((gene) => [geneKey(gene), gene]));
    for (const [key, starts] of byStop(genes)) {
      const match = found.get(key);
      const start = starts.some((gene) => match?.start === gene.start && match.end === gene.end);
      truth.push({ stop: match !== undefined, start });
    }
    wrong += predicted[c]!.filter((gene) => !known.has(geneKey(gene))).length;
  });
  return { truth, wrong };
}

/** Sensitivity, precision and F1 at the stop, and the share of the found genes whose start is right. */
const names = ['sensitivity', 'precision', 'f1', 'exactStart', 'exactSensitivity'] as const;
export type GeneMetric = (typeof names)[number];

/** Each annotated gene and each wrong prediction counts with its weight. */
function scorerOf({ truth, wrong }: Judged, prefix = ''): Scorer {
  return {
    names: names.map((name) => prefix + name),
    score(weights) {
      let [all, stops, starts, false_] = [0, 0, 0, 0];
      truth.forEach(({ stop, start }, i) => {
        all += weights[i]!;
        if (stop) stops += weights[i]!;
        if (start) starts += weights[i]!;
      });
      for (let i = 0; i < wrong; i++) false_ += weights[truth.length + i]!;
      return [
        stops / all,
        stops + false_ === 0 ? 0 : stops / (stops + false_),
        (2 * stops) / (all + stops + false_),
        starts / stops,
        starts / all,
      ];
    },
  };
}

/** The metrics with intervals from resampled genes and wrong predictions. */
export function geneMetrics(judged: Judged, { seed }: { seed: number }): Metrics {
  const n = judged.truth.length + judged.wrong;
  const scorer = scorerOf(judged);
  const values = scorer.score(new Float64Array(n).fill(1));
  const bounds = bootstrap([scorer], n, { seed });
  return Object.fromEntries(
    names.map((name, i) => {
      const value = Number.isFinite(values[i]) ? values[i]! : null;
      const interval = bounds[name]!;
      return [name, { value, ...(value !== null && Number.isFinite(interval.low) && interval) }];
    }),
  );
}

/** How far one way is ahead of another in a metric, genes resampled together: value and interval. */
export function ahead(
  one: Judged,
  other: Judged,
  metric: GeneMetric,
  { seed }: { seed: number },
): { value: number; low: number; high: number } {
  const place = names.indexOf(metric);
  const n = one.truth.length;
  const wrongOf = (judged: Judged, first: number) => (weights: Float64Array) =>
    scorerOf(judged).score(
      Float64Array.from({ length: n + judged.wrong }, (_, i) => weights[i < n ? i : first + i - n]!),
    )[place]!;
  const [a, b] = [wrongOf(one, n), wrongOf(other, n + one.wrong)];
  const difference = (weights: Float64Array) => [a(weights) - b(weights)];
  const total = n + one.wrong + other.wrong;
  const bounds = bootstrap([{ names: ['ahead'], score: difference }], total, { seed });
  return { value: difference(new Float64Array(total).fill(1))[0]!, ...bounds.ahead! };
}
