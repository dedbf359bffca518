import type { Dim } from '../../graph/dims.ts';
import { grad } from '../../graph/grad.ts';
import {
  add,
  cast,
  equal,
  expandDims,
  full,
  gather,
  greater,
  iota,
  less,
  mul,
  oneHot,
  pad,
  reshape,
  scan,
  size,
  sub,
  sum,
  transpose,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { weightedMean } from '../losses.ts';
import { mask } from '../mask.ts';
import type { CrfPotentials } from './crf-potentials.ts';
import { logSumExp } from './log-space.ts';

export interface CrfCall {
  /** int32 [batch]; without it every sequence is as long as the batch. */
  lengths?: Value | undefined;
}

/** log Σ exp(score) over all sequences of tags, by the forward recursion in log space: → [batch]; 0 for an empty sequence. */
export function crfLogPartition(
  { emissions, transitions, start, end }: CrfPotentials,
  { lengths }: CrfCall = {},
): Value {
  const [batch, time, tags] = emissions.shape as [Dim, Dim, Dim];
  const { carry } = scan(
    { carry: [full([batch, tags], 0)], inputs: [transpose(emissions, [1, 0, 2]), iota(time)] },
    ([before], [row, t]) => {
      const reached = logSumExp(add(expandDims(before!, 2), transitions), 1);
      const next = add(where(equal(t!, 0), start, reached), row!);
      return { carry: [lengths ? where(expandDims(less(t!, lengths), 1), next, before!) : next] };
    },
  );
  const total = logSumExp(add(carry[0]!, end), 1);
  return lengths ? where(greater(lengths, 0), total, 0) : total;
}

/** The score of given tags, int32 [batch, time]: → [batch]; 0 for an empty sequence. What stands in padding is not read. */
export function crfScore(
  { emissions, transitions, start, end }: CrfPotentials,
  tags: Value,
  { lengths }: CrfCall = {},
): Value {
  const [batch, time, count] = emissions.shape as [Dim, Dim, number];
  const ends = lengths ?? add(full([batch], 0, 'int32'), size(time, 'int32'));
  const real = mask(ends, time);
  const held = where(real, tags, 0);
  const first = equal(iota(time), 0);
  const last = equal(iota(time), expandDims(sub(ends, 1), 1));
  const steps = add(mul(pad(held, 1, 1, -1), count), held);
  const moves = gather(reshape(transitions, [count * count]), steps);
  const entering = where(first, gather(start, held), moves);
  const leaving = where(last, gather(end, held), 0);
  const emitted = sum(mul(emissions, oneHot(held, count)), 2);
  return sum(mul(add(add(entering, leaving), emitted), cast(real, 'float32')), 1);
}

export interface CrfLossCall extends CrfCall {
  /** One weight a sequence, [batch]. */
  sampleWeights?: Value | undefined;
}

/**
 * −log p(tags given the sequence) of a linear-chain CRF: potentials (of `crf`) and int32 tags[batch, time] → scalar, the mean over
 * sequences. Tags that the constraints forbid make a loss of thousands: a sign of labels that break their own rules.
 */
export const crfLoss = (
  potentials: CrfPotentials,
  tags: Value,
  { lengths, sampleWeights }: CrfLossCall = {},
): Value =>
  weightedMean(
    sub(crfLogPartition(potentials, { lengths }), crfScore(potentials, tags, { lengths })),
    sampleWeights,
  );

/** The probability of each tag in each place, [batch, time, tags]; 0 in padding. It is the gradient of the log partition function. */
export const crfMarginals = (potentials: CrfPotentials, call: CrfCall = {}): Value =>
  grad(sum(crfLogPartition(potentials, call)), [potentials.emissions])[0]!;
