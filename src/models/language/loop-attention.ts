import { type Dim, dimAdd } from '../../graph/dims.ts';
import { add, concat, equal, iota, matmul, reshape, softmax, split, where } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { Attend, AttentionCache } from '../../nn/attention/attend.ts';
import { scaledScores } from '../../nn/attention/full-attention.ts';
import { scoreBias } from '../../nn/attention/score-bias.ts';

/** Where a loop over tokens stands. */
export interface LoopPlace {
  /** Of each layer, what was read before the loop, [batch, heads, past, width]. It is not copied from step to step. */
  readonly past: readonly AttentionCache[];
  /** Of each layer, what the loop has read, [batch, heads, steps, width], filled up to this step. */
  readonly recent: readonly AttentionCache[];
  /** How many steps were taken, an int32 scalar. */
  readonly step: Value;
  /** Where the token lies: past + step. */
  readonly place: Value;
}

/** Attention for a network that reads one token a step inside a loop. */
export interface LoopAttention {
  /** What the network's layers attend with, in their order. */
  readonly attend: Attend;
  /** Runs the network at a place of the loop; → its result, and `recent` with what this token added. */
  at<T>(place: LoopPlace, run: () => T): { result: T; recent: AttentionCache[] };
}

/**
 * Scaled dot-product attention of one token to keys and values in two parts, before the loop and of the loop: as one full attention over both in
 * their order, but a step copies only the second part.
 */
export function loopAttention(): LoopAttention {
  let now: { place: LoopPlace; recent: AttentionCache[] } | undefined;
  return {
    attend({ query, key, value }, { slopes } = {}) {
      const { place, recent } = now!;
      const past = place.past[recent.length]!;
      const filled = fill(place.recent[recent.length]!, { key, value }, place.step);
      recent.push(filled);
      const sizes = [past.key.shape[2]!, filled.key.shape[2]!] as [Dim, Dim];
      const scores = concat([scaledScores(query, past.key), scaledScores(query, filled.key)], 3);
      const positions = reshape(place.place, [1]);
      const bias = scoreBias({ causal: true, slopes }, { positions, keys: dimAdd(...sizes) })!;
      const weights = softmax(add(scores, bias));
      const [before, since] = split(weights, 3, sizes) as [Value, Value];
      return { output: add(matmul(before, past.value), matmul(since, filled.value)), weights };
    },
    at(place, run) {
      now = { place, recent: [] };
      const result = run();
      return { result, recent: now.recent };
    },
  };
}

/** The buffers with a token's key and value in the place of its step. */
function fill(recent: AttentionCache, token: AttentionCache, step: Value): AttentionCache {
  const steps = recent.key.shape[2]!;
  const here = reshape(equal(iota(steps), step), [1, 1, steps, 1]);
  return { key: where(here, token.key, recent.key), value: where(here, token.value, recent.value) };
}
