import { usageError } from '../core/errors.ts';

/** A stretch that may be chosen, 0-based and half-open, and what choosing it is worth. */
export interface ScoredStretch {
  readonly start: number;
  readonly end: number;
  readonly strand: '+' | '-';
  readonly score: number;
}

/** How neighbours in a chain get on. */
export interface ChainRules {
  /** From so many bases between them on, neighbours know nothing of each other. */
  readonly reach: number;
  /** Bases that neighbours may share at most. */
  readonly overlap: (left: '+' | '-', right: '+' | '-') => number;
  /** What is added where fewer than `reach` bases lie between two neighbours; a negative gap is an overlap. */
  readonly link: (left: '+' | '-', right: '+' | '-', gap: number) => number;
}

/**
 * The stretches with the largest sum of scores and links, left to right: the best path of a semi-Markov chain whose segments are the stretches
 * (Sarawagi and Cohen 2004) and may overlap a little, as genes do. Each has both its ends to the right of its neighbour's; only
 * neighbours are looked at for overlap. Stretches that add nothing are left out; of equal chains the one that ends first stands.
 *
 * Time and memory grow with the stretches and how many of them end within one overlap. Throws a usage error for a stretch without bases or with a score that is no number.
 * @example bestChain([{ start: 0, end: 9, strand: '+', score: 2 }, { start: 3, end: 12, strand: '-', score: 3 }], rules)
 * // the second alone, where no overlap is allowed
 */
export function bestChain<S extends ScoredStretch>(stretches: readonly S[], rules: ChainRules): S[] {
  for (const { start, end, score } of stretches)
    if (!(start < end) || !Number.isFinite(score))
      throw usageError(
        `bestChain: expected stretches with bases and scores, received ${start}–${end}: ${score}.`,
      );
  const order = [...stretches].sort((a, b) => a.end - b.end || a.start - b.start);
  const ends = Float64Array.from(order, ({ end }) => end);
  const widest = Math.max(
    0,
    ...(['+', '-'] as const).flatMap((a) => (['+', '-'] as const).map((b) => rules.overlap(a, b))),
  );
  const best = new Float64Array(order.length);
  const before = new Int32Array(order.length).fill(-1);
  /** The best chain among the first i stretches. */
  const leading = new Int32Array(order.length + 1).fill(-1);
  order.forEach((own, i) => {
    const apart = countBelow(ends, own.start - rules.reach);
    before[i] = leading[apart]!;
    let most = before[i]! < 0 ? 0 : best[before[i]!]!;
    for (let j = apart; j < i && ends[j]! <= own.start + widest; j++) {
      const left = order[j]!;
      const gap = own.start - left.end;
      if (left.start >= own.start || left.end >= own.end || -gap > rules.overlap(left.strand, own.strand))
        continue;
      const joined = best[j]! + rules.link(left.strand, own.strand, gap);
      if (joined > most) [most, before[i]] = [joined, j];
    }
    best[i] = most + own.score;
    const lead = leading[i]!;
    leading[i + 1] = best[i]! > (lead < 0 ? 0 : best[lead]!) ? i : lead;
  });
  const chosen: S[] = [];
  for (let i = leading[order.length]!; i >= 0; i = before[i]!) chosen.push(order[i]!);
  return chosen.reverse();
}

/** How many of the sorted numbers are at most `limit`. */
function countBelow(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
