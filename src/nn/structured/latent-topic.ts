import { add, exp, expandDims, log, matmul, maximum, mul, scan, sub } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { logSumExp } from './log-space.ts';

/** What is known of a topic that nobody sees. */
export interface TopicEvidence {
  /** ln P of each topic before anything is read, [batch, topics]. */
  readonly initial: Value;
  /** ln P of what is read at each place under each topic, [time, batch, topics]; only differences between topics count. */
  readonly evidence: Value;
  /** How likely the topic may change after each place, [time, batch, 1], and into which one, rows that sum to one [topics, topics]. */
  readonly change?: { readonly gates: Value; readonly transitions: Value } | undefined;
}

/** Keeps the logarithm of a topic that a change makes impossible finite. */
const least = 1e-30;

/**
 * ln P of each topic once each place is read, [time, batch, topics], and after the last, [batch, topics]: the Forward recursion in log space
 * (Rabiner 1989), normalised at every step. Without `change` there is one topic for all; with it, after place t the topic stays with
 * probability 1 − gate and is else drawn anew from its row of transitions.
 *
 * Mixed with what each topic foretells, Σ P(topic | read so far) · P(next | topic), it gives the exact marginal of a sequence by the chain rule:
 * the same as the sum over all topics, or over all ways through them, of what they give to the whole.
 */
export function topicForward({ initial, evidence, change }: TopicEvidence): {
  posterior: Value;
  final: Value;
} {
  const inputs = change ? [evidence, change.gates] : [evidence];
  const loop = scan({ carry: [initial], inputs }, ([before], [seen, gate]) => {
    const joint = add(before!, seen!);
    const known = sub(joint, expandDims(logSumExp(joint, 1), 1));
    if (!change) return { carry: [known], outputs: [known] };
    const stays = exp(known);
    const moved = add(stays, mul(gate!, sub(matmul(stays, change.transitions), stays)));
    const after = log(maximum(moved, least));
    return { carry: [after], outputs: [after] };
  });
  return { posterior: loop.outputs[0]!, final: loop.carry[0]! };
}
