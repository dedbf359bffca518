import { failure } from '../../core/errors.ts';
import type { BackwardRecursion } from './backward-recursion.ts';
import { type Compiled, compiled } from './compiled.ts';
import { forwardPass, impossibleError, type Likelihood } from './forward.ts';
import { type Block, beginForward, forwardBlock, logSumValue, newBlock } from './forward-block.ts';
import { type Constraint, constrain, constraintOf, type Labels } from './labels.ts';
import type { Hmm } from './model.ts';
import { plainForward } from './plain.ts';
import { gather } from './product.ts';
import { spread } from './recursion.ts';

/** What is known about a stretch of positions once the backward pass has been through it. */
export interface Stretch {
  readonly from: number;
  readonly length: number;
  /** Posterior probabilities [length, states] in compiled order; of a silent state: expected visits after the position. */
  readonly gamma: Float64Array;
  /** α(s) / z, row r + 1 for the r-th position: what the expected number of a transition s → u has for s … */
  readonly alpha: Float64Array;
  /** … and for u [length, states], so that it is alpha·P(s → u)·onward, summed over positions. */
  readonly onward: Float64Array;
  /** That sum for all pairs [states, states] without P, where it was asked for and made on the way; `alpha` and `onward` are not kept then. */
  readonly pairs: Float64Array | null;
}

export interface BackwardVisitor {
  /** Whether sums over pairs of states are wanted. */
  readonly pairs?: boolean;
  /** Stretches come last to first; their arrays are used again. */
  stretch(stretch: Stretch): void;
  /** Before the first position: the same quantities as one row each, and the scale of the start. */
  begin?(row: { alpha: Float64Array; onward: Float64Array; scale: number }): void;
}

export interface PassOptions {
  labels?: Labels;
  /** Positions kept at a time. By default all of a short sequence, and about √length of a long one. */
  stretch?: number;
}

/** Forward rows of about 2 MB are kept whole, which caches hold; above that, one in √length is (checkpoints). */
const wholeNumbers = 2 ** 18;

/** Positions between checkpoints for a sequence: memory 2·√length rows, at the price of a second forward pass. */
export const stretchFor = (length: number, states: number): number =>
  length * states <= wholeNumbers ? Math.max(1, length) : Math.ceil(Math.sqrt(length));

/**
 * Forward and Backward, in scaled arithmetic and √n memory (checkpoints: Grice, Hughey and Speck 1997).
 * Backward rows have a scale of their own, so that they never overflow; dividing by z = Σ α·β then makes
 * each row of posteriors sum to one exactly, whatever the scales. Throws a data error for a sequence of
 * probability zero.
 */
export function forwardBackward<O>(
  model: Hmm<O>,
  observations: O,
  visitor: BackwardVisitor,
  { labels, stretch, c = compiled(model) }: PassOptions & { c?: Compiled } = {},
): Likelihood {
  const n = c.states;
  const length = model.emissions.length(observations);
  const constraint = labels ? constraintOf(labels, c, length) : null;
  const step = stretch ?? stretchFor(length, n);
  const whole = step >= length;
  const block = newBlock(c, Math.min(step, length));
  const checkpoints = new Float64Array(Math.ceil(length / step) * n);
  const keep = (from: number) => checkpoints.set(block.alpha.subarray(0, n), (from / step) * n);
  if (length === 0) return visitEmpty(model, observations, c, block, visitor);
  const { done, sum, end } = forwardPass(model, c, observations, block, constraint, keep);
  if (done < length || !(end > 0)) throw zero(model, observations, c, constraint, length);
  const backward = backwardRows(c, Math.min(step, length), constraint, visitor.pairs);
  for (let from = (Math.ceil(length / step) - 1) * step; from >= 0; from -= step) {
    const count = Math.min(step, length - from);
    block.alpha.set(checkpoints.subarray((from / step) * n, (from / step + 1) * n));
    if (!whole) {
      model.emissions.fill(observations, from, from + count, block.emit);
      forwardBlock(c, block, from, count, { log: 0, product: 1 }, constraint);
    }
    backward.block(block, from, count, from + count === length);
    visitor.stretch({
      from,
      length: count,
      gamma: backward.gamma,
      alpha: block.alpha,
      onward: backward.onward,
      pairs: backward.pairs,
    });
  }
  if (visitor.begin) visitor.begin(backward.begin(block));
  return { logLikelihood: logSumValue(sum) + Math.log(end), impossibleAt: null };
}

function zero<O>(
  model: Hmm<O>,
  observations: O,
  c: Compiled,
  constraint: Constraint | null,
  length: number,
): Error {
  const { impossibleAt } = plainForward(model, observations, { c, constraint });
  if (impossibleAt !== null)
    return impossibleError(impossibleAt, length, constraint ? 'The labelled sequence' : undefined);
  return failure(
    'The posterior probabilities cannot be computed: the only paths that fit the whole sequence are, at some position, less likely than others there by more than a factor of 10^300. Look for outlying observations or for variances and rates that are far too small.',
  );
}

function visitEmpty<O>(
  model: Hmm<O>,
  observations: O,
  c: Compiled,
  block: Block,
  visitor: BackwardVisitor,
): Likelihood {
  const likelihood = plainForward(model, observations, { c });
  if (likelihood.impossibleAt !== null) throw impossibleError(0, 0);
  if (!model.end) return likelihood;
  beginForward(c, block.alpha);
  visitor.begin?.(backwardRows(c, 1, null).begin(block, true));
  return likelihood;
}

