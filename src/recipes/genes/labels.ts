import type { Gene } from './gene.ts';
import { leftEnd, rightEnd, stateOf } from './states.ts';

/**
 * The states of a window's steps, for genes sorted from left to right: `from` is the window's first base, `span` its bases. Where genes overlap, the
 * one on the left is read to its end, and the next one from there on; a gene within another one is passed over.
 * @example windowLabels([{ start: 3, end: 12, strand: '+' }], { from: 0, span: 15 }) // [0, 2, 1, 3, 0]
 */
export function windowLabels(
  genes: readonly Gene[],
  { from, span }: { from: number; span: number },
): Int32Array {
  const labels = new Int32Array(span / 3);
  let free = 0;
  for (const { start, end, strand } of genes) {
    if (end <= from) continue;
    if (start >= from + span) break;
    const [first, last] = [Math.floor((start - from) / 3), Math.floor((end - 3 - from) / 3)];
    const frame = (((start - from) % 3) + 3) % 3;
    const s = strand === '+' ? 0 : 1;
    // Under a neighbour there must be more of it than its last codon.
    if (last < free || (free > 0 && first < free && last === free)) continue;
    const low = Math.max(free, first);
    labels.fill(stateOf(s, frame, 'inside'), low, Math.min(last + 1, labels.length));
    if (low === first) labels[first] = stateOf(s, frame, leftEnd(s));
    if (last < labels.length) labels[last] = stateOf(s, frame, rightEnd(s));
    free = last + 1;
  }
  return labels;
}
