import { bestSegmentation, expectPieces, trie } from './lattice.ts';
import type { CountedSymbols } from './learn-merges.ts';

/** A piece of symbols and its score: ln of its probability. */
export interface ScoredPiece {
  readonly symbols: readonly number[];
  readonly score: number;
}

export interface UnigramLearning {
  /** How many pieces are wanted, single symbols included. */
  readonly size: number;
  /** The single symbols, which are always kept. */
  readonly singles: number;
  readonly longest: number;
  readonly minCount: number;
  /** How many of the frequent substrings to begin with. */
  readonly seeds: number;
  /** The share of pieces that a round of pruning leaves. */
  readonly shrink?: number;
}

/**
 * The pieces of a unigram language model (Kudo 2018): frequent substrings to begin with, then in turns two rounds of expectation
 * maximisation and pruning of those pieces whose absence costs least likelihood, until `size` are left. The singles come first
 * in their order, then the others by score.
 */
export function learnUnigram(corpus: readonly CountedSymbols[], learning: UnigramLearning): ScoredPiece[] {
  const { size, singles, shrink = 0.75 } = learning;
  const seeds = frequentSubstrings(corpus, learning);
  const total = seeds.reduce((sum, { weight }) => sum + weight, 0);
  let pieces: ScoredPiece[] = seeds.map(({ symbols, weight }) => ({
    symbols,
    score: Math.log(weight / total),
  }));
  // A tenth more than is wanted, so that the last choice is between well estimated scores.
  const wanted = Math.max(size, Math.ceil(1.1 * (size - singles)) + singles);
  for (;;) {
    for (let round = 0; round < 2; round++) pieces = maximise(corpus, pieces);
    if (pieces.length <= wanted) break;
    const before = pieces.length;
    pieces = prune(corpus, pieces, Math.max(wanted, Math.floor(shrink * before)));
    if (pieces.length === before) break;
  }
  const others = pieces
    .slice(singles)
    .sort((a, b) => b.score - a.score || compareSymbols(a.symbols, b.symbols))
    .slice(0, size - singles);
  return [...pieces.slice(0, singles), ...others];
}

