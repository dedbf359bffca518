import { usageError } from '../../../core/errors.ts';

/** Tokens from `first` to `last`, both included, and the sum of their scores. */
export interface ScoredSpan {
  readonly first: number;
  readonly last: number;
  readonly score: number;
}

/** Spans that begin at `first` and end within [from, to]; the best of them ends at `last`. */
interface Range extends ScoredSpan {
  readonly from: number;
  readonly to: number;
}

/**
 * The `count` spans with the highest start[first] + end[last] among all with first ≤ last < first + longest, the best first; of equals the
 * one that begins, then ends, first. Exact: each start's best end comes from a table of range maxima, and what is taken off the heap is split
 * at its end, so that the next best of the same start stands in line. O(n log n + count · log n) for n places.
 * @example bestSpans([0, -1], [-3, -1], { longest: 2 }) // [{ first: 0, last: 1, score: -1 }]
 */
export function bestSpans(
  start: ArrayLike<number>,
  end: ArrayLike<number>,
  { longest = Number.POSITIVE_INFINITY, count = 1 } = {},
): ScoredSpan[] {
  if (!(longest >= 1) || !Number.isInteger(count) || count < 1)
    throw usageError(`expected 1 or more spans of 1 or more places, received ${count} and ${longest}.`);
  const n = start.length;
  const best = rangeMaxima(end);
  const range = (first: number, from: number, to: number): Range | undefined => {
    if (from > to) return undefined;
    const last = best(from, to);
    return { first, from, to, last, score: start[first]! + end[last]! };
  };
  const heap = openHeap();
  for (let first = 0; first < n; first++) heap.push(range(first, first, Math.min(n, first + longest) - 1)!);
  const found: ScoredSpan[] = [];
  while (found.length < count) {
    const top = heap.pop();
    if (!top) break;
    const { first, last, score, from, to } = top;
    found.push({ first, last, score });
    for (const rest of [range(first, from, last - 1), range(first, last + 1, to)]) if (rest) heap.push(rest);
  }
  return found;
}

/** Where the largest of values[from … to] stands, the first of equals: a sparse table, O(n log n) to build, O(1) to ask. */
function rangeMaxima(values: ArrayLike<number>): (from: number, to: number) => number {
  const n = values.length;
  const larger = (i: number, j: number) => (values[j]! > values[i]! ? j : i);
  const levels: Int32Array[] = [Int32Array.from({ length: n }, (_, i) => i)];
  for (let width = 2; width <= n; width *= 2) {
    const below = levels[levels.length - 1]!;
    levels.push(
      Int32Array.from({ length: n - width + 1 }, (_, i) => larger(below[i]!, below[i + width / 2]!)),
    );
  }
  return (from, to) => {
    const level = 31 - Math.clz32(to - from + 1);
    const table = levels[level]!;
    return larger(table[from]!, table[to - 2 ** level + 1]!);
  };
}

/** A binary heap: the highest score on top, of equals the earliest start, then the earliest end. */
function openHeap() {
  const items: Range[] = [];
  const before = (a: Range, b: Range) =>
    a.score !== b.score ? a.score > b.score : a.first !== b.first ? a.first < b.first : a.last < b.last;
  const swap = (i: number, j: number) => {
    [items[i], items[j]] = [items[j]!, items[i]!];
  };
  return {
    push(item: Range) {
      let i = items.push(item) - 1;
      while (i > 0 && before(items[i]!, items[(i - 1) >> 1]!)) {
        swap(i, (i - 1) >> 1);
        i = (i - 1) >> 1;
      }
    },
    pop(): Range | undefined {
      const top = items[0];
      const last = items.pop();
      if (items.length === 0 || !last) return top;
      items[0] = last;
      for (let i = 0; ; ) {
        let least = i;
        for (const child of [2 * i + 1, 2 * i + 2])
          if (child < items.length && before(items[child]!, items[least]!)) least = child;
        if (least === i) return top;
        swap(i, least);
        i = least;
      }
    },
  };
}

/**
 * ln Σ over all spans of at most `longest` places of exp(start[first] + end[last]): what turns scores into probabilities; `none` is one more
 * way, that there is no span. By prefix sums, in O(n); where these would lose what little there is, term by term.
 */
export function spanPartition(
  start: ArrayLike<number>,
  end: ArrayLike<number>,
  { longest = Number.POSITIVE_INFINITY, none = Number.NEGATIVE_INFINITY } = {},
): number {
  const n = start.length;
  const sums = new Float64Array(n + 1);
  for (let j = 0; j < n; j++) sums[j + 1] = sums[j]! + Math.exp(end[j]!);
  let total = Math.exp(none);
  for (let i = 0; i < n; i++) total += Math.exp(start[i]!) * (sums[Math.min(n, i + longest)]! - sums[i]!);
  return total > lostBelow ? Math.log(total) : partitionByTerms(start, end, longest, none);
}

/** Sums below this may be made of rounding errors alone. */
const lostBelow = 1e-9;

function partitionByTerms(
  start: ArrayLike<number>,
  end: ArrayLike<number>,
  longest: number,
  none: number,
): number {
  const best = bestSpans(start, end, { longest })[0];
  const highest = Math.max(none, best?.score ?? none);
  let total = Math.exp(none - highest);
  for (let i = 0; i < start.length; i++)
    for (let j = i; j < Math.min(start.length, i + longest); j++)
      total += Math.exp(start[i]! + end[j]! - highest);
  return highest + Math.log(total);
}
