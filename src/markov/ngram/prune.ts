import type { NgramCounts } from './counts.ts';
import { nodesOf, totals } from './smoothing.ts';

/**
 * Which contexts of the tree a variable-order model keeps: those that tell more than `nats` beyond their
 * parent, Σ n(c w)·ln(P(w | c) / P(w | c′)) ≥ nats, and all that lead to one (the context algorithm of
 * Rissanen 1983; Bühlmann and Wyner 1999, whose cut-off is half a χ² quantile). Roots are always kept.
 */
export function keptContexts(counts: NgramCounts, nats: number): Uint8Array {
  const { grams, children, period } = counts;
  const count = counts.count();
  const total = totals(counts, count);
  const gain = new Float64Array(nodesOf(counts));
  for (let g = 0; g < grams.size; g++) {
    const node = grams.first[g]!;
    if (node < period) continue;
    const parent = children.first[node - period]!;
    const above = count[grams.find(parent, grams.second[g]!)]! / total[parent]!;
    gain[node]! += count[g]! * Math.log(count[g]! / total[node]! / above);
  }
  const kept = new Uint8Array(gain.length).fill(1, 0, period);
  // Children have the larger numbers, so that they are decided before their parents.
  for (let node = gain.length - 1; node >= period; node--) {
    if (gain[node]! >= nats) kept[node] = 1;
    if (kept[node]) kept[children.first[node - period]!] = 1;
  }
  return kept;
}