function compareSymbols(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** A round of expectation maximisation, with the digamma function for ln as in Kudo's, which lets rare pieces fade away. */
function maximise(corpus: readonly CountedSymbols[], pieces: readonly ScoredPiece[]): ScoredPiece[] {
  const expected = expectations(corpus, pieces);
  const kept = pieces.flatMap(({ symbols }, i) => {
    const count = expected[i]!;
    return symbols.length === 1 || count >= 0.5 ? [{ symbols, count: Math.max(count, 0.5) }] : [];
  });
  const sum = digamma(kept.reduce((total, { count }) => total + count, 0));
  return kept.map(({ symbols, count }) => ({ symbols, score: digamma(count) - sum }));
}

function expectations(corpus: readonly CountedSymbols[], pieces: readonly ScoredPiece[]): Float64Array {
  const tree = trie(pieces.map(({ symbols }) => symbols));
  const probabilities = Float64Array.from(pieces, ({ score }) => Math.max(Math.exp(score), 1e-70));
  const expected = new Float64Array(pieces.length);
  for (const { symbols, count } of corpus) expectPieces(symbols, tree, probabilities, expected, count);
  return expected;
}

/** ψ(x) for x > 0: recurrence up to 12, then the asymptotic series (Abramowitz & Stegun 6.3.5 and 6.3.18). */
export function digamma(x: number): number {
  let [value, at] = [0, x];
  for (; at < 12; at++) value -= 1 / at;
  const inverse = 1 / (at * at);
  const series = inverse * (1 / 12 - inverse * (1 / 120 - inverse * (1 / 252 - inverse / 240)));
  return value + Math.log(at) - 0.5 / at - series;
}

/**
 * Leaves the `keep` pieces whose loss costs most likelihood, if each in turn were replaced by its own best segmentation into
 * others, singles aside, which all stay.
 */
function prune(
  corpus: readonly CountedSymbols[],
  pieces: readonly ScoredPiece[],
  keep: number,
): ScoredPiece[] {
  const tree = trie(pieces.map(({ symbols }) => symbols));
  const scores = Float64Array.from(pieces, ({ score }) => score);
  const uses = new Float64Array(pieces.length);
  let all = 0;
  for (const { symbols, count } of corpus)
    for (const piece of bestSegmentation(symbols, tree, scores, Number.NEGATIVE_INFINITY).pieces) {
      uses[piece]! += count;
      all += count;
    }
  const losses = pieces.map(({ symbols }, i) => {
    if (symbols.length === 1) return Number.POSITIVE_INFINITY;
    if (uses[i] === 0) return 0;
    const { pieces: others } = bestSegmentation(symbols, tree, scores, Number.NEGATIVE_INFINITY, i);
    const without = Math.log(all + uses[i]! * (others.length - 1));
    const instead = others.reduce((sum, other) => sum + Math.log(uses[other]! + uses[i]!) - without, 0);
    return uses[i]! * (Math.log(uses[i]!) - Math.log(all) - instead);
  });
  const order = pieces
    .map((_, i) => i)
    .sort((a, b) => (losses[a] === losses[b] ? a - b : losses[b]! - losses[a]!));
  const kept = new Set(order.slice(0, keep));
  return pieces.filter((_, i) => kept.has(i));
}

/**
 * The singles, and the longer substrings that occur `minCount` times, as many as asked: those first that cover most (how often
 * times how long). Substrings grow by one symbol in each round, only where the shorter one was frequent already.
 */
export function frequentSubstrings(
  corpus: readonly CountedSymbols[],
  { singles, longest, minCount, seeds }: Pick<UnigramLearning, 'singles' | 'longest' | 'minCount' | 'seeds'>,
): { symbols: readonly number[]; weight: number }[] {
  const single = new Float64Array(singles);
  // Where each living substring begins (sequence and place), and its number among those of the same length.
  let living: { text: CountedSymbols; at: number; id: number }[] = [];
  for (const text of corpus)
    for (let at = 0; at < text.symbols.length; at++) {
      const id = text.symbols[at]!;
      if (id >= singles) continue;
      single[id]! += text.count;
      living.push({ text, at, id });
    }
  const found: { symbols: readonly number[]; weight: number }[] = [];
  for (let length = 2; length <= longest && living.length > 0; length++) {
    const grown = grow(living, length, singles);
    living = grown.living.filter(({ id }) => grown.counts[id]! >= minCount);
    grown.counts.forEach((count, id) => {
      if (count < minCount) return;
      const { text, at } = grown.first[id]!;
      found.push({
        symbols: Array.from({ length }, (_, i) => text.symbols[at + i]!),
        weight: count * length,
      });
    });
  }
  found.sort((a, b) => b.weight - a.weight || compareSymbols(a.symbols, b.symbols));
  return [
    ...Array.from(single, (weight, symbol) => ({ symbols: [symbol], weight: Math.max(weight, 0.5) })),
    ...found.slice(0, seeds),
  ];
}

type Living = { text: CountedSymbols; at: number; id: number };

function grow(living: readonly Living[], length: number, singles: number) {
  const ids = new Map<number, number>();
  const counts: number[] = [];
  const first: Living[] = [];
  const longer: Living[] = [];
  for (const { text, at, id } of living) {
    const symbol = text.symbols[at + length - 1];
    if (symbol === undefined || symbol >= singles) continue;
    const key = id * singles + symbol;
    let number = ids.get(key);
    if (number === undefined) {
      ids.set(key, (number = counts.push(0) - 1));
      first.push({ text, at, id: number });
    }
    counts[number]! += text.count;
    longer.push({ text, at, id: number });
  }
  return { living: longer, counts, first };
}
