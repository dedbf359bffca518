import { heap } from './heap.ts';

/** Two symbols that become one. */
export type Merge = readonly [number, number];

/** Sequences of symbols, and how often each occurs. */
export interface CountedSymbols {
  readonly symbols: ArrayLike<number>;
  readonly count: number;
}

/** What a merge makes: the symbol, or undefined where it must not be made. */
export type MakeSymbol = (left: number, right: number) => number | undefined;

/** A pair of neighbours as one number; symbols are below 2²¹. */
export const pairKey = (left: number, right: number): number => left * 2 ** 21 + right;

interface Pair {
  readonly left: number;
  readonly right: number;
  count: number;
  /** Where it began, in the order in which that came about; some may be gone. */
  places: number[];
}

/**
 * The merges of byte-pair encoding (Gage 1994; Sennrich, Haddow & Birch 2016): the most frequent pair of neighbours again and
 * again, of equally frequent ones that with the smaller symbols, until `enough` says so or no pair occurs `minCount` times.
 *
 * Every place is visited when its pair is merged and at no other time (as in Re-Pair, Larsson & Moffat 1999), so the time grows
 * with the length of the corpus and hardly with the number of merges. Overlapping pairs (AAA holds AA twice) count each.
 */
export function learnMerges(
  corpus: Iterable<CountedSymbols>,
  { make, enough, minCount }: { make: MakeSymbol; enough: () => boolean; minCount: number },
): Merge[] {
  const chain = chainOf(corpus);
  const { pairs, replace } = pairTable(chain);
  const queue = heap<{ pair: Pair; count: number }>(
    (a, b) =>
      a.count > b.count ||
      (a.count === b.count && (a.pair.left - b.pair.left || a.pair.right - b.pair.right) < 0),
  );
  for (const pair of pairs.values()) queue.push({ pair, count: pair.count });
  const merges: Merge[] = [];
  const done = new Set<number>();
  while (!enough()) {
    const top = queue.pop();
    if (!top) break;
    const { pair, count } = top;
    if (pair.count !== count) {
      if (pair.count > 0 && pair.count < count) queue.push({ pair, count: pair.count });
      continue;
    }
    if (count < minCount) break;
    const made = make(pair.left, pair.right);
    if (made === undefined) continue;
    const key = pairKey(pair.left, pair.right);
    if (!done.has(key)) merges.push([pair.left, pair.right]);
    done.add(key);
    for (const grown of replace(pair, made)) queue.push({ pair: grown, count: grown.count });
  }
  return merges;
}

/** All sequences one after the other, as a list in which symbols know their neighbours; −1 where a sequence ends. */
interface Chain {
  readonly symbols: Int32Array;
  readonly previous: Int32Array;
  readonly next: Int32Array;
  readonly weight: Float64Array;
}

function chainOf(corpus: Iterable<CountedSymbols>): Chain {
  const list = [...corpus];
  const total = list.reduce((sum, { symbols }) => sum + symbols.length, 0);
  const symbols = new Int32Array(total);
  const previous = new Int32Array(total);
  const next = new Int32Array(total);
  const weight = new Float64Array(total);
  let at = 0;
  for (const { symbols: own, count } of list) {
    symbols.set(own, at);
    weight.fill(count, at, at + own.length);
    for (let i = 0; i < own.length; i++) {
      previous[at + i] = i === 0 ? -1 : at + i - 1;
      next[at + i] = i === own.length - 1 ? -1 : at + i + 1;
    }
    at += own.length;
  }
  return { symbols, previous, next, weight };
}

function pairTable({ symbols, previous, next, weight }: Chain) {
  const pairs = new Map<number, Pair>();
  const count = (left: number, right: number, place: number): Pair => {
    const key = pairKey(left, right);
    let pair = pairs.get(key);
    if (!pair) pairs.set(key, (pair = { left, right, count: 0, places: [] }));
    pair.count += weight[place]!;
    pair.places.push(place);
    return pair;
  };
  const forget = (left: number, right: number, place: number) => {
    pairs.get(pairKey(left, right))!.count -= weight[place]!;
  };
  for (let i = 0; i < symbols.length; i++) if (next[i]! >= 0) count(symbols[i]!, symbols[next[i]!]!, i);

  /** Replaces a pair everywhere, from left to right; returns the pairs that have become more frequent. */
  function replace(pair: Pair, made: number): Set<Pair> {
    const { left, right } = pair;
    const places = Int32Array.from(pair.places).sort();
    pair.places = [];
    const grown = new Set<Pair>();
    for (const place of places) {
      const second = next[place]!;
      if (second < 0 || symbols[place] !== left || symbols[second] !== right) continue;
      const before = previous[place]!;
      const after = next[second]!;
      forget(left, right, place);
      if (before >= 0) forget(symbols[before]!, left, before);
      if (after >= 0) forget(right, symbols[after]!, second);
      symbols[place] = made;
      symbols[second] = -1;
      next[place] = after;
      next[second] = -1;
      if (after >= 0) previous[after] = place;
      if (before >= 0) grown.add(count(symbols[before]!, made, before));
      if (after >= 0) grown.add(count(made, symbols[after]!, place));
    }
    return grown;
  }
  return { pairs, replace };
}
