import { usageError } from '../../core/errors.ts';
import { enlarged, type PairIndex, pairIndex } from './pair-index.ts';

/**
 * How often each token followed each context of up to `order` tokens.
 *
 * Contexts form a tree that is read backwards in time: the root is the empty context, its children are the
 * last token, theirs the token before that. So the contexts that a smoothed model backs off to are the
 * ancestors of the longest one. A periodic (inhomogeneous) chain has one such tree per phase: nodes
 * 0 … period − 1 are the roots. A node's parent always has the smaller number.
 */
export interface NgramCounts {
  readonly vocabulary: number;
  readonly order: number;
  readonly end: number | null;
  readonly begin: boolean;
  readonly period: number;
  /** (node, token) → child; node n of the tree is `period` + the number of its pair. */
  readonly children: PairIndex;
  /** (node, token) → gram: what followed what. */
  readonly grams: PairIndex;
  /** How often each gram was seen. */
  readonly count: () => Float64Array;
  /** Tokens counted (the ends included). */
  readonly counted: () => number;
  /** Tokens outside 0 … vocabulary − 1, which are passed over and which no context reaches across. */
  readonly unknown: () => number;
  /** Counts a sequence whose first token is in phase `phase`. */
  add(sequence: ArrayLike<number>, options?: { phase?: number }): void;
  /** Counts a token after the context of a node so many times more; for counts that were kept elsewhere (see `ngramTrees`). */
  addGram(node: number, token: number, times: number): void;
}

export interface NgramShape {
  /** How many tokens there are (the end included). */
  vocabulary: number;
  /** How many tokens back the model looks: 0 for independent tokens, 2 for trigrams. */
  order: number;
  /** The token that ends every sequence, added where a sequence lacks it; null for text without ends. */
  end?: number | null;
  /** Whether the beginning of a sequence is a context of its own. */
  begin?: boolean;
  /** Length of the cycle of an inhomogeneous chain: 3 for codon positions. */
  period?: number;
}

/**
 * Empty counts, to which sequences are added in any order. Throws a usage error for an impossible shape.
 * @example
 * const counts = ngramCounts({ vocabulary: 4, order: 2 });
 * counts.add(dna.encode('ACGTTTACGA'));
 */
export function ngramCounts({
  vocabulary,
  order,
  end = null,
  begin = end !== null,
  period = 1,
}: NgramShape): NgramCounts {
  checkShape({ vocabulary, order, end, period });
  const children = pairIndex();
  const grams = pairIndex();
  let count: Float64Array = new Float64Array(32);
  let counted = 0;
  let unknown = 0;
  const known = (token: number) => token >= 0 && token < vocabulary && Number.isInteger(token);
  const increment = (node: number, token: number, times = 1) => {
    const gram = grams.insert(node, token);
    if (gram >= count.length) count = enlarged(count);
    count[gram]! += times;
  };
  const addGram = (node: number, token: number, times: number) => {
    increment(node, token, times);
    if (node < period) counted += times;
  };
  const countAt = (sequence: ArrayLike<number>, at: number, token: number, phase: number) => {
    let node = phase;
    increment(node, token);
    for (let back = 1; back <= order; back++) {
      const previous = at - back < 0 ? (begin ? vocabulary : -1) : sequence[at - back]!;
      if (previous !== vocabulary && !known(previous)) return;
      node = period + children.insert(node, previous);
      increment(node, token);
      if (previous === vocabulary) return;
    }
  };
  const add = (sequence: ArrayLike<number>, { phase = 0 } = {}) => {
    const n = sequence.length;
    for (let i = 0; i < n; i++) {
      if (known(sequence[i]!)) {
        countAt(sequence, i, sequence[i]!, phaseAt(i, phase, period));
        counted++;
      } else unknown++;
    }
    if (end !== null && (n === 0 || sequence[n - 1] !== end)) {
      countAt(sequence, n, end, phaseAt(n, phase, period));
      counted++;
    }
  };
  return {
    vocabulary,
    order,
    end,
    begin,
    period,
    children,
    grams,
    count: () => count,
    counted: () => counted,
    unknown: () => unknown,
    add,
    addGram,
  };
}

/** The phase of the token at index `at` of a sequence whose first token has phase `first`. */
export const phaseAt = (at: number, first: number, period: number): number =>
  (((at + first) % period) + period) % period;

function checkShape({ vocabulary, order, end, period }: Required<Omit<NgramShape, 'begin'>>): void {
  const whole = (x: number, least: number) => Number.isInteger(x) && x >= least;
  if (!whole(vocabulary, 1))
    throw usageError(`A vocabulary of ${vocabulary}: expected a whole number from 1.`);
  if (!whole(order, 0))
    throw usageError(`Order ${order}: expected a whole number from 0 (tokens looked back).`);
  if (!whole(period, 1)) throw usageError(`Period ${period}: expected a whole number from 1.`);
  if (end !== null && !(whole(end, 0) && end < vocabulary))
    throw usageError(`End token ${end}: expected null or a token below the vocabulary's size ${vocabulary}.`);
}
