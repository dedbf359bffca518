import { B, C, E, J, N, type ProfilePass } from './forward.ts';
import type { LengthModel } from './search-profile.ts';

/** What the posterior says of every position of a sequence, [length + 1]; entry 0 is not used. */
export interface DomainPosterior {
  /** Expected number of domains begun at or before position i. */
  readonly begun: Float64Array;
  /** Expected number of domains ended at or before position i. */
  readonly ended: Float64Array;
  /** Probability that position i is within a domain. */
  readonly inside: Float64Array;
}

/** Decodes where domains are from the special states of a Forward and a Backward pass. */
export function domainPosterior(
  { specials: f, scales, length }: ProfilePass,
  { specials: b }: ProfilePass,
  { loop, move }: LengthModel,
): DomainPosterior {
  const total = f[5 * length + C]! * move;
  const begun = new Float64Array(length + 1);
  const ended = new Float64Array(length + 1);
  const inside = new Float64Array(length + 1);
  for (let i = 1; i <= length; i++) {
    const at = 5 * i;
    begun[i] = begun[i - 1]! + (f[at - 5 + B]! * b[at - 5 + B]!) / total;
    ended[i] = ended[i - 1]! + (f[at + E]! * b[at + E]!) / total;
    const outside = f[at - 5 + N]! * b[at + N]! + f[at - 5 + J]! * b[at + J]! + f[at - 5 + C]! * b[at + C]!;
    inside[i] = 1 - (outside * loop) / (total * scales[i]!);
  }
  return { begun, ended, inside };
}

/**
 * Posterior probabilities of every state at every position. Row-major [length + 1, 2, nodes + 1] of match and
 * insert states; `flank` is the probability that position i lies outside of domains.
 */
export interface StatePosterior {
  readonly nodes: number;
  readonly length: number;
  readonly states: Float32Array;
  readonly flankN: Float64Array;
  readonly flankJ: Float64Array;
  readonly flankC: Float64Array;
}

/** Decodes all states from Forward and Backward passes that kept their rows. */
export function statePosterior(
  forward: ProfilePass,
  backward: ProfilePass,
  { loop, move }: LengthModel,
  nodes: number,
): StatePosterior {
  const { specials: f, scales, length } = forward;
  const { specials: b } = backward;
  const width = nodes + 1;
  const states = new Float32Array((length + 1) * 2 * width);
  const total = f[5 * length + C]! * move;
  const flankN = new Float64Array(length + 1);
  const flankJ = new Float64Array(length + 1);
  const flankC = new Float64Array(length + 1);
  for (let i = 1; i <= length; i++) {
    const from = i * 3 * width;
    const to = i * 2 * width;
    for (let j = 0; j < 2 * width; j++)
      states[to + j] = (forward.rows![from + j]! * backward.rows![from + j]!) / total;
    const at = 5 * i;
    const factor = loop / (total * scales[i]!);
    flankN[i] = f[at - 5 + N]! * b[at + N]! * factor;
    flankJ[i] = f[at - 5 + J]! * b[at + J]! * factor;
    flankC[i] = f[at - 5 + C]! * b[at + C]! * factor;
  }
  return { nodes, length, states, flankN, flankJ, flankC };
}
