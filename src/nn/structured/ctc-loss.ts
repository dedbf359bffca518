import { type Dim, dimAdd, dimMul } from '../../graph/dims.ts';
import {
  add,
  and,
  cast,
  concat,
  div,
  equal,
  expandDims,
  full,
  gather,
  greater,
  iota,
  less,
  logSoftmax,
  maximum,
  mean,
  mul,
  neg,
  not,
  or,
  pad,
  reshape,
  scan,
  stopGradient,
  sub,
  transpose,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { weightedMean } from '../losses.ts';
import { logSumExp, logSumExpOf, logZero } from './log-space.ts';

export interface CtcCall {
  /** How much of each input is real, int32 [batch]; all of it by default. */
  lengths?: Value | undefined;
  /** How many labels each target has, int32 [batch]; may be 0. */
  targetLengths: Value;
  /** The class that stands for no label. */
  blank?: number;
  /** Counts a target that its input is too short for as 0 instead of a huge loss. */
  zeroImpossible?: boolean;
}

/**
 * −log p(labels) of connectionist temporal classification (Graves et al. 2006), the sum over all alignments by the forward recursion in
 * log space: logits[batch, time, classes] and int32 targets[batch, labels] (what stands beyond a target's length is not read) → [batch]. A
 * target that cannot be aligned because its input is too short (repeated labels need a blank between them) has a loss of about 10³⁰,
 * where PyTorch has ∞, or 0 with `zeroImpossible`; in either case no gradient.
 */
export function ctcLosses(
  logits: Value,
  targets: Value,
  { lengths, targetLengths, blank = 0, zeroImpossible = false }: CtcCall,
): Value {
  const [batch, time] = logits.shape as [Dim, Dim];
  const { extended, skips } = extendedLabels(targets, blank);
  const width = extended.shape[1]!;
  const scores = labelScores(logits, extended);
  // Before the first step all paths wait in the first blank; where none has come yet stands `logZero`.
  const waiting = where(equal(iota(width), 0), 0, logZero);
  const start = add(full([batch, width], 0), waiting);
  const later = (alpha: Value, by: number) => pad(alpha, 1, by, -by, logZero);
  const { carry } = scan({ carry: [start], inputs: [scores, iota(time)] }, ([alpha], [row, t]) => {
    const jumped = where(skips, later(alpha!, 2), logZero);
    const next = add(logSumExpOf([alpha!, later(alpha!, 1), jumped]), row!);
    return { carry: [lengths ? where(expandDims(less(t!, lengths), 1), next, alpha!) : next] };
  });
  const last = expandDims(mul(targetLengths, 2), 1);
  const ends = or(equal(iota(width), last), equal(iota(width), sub(last, 1)));
  const losses = neg(logSumExp(where(ends, carry[0]!, logZero), 1));
  const possible = less(losses, -logZero / 2);
  return where(possible, losses, zeroImpossible ? 0 : stopGradient(losses));
}

/** The mean over the batch of each loss divided by the number of its labels (at least 1), as PyTorch's `mean`. */
export function ctcLoss(
  logits: Value,
  targets: Value,
  { sampleWeights, ...call }: CtcCall & { sampleWeights?: Value | undefined },
): Value {
  const labels = cast(maximum(call.targetLengths, 1), 'float32');
  const each = div(ctcLosses(logits, targets, call), labels);
  return sampleWeights ? weightedMean(each, sampleWeights) : mean(each);
}

/**
 * Blanks before, between and after the labels, [batch, 2 · labels + 1], and where a path may jump over a blank: onto a label
 * that differs from the one before.
 */
function extendedLabels(targets: Value, blank: number): { extended: Value; skips: Value } {
  const [batch, labels] = targets.shape as [Dim, Dim];
  const blanks = full([batch, labels, 1], blank, 'int32');
  const pairs = concat([blanks, expandDims(targets, 2)], 2);
  const width = dimAdd(dimMul(labels, 2), 1);
  const extended = concat([reshape(pairs, [batch, dimMul(labels, 2)]), full([batch, 1], blank, 'int32')], 1);
  const repeats = equal(extended, pad(extended, 1, 2, -2));
  const room = greater(iota(width), 1);
  return { extended, skips: and(and(not(equal(extended, blank)), not(repeats)), room) };
}

/** The log-probability of each extended label at each step: → [time, batch, width]. */
function labelScores(logits: Value, extended: Value): Value {
  const [batch, time, classes] = logits.shape as [Dim, Dim, number];
  const byClass = transpose(logSoftmax(logits), [0, 2, 1]);
  const rows = reshape(byClass, [dimMul(batch, classes), time]);
  const known = maximum(0, where(less(extended, classes), extended, 0));
  const at = add(mul(expandDims(iota(batch), 1), classes), known);
  return transpose(gather(rows, at), [2, 0, 1]);
}
