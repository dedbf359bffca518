import * as g from '../../../graph/library.ts';
import type { Value } from '../../../graph/value.ts';
import { type MarksPiece, marksFeed } from '../../../models/marks/feed.ts';
import { marksInputs, marksNetwork } from '../../../models/marks/network.ts';
import type { Mark, MarksSpec } from '../../../models/marks/spec.ts';
import { binaryCrossEntropy, poisson } from '../../../nn/losses.ts';
import { bind } from '../../../nn/module.ts';
import type { HostTensor } from '../../../runtime/backend.ts';
import type { LossDefinition } from '../../step-program.ts';
import type { MarkedStretch, MarksData } from './data.ts';
import { column } from './definition.ts';

/** A window to learn from. */
export interface MarkedPiece extends MarksPiece {
  readonly stretch: MarkedStretch;
}

/** The loss of a mark where all that is known is its share (or mean), and where everything is. */
export interface LossRange {
  readonly nothing: number;
  readonly all: number;
}

/**
 * What knowing nothing and knowing everything cost, by mark: the loss of each is told as (loss − all) / (nothing − all), so that rare marks count as
 * much as common ones, and values as much as marks that are there or not. Of a mark that is there or not: the entropy of its
 * (weighted) share, and 0; of values y with mean 1: Poisson's 1, and the mean of y − y ln y.
 */
export const lossRanges = (train: MarksData, { marks }: Pick<MarksSpec, 'marks'>): LossRange[] =>
  marks.map((mark, m) => {
    if (mark.kind === 'binary') {
      const [there, not] = [mark.weight * mark.share, 1 - mark.share];
      const q = there / (there + not);
      return { nothing: -there * Math.log(q) - not * Math.log(1 - q), all: 0 };
    }
    let [sum, count] = [0, 0];
    for (const x of column(train, m)) {
      const y = x / mark.mean;
      sum += y === 0 ? 0 : y - y * Math.log(y);
      count++;
    }
    // Values that are all alike have nothing to be learned.
    return { nothing: 1, all: Math.min(sum / count, 1 - 1e-6) };
  });

/** The mean over marks of the share that is still to be learned; bins that are not known, context and padding count for nothing. */
export function marksLoss(spec: MarksSpec, ranges: readonly LossRange[]): LossDefinition {
  const inputs = marksInputs(spec);
  const width = spec.marks.length;
  const truth = g.input('truth', ['batch', 'bins', width]);
  const known = g.input('known', ['batch', 'bins', width]);
  return {
    inputs: { ...inputs, truth, known },
    loss(bound, context) {
      const logits = bind(marksNetwork(spec), bound, context)(inputs);
      const own = (x: Value, m: number) => g.slice(x, 2, m, m + 1);
      const losses = spec.marks.map((mark, m) => {
        const { nothing, all } = ranges[m]!;
        const loss = lossOf(mark, own(logits, m), own(truth, m), own(known, m));
        return g.mul(g.sub(loss, all), 1 / (nothing - all));
      });
      return g.mul(g.sumOf(losses), 1 / width);
    },
  };
}

function lossOf(mark: Mark, logits: Value, truth: Value, known: Value): Value {
  if (mark.kind === 'signal') return poisson(g.softplus(logits), truth, { sampleWeights: known });
  const positiveWeights = g.constant([mark.weight], [1]);
  return binaryCrossEntropy(logits, truth, { sampleWeights: known, positiveWeights });
}

/** The inputs that carry windows with their marks; values in units of their mean. */
export function markedFeed(spec: MarksSpec, pieces: readonly MarkedPiece[]): Record<string, HostTensor> {
  const feeds = marksFeed(spec, pieces);
  const [batch, bins] = feeds.tokens!.shape as [number, number];
  const width = spec.marks.length;
  const unit = spec.marks.map((mark) => (mark.kind === 'signal' ? mark.mean : 1));
  const tensor = () => ({
    dtype: 'float32' as const,
    shape: [batch, bins, width],
    data: new Float32Array(batch * bins * width),
  });
  const [truth, known] = [tensor(), tensor()];
  pieces.forEach(({ stretch, window: { start, end, from, to }, reverse }, b) => {
    for (let t = from; t < to; t++)
      for (let m = 0; m < width; m++) {
        const x = stretch.truth[t * width + m]!;
        if (Number.isNaN(x)) continue;
        const at = (b * bins + (reverse ? end - 1 - t : t - start)) * width + m;
        truth.data[at] = x / unit[m]!;
        known.data[at] = 1;
      }
  });
  return { ...feeds, truth, known };
}

/** Known bins of all marks in a window. */
export function knownIn({ stretch, window: { from, to } }: MarkedPiece, width: number): number {
  let count = 0;
  for (let i = from * width; i < to * width; i++) if (!Number.isNaN(stretch.truth[i]!)) count++;
  return count;
}

/** Keeps the logarithm of a probability in float32 finite. */
const least = 1e-7;

/** The loss of predictions, row-major [bins, marks] a stretch: what the step computes, but for weights, over all bins that are known. */
export function lossOfPredictions(
  { marks }: Pick<MarksSpec, 'marks'>,
  ranges: readonly LossRange[],
  stretches: readonly MarkedStretch[],
  predictions: readonly Float32Array[],
): number {
  const width = marks.length;
  const shares = marks.map((mark, m) => {
    let [sum, count] = [0, 0];
    stretches.forEach(({ truth }, s) => {
      for (let i = m; i < truth.length; i += width) {
        const y = truth[i]!;
        if (Number.isNaN(y)) continue;
        count++;
        sum += pointLoss(mark, y, predictions[s]![i]!);
      }
    });
    if (count === 0) return undefined;
    const { nothing, all } = mark.kind === 'binary' ? plainRange(mark.share) : ranges[m]!;
    return (sum / count - all) / (nothing - all);
  });
  const told = shares.filter((share) => share !== undefined);
  return told.reduce((a, b) => a + b, 0) / told.length;
}

const plainRange = (share: number): LossRange => ({
  nothing: -share * Math.log(share) - (1 - share) * Math.log(1 - share),
  all: 0,
});

function pointLoss(mark: Mark, y: number, prediction: number): number {
  if (mark.kind === 'signal') {
    const rate = Math.max(least, prediction / mark.mean);
    return rate - (y / mark.mean) * Math.log(rate);
  }
  const p = Math.min(1 - least, Math.max(least, prediction));
  return y === 1 ? -Math.log(p) : -Math.log(1 - p);
}
