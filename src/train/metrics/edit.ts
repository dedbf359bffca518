import type { Scorer } from './scorers.ts';
import { weightedRatio } from './text-scorer.ts';

/**
 * The least number of insertions, deletions and substitutions that turn one sequence into the other (Levenshtein 1966), in O(n·m) time and
 * O(m) memory. Strings are compared by UTF-16 unit: spread them, `[...text]`, where letters beyond the basic plane occur.
 * @example editDistance('kitten', 'sitting') // 3
 */
export function editDistance(a: ArrayLike<unknown>, b: ArrayLike<unknown>): number {
  let row = Int32Array.from({ length: b.length + 1 }, (_, j) => j);
  let next = new Int32Array(b.length + 1);
  for (let i = 0; i < a.length; i++) {
    next[0] = i + 1;
    for (let j = 0; j < b.length; j++) {
      const changed = row[j]! + (a[i] === b[j] ? 0 : 1);
      next[j + 1] = Math.min(changed, row[j + 1]! + 1, next[j]! + 1);
    }
    [row, next] = [next, row];
  }
  return row[b.length]!;
}

/** What is written and what it should be, token by token. */
export interface TokenPairs {
  readonly hypotheses: readonly ArrayLike<unknown>[];
  readonly references: readonly ArrayLike<unknown>[];
}

/**
 * Edits per token of the truth, over all records: Σ edits / Σ tokens. The word error rate where tokens are words, the character error rate
 * where they are characters. It may pass 1. NaN where the truth has no token at all.
 * @example errorRate({ hypotheses: [['a', 'c']], references: [['a', 'b', 'c', 'd']] }) // 0.5
 */
export function errorRate(pairs: TokenPairs): number {
  const { references } = pairs;
  return errorRateScorer('errorRate', pairs).score(new Float64Array(references.length).fill(1))[0]!;
}

/** `errorRate` under any weighting of the records, for bootstrap intervals. */
export function errorRateScorer(name: string, { hypotheses, references }: TokenPairs): Scorer {
  const edits = Float64Array.from(references, (truth, i) => editDistance(hypotheses[i]!, truth));
  const tokens = Float64Array.from(references, ({ length }) => length);
  return { names: [name], score: (weights) => [weightedRatio(edits, tokens, weights)] };
}

/** The words of a text: what white space separates. */
export const words = (text: string): string[] => text.split(/\s+/u).filter((word) => word !== '');
