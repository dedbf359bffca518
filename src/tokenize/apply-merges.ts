import { heap } from './heap.ts';
import { type Merge, pairKey } from './learn-merges.ts';

/** The rank of each pair that merges, and what it makes. */
export interface MergeTable {
  readonly ranks: ReadonlyMap<number, number>;
  readonly made: readonly number[];
}

/** Of equal pairs the first counts. */
export function mergeTable(merges: readonly Merge[], made: readonly number[]): MergeTable {
  const ranks = new Map<number, number>();
  merges.forEach(([left, right], rank) => {
    const key = pairKey(left, right);
    if (!ranks.has(key)) ranks.set(key, rank);
  });
  return { ranks, made };
}

/** Up to here, looking at all pairs for the next one is quicker than keeping them in order. */
const short = 24;

/**
 * Applies merges to symbols: the pair of the lowest rank first, of equal ones the leftmost. Calls `take` for every symbol that
 * is left, with the first and the last of the symbols that it is made of. The time is n log n for n symbols.
 */
export function applyMerges(
  symbols: number[],
  table: MergeTable,
  take: (symbol: number, first: number, last: number) => void,
): void {
  if (symbols.length <= short) applyToFew(symbols, table, take);
  else applyToMany(symbols, table, take);
}

function applyToFew(
  symbols: number[],
  { ranks, made }: MergeTable,
  take: (symbol: number, first: number, last: number) => void,
): void {
  const now = [...symbols];
  const starts = symbols.map((_, i) => i);
  for (;;) {
    let best = Number.POSITIVE_INFINITY;
    let at = -1;
    for (let i = 0; i + 1 < now.length; i++) {
      const rank = ranks.get(pairKey(now[i]!, now[i + 1]!));
      if (rank === undefined || rank >= best) continue;
      best = rank;
      at = i;
    }
    if (at < 0) break;
    now.splice(at, 2, made[best]!);
    starts.splice(at + 1, 1);
  }
  now.forEach((symbol, i) => {
    take(symbol, starts[i]!, (starts[i + 1] ?? symbols.length) - 1);
  });
}

function applyToMany(
  symbols: number[],
  { ranks, made }: MergeTable,
  take: (symbol: number, first: number, last: number) => void,
): void {
  const count = symbols.length;
  const now = Int32Array.from(symbols);
  const next = Int32Array.from(symbols, (_, i) => i + 1);
  const previous = Int32Array.from(symbols, (_, i) => i - 1);
  // Rank and place in one number: both are compared at once, and nothing is allocated.
  const queue = heap<number>((a, b) => a < b);
  const places = 2 ** 30;
  const consider = (place: number) => {
    const other = next[place]!;
    if (other >= count) return;
    const rank = ranks.get(pairKey(now[place]!, now[other]!));
    if (rank !== undefined) queue.push(rank * places + place);
  };
  for (let i = 0; i + 1 < count; i++) consider(i);
  for (let top = queue.pop(); top !== undefined; top = queue.pop()) {
    const rank = Math.floor(top / places);
    const place = top - rank * places;
    const other = next[place]!;
    // What was merged since it was queued has another rank, or none.
    if (now[place]! < 0 || other >= count || ranks.get(pairKey(now[place]!, now[other]!)) !== rank) continue;
    now[place] = made[rank]!;
    now[other] = -1;
    next[place] = next[other]!;
    if (next[place]! < count) previous[next[place]!] = place;
    if (previous[place]! >= 0) consider(previous[place]!);
    consider(place);
  }
  for (let i = 0; i < count; i = next[i]!) take(now[i]!, i, next[i]! - 1);
}
