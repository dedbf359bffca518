import type { Dim } from '../../graph/dims.ts';
import { grad } from '../../graph/grad.ts';
import {
  add,
  cast,
  equal,
  exp,
  expandDims,
  full,
  gather,
  greater,
  iota,
  less,
  log,
  matmul,
  max,
  maximum,
  mul,
  oneHot,
  pad,
  reshape,
  scan,
  size,
  stopGradient,
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
  const [batch, time, tags] = emissions.shape as [Dim, Dim, number];
  const reach = tags < manyTags ? byPairs(transitions) : byProduct(transitions);
  const { carry } = scan(
    { carry: [full([batch, tags], 0)], inputs: [transpose(emissions, [1, 0, 2]), iota(time)] },
    ([before], [row, t]) => {
      const reached = reach(before!);
      const next = add(where(equal(t!, 0), start, reached), row!);
      return { carry: [lengths ? where(expandDims(less(t!, lengths), 1), next, before!) : next] };
    },
  );
  const total = logSumExp(add(carry[0]!, end), 1);
  return lengths ? where(greater(lengths, 0), total, 0) : total;
}

// Measured: from about so many tags on a product costs less than all pairs of tags.
const manyTags = 16;

/** log Σᵢ exp(beforeᵢ + transitionᵢⱼ), pair by pair: before[batch, tags] → [batch, tags]. */
const byPairs = (transitions: Value) => (before: Value) =>
  logSumExp(add(expandDims(before, 2), transitions), 1);

/**
 * The same as a matrix product of exponentials, each less its largest number. A way that is e¹²⁰ times less probable than the best one to any
 * tag of that place counts as so probable: single precision holds no more, and no posterior shows it.
 */
function byProduct(transitions: Value) {
  const top = stopGradient(max(transitions, 0));
  const factors = exp(sub(transitions, top));
  return (before: Value): Value => {
    const largest = stopGradient(max(before, 1, { keep: true }));
    const weights = exp(add(sub(before, largest), headroom));
    const total = log(maximum(matmul(weights, factors), Math.exp(-85)));
    return add(add(total, sub(largest, headroom)), top);
  };
}
// Uses the range of single precision on both sides of 1.
const headroom = 40;

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