/** The backward recursion; between stretches it carries b·β of the position that comes after. */
function backwardRows(c: Compiled, step: number, constraint: Constraint | null, wantsPairs = false) {
  const { states: n, emitting, group, groups } = c;
  const fast = constraint ? null : ((wantsPairs ? c.dense?.backwardPairs : c.dense?.backward) ?? null);
  const pairs = fast && wantsPairs ? new Float64Array(n * n) : null;
  const gamma = new Float64Array(step * n);
  const onward = new Float64Array(step * n);
  const beta = new Float64Array(n);
  const after = new Float64Array(emitting);

  /** Row `at` of `rows` becomes b·β of the next position and, for silent states, β of this one. */
  const silent = (rows: Float64Array, at: number, last: boolean) => {
    for (let s = n - 1; s >= emitting; s--) {
      gather(c.out, s, s + 1, rows, at, rows, at);
      if (last) rows[at + s]! += c.end[s]!;
      beta[s] = rows[at + s]!;
    }
  };

  const block = ({ alpha, emit }: Block, from: number, length: number, endsHere: boolean) => {
    pairs?.fill(0);
    for (let r = length - 1; r >= 0; r--) {
      const last = endsHere && r === length - 1;
      // The very last position, which no position follows, adds nothing to the pairs.
      if (fast && !last)
        return fastBackward(c, fast, { alpha, emit }, { gamma, onward, after, pairs }, from, r + 1);
      const at = r * n;
      const row = at + n;
      if (last) onward.fill(0, at, at + emitting);
      else for (let s = 0; s < emitting; s++) onward[at + s] = after[s]!;
      if (emitting < n) silent(onward, at, last);
      if (c.dense) c.dense.out.apply(onward, at, beta, 0);
      else gather(c.out, 0, emitting, onward, at, beta, 0);
      if (last) for (let s = 0; s < emitting; s++) beta[s]! += c.end[s]!;
      let z = 0;
      let size = 0;
      for (let s = 0; s < emitting; s++) {
        z += alpha[row + s]! * beta[s]!;
        size += beta[s]!;
      }
      if (!(z > 1e-300)) throw zeroOverlap(from + r);
      const inverse = 1 / z;
      for (let s = 0; s < n; s++) {
        const a = alpha[row + s]! * inverse;
        alpha[row + s] = a;
        gamma[at + s] = a * beta[s]!;
      }
      const scale = 1 / size;
      const e = r * groups;
      if (c.untied) for (let s = 0; s < emitting; s++) after[s] = emit[e + s]! * beta[s]! * scale;
      else for (let s = 0; s < emitting; s++) after[s] = emit[e + group[s]!]! * beta[s]! * scale;
      if (constraint) constrain(constraint, from + r, after, 0, emitting);
    }
  };

  const begin = ({ alpha }: Block, last = false) => {
    const row = new Float64Array(n);
    row.set(after);
    silent(row, 0, last);
    let z = 0;
    for (let s = 0; s < n; s++) z += c.start[s]! * row[s]!;
    const first = alpha.slice(0, n).map((a) => a / z);
    return { alpha: first, onward: row, scale: 1 / z };
  };

  return { gamma, onward, pairs, block, begin };
}

/** Rows [0, length) of a block, many at a time from the last; `after` is handed on. */
function fastBackward(
  c: Compiled,
  fast: BackwardRecursion,
  { alpha, emit }: Block,
  {
    gamma,
    onward,
    after,
    pairs,
  }: Record<'gamma' | 'onward' | 'after', Float64Array> & { pairs: Float64Array | null },
  from: number,
  length: number,
): void {
  const { states: n } = c;
  for (let end = length; end > 0; ) {
    const count = Math.min(fast.most, end);
    const first = end - count;
    spread(emit, c, count, fast.emissions, fast.stride, first);
    copyRows(alpha, (first + 1) * n, n, fast.alpha, 0, fast.stride, count, n);
    fast.onward.set(after, count * fast.stride);
    fast.run(count, pairs);
    for (let i = 0; i < count; i++) if (!(fast.overlaps[i]! > 1e-300)) throw zeroOverlap(from + end - 1 - i);
    copyRows(fast.gamma, 0, fast.stride, gamma, first * n, n, count, n);
    after.set(fast.onward.subarray(0, n));
    if (!pairs) {
      copyRows(fast.alpha, 0, fast.stride, alpha, (first + 1) * n, n, count, n);
      copyRows(fast.onward, fast.stride, fast.stride, onward, first * n, n, count, n);
    }
    end = first;
  }
}

function copyRows(
  from: Float64Array,
  fromAt: number,
  fromStride: number,
  to: Float64Array,
  toAt: number,
  toStride: number,
  rows: number,
  columns: number,
): void {
  if (fromStride === columns && toStride === columns) {
    to.set(from.subarray(fromAt, fromAt + rows * columns), toAt);
    return;
  }
  for (let r = 0; r < rows; r++)
    for (let i = 0; i < columns; i++) to[toAt + r * toStride + i] = from[fromAt + r * fromStride + i]!;
}

function zeroOverlap(at: number): Error {
  return failure(
    `The posterior probabilities of position ${at + 1} cannot be computed: the paths that fit what comes before and those that fit what follows differ by more than a factor of 10^300. Look for outlying observations or for variances and rates that are far too small.`,
  );
}
