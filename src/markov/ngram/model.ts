import { usageError } from '../../core/errors.ts';
import { type NgramCounts, phaseAt } from './counts.ts';
import { keptContexts } from './prune.ts';
import { nodesOf, type Smoothing, smoothed } from './smoothing.ts';

/** Where in a sequence a token stands, as far as an n-gram model cares. */
export interface NgramContext {
  /** The tokens before, oldest first; only the last `order` of them matter. */
  previous: ArrayLike<number>;
  /** Whether `previous` is all there is, from the very beginning. */
  fromBegin?: boolean;
  /** Phase of the token to come. */
  phase?: number;
}

/** A smoothed n-gram (Markov) model: next-token probabilities for every context, seen or not. */
export interface NgramModel {
  readonly vocabulary: number;
  readonly order: number;
  readonly end: number | null;
  readonly period: number;
  /** Contexts in use, the empty one included (all phases). */
  readonly contexts: number;
  /** P(token | context) for all tokens: positive, of sum one. Writes into `out` [vocabulary]. */
  distribution(context: NgramContext, out?: Float64Array): Float64Array;
  /** P(token | context). */
  probability(context: NgramContext, token: number): number;
  /**
   * ln P(tokenᵢ | tokens before) for a whole sequence whose first token has phase `phase`; NaN never, and
   * 0 for tokens outside the vocabulary, which are passed over as in counting.
   */
  logs(sequence: ArrayLike<number>, options?: { phase?: number }): Float64Array;
}

/**
 * Smooths counts into a model. With `prune` (in nats) it becomes a variable-order model that keeps only
 * contexts which say that much more than the next shorter one.
 * @example ngramModel(counts, { smoothing: { kind: 'witten-bell' } }).distribution({ previous: [0, 1] })
 */
export function ngramModel(
  counts: NgramCounts,
  {
    smoothing = { kind: 'witten-bell' } as Smoothing,
    prune = 0,
  }: { smoothing?: Smoothing; prune?: number } = {},
): NgramModel {
  const { vocabulary, order, end, period, children, grams } = counts;
  if (!(prune >= 0)) throw usageError(`Pruning at ${prune}: expected nats from 0 (nothing is pruned).`);
  const { share, rest, direct } = smoothed(counts, smoothing);
  const kept = prune > 0 ? keptContexts(counts, prune) : new Uint8Array(nodesOf(counts)).fill(1);
  const path = new Int32Array(order + 1);
  /** Fills `path` with the known contexts from the empty one on; returns how many there are. */
  const descend = (tokens: ArrayLike<number>, at: number, fromBegin: boolean, phase: number): number => {
    path[0] = phase;
    let length = 1;
    while (length <= order) {
      const i = at - length;
      if (i < 0 && !fromBegin) break;
      const token = i < 0 ? vocabulary : tokens[i]!;
      const child = children.find(path[length - 1]!, token);
      if (child < 0 || !kept[period + child]) break;
      path[length++] = period + child;
      if (i < 0) break;
    }
    return length;
  };
  const first = (length: number) => (direct ? length - 1 : 0);
  const along = (length: number, token: number): number => {
    let p = 1 / vocabulary;
    for (let d = first(length); d < length; d++) {
      const gram = grams.find(path[d]!, token);
      p = (gram < 0 ? 0 : share[gram]!) + rest[path[d]!]! * p;
    }
    return p;
  };
  const followers = followersOf(counts);
  const enter = ({ previous, fromBegin = false, phase = 0 }: NgramContext) =>
    descend(previous, previous.length, fromBegin && counts.begin, phaseAt(phase, 0, period));
  return {
    vocabulary,
    order,
    end,
    period,
    contexts: kept.reduce((n, k) => n + k, 0),
    probability: (context, token) => along(enter(context), token),
    distribution(context, out = new Float64Array(vocabulary)) {
      const length = enter(context);
      out.fill(1 / vocabulary);
      for (let d = first(length); d < length; d++) {
        const node = path[d]!;
        for (let w = 0; w < vocabulary; w++) out[w]! *= rest[node]!;
        for (let i = followers.from[node]!; i < followers.from[node + 1]!; i++) {
          const gram = followers.gram[i]!;
          out[grams.second[gram]!]! += share[gram]!;
        }
      }
      return out;
    },
    logs(sequence, { phase = 0 } = {}) {
      const out = new Float64Array(sequence.length);
      for (let i = 0; i < out.length; i++) {
        const token = sequence[i]!;
        if (!(token >= 0 && token < vocabulary)) continue;
        out[i] = Math.log(along(descend(sequence, i, counts.begin, phaseAt(i, phase, period)), token));
      }
      return out;
    },
  };
}

/** Gram numbers grouped by node: those of node n stand at from[n] … from[n + 1] − 1. */
function followersOf(counts: NgramCounts): { from: Int32Array; gram: Int32Array } {
  const { grams } = counts;
  const from = new Int32Array(nodesOf(counts) + 1);
  for (let g = 0; g < grams.size; g++) from[grams.first[g]! + 1]!++;
  for (let n = 1; n < from.length; n++) from[n]! += from[n - 1]!;
  const gram = new Int32Array(grams.size);
  const at = from.slice();
  for (let g = 0; g < grams.size; g++) gram[at[grams.first[g]!]!++] = g;
  return { from, gram };
}
