import { dataError } from '../../core/errors.ts';
import { type Compiled, compiled } from './compiled.ts';
import {
  type Block,
  beginForward,
  forwardBlock,
  type LogSum,
  logSumValue,
  newBlock,
} from './forward-block.ts';
import { type Constraint, constraintOf, type Labels } from './labels.ts';
import type { Hmm } from './model.ts';
import { plainForward } from './plain.ts';
import { forwardWords } from './words/forward-words.ts';

/** ln P(observations), and where they became impossible if they did. */
export interface Likelihood {
  /** −Infinity for a sequence of probability zero; never NaN. */
  logLikelihood: number;
  /**
   * Index of the first position that no path of the model can emit; the sequence's length if all can be
   * emitted but no path may end there; null for a possible sequence.
   */
  impossibleAt: number | null;
}

/**
 * The Forward algorithm: ln of the sum over all state paths, in scaled arithmetic and memory that does not
 * grow with the sequence. With `labels` only the paths that agree with them are summed.
 *
 * A sequence of probability zero is an answer here, not an error: −Infinity with `impossibleAt`. Decoding and
 * training, which can do nothing with one, throw a data error that names the position. Where the scaled
 * recursion reaches zero, the logarithmic one decides, so that underflow is never taken for impossibility.
 * @example forward(model, dna.encode('ACGTTTACGA')).logLikelihood
 */
export function forward<O>(model: Hmm<O>, observations: O, { labels }: { labels?: Labels } = {}): Likelihood {
  const c = compiled(model);
  const length = model.emissions.length(observations);
  const constraint = labels ? constraintOf(labels, c, length) : null;
  if (length === 0) return plainForward(model, observations, { c });
  const quick = constraint ? null : forwardWords(model, c, observations);
  if (quick !== null) return { logLikelihood: quick, impossibleAt: null };
  const block = newBlock(c, Math.min(length, 256));
  const { done, sum, end } = forwardPass(model, c, observations, block, constraint);
  if (done === length && end > 0)
    return { logLikelihood: logSumValue(sum) + Math.log(end), impossibleAt: null };
  return plainForward(model, observations, { c, constraint });
}

/**
 * All positions through one block, whose length is the stretch between calls of `checkpoint`; that sees the
 * forward row before each stretch, at `block.alpha` [0, states). `end` is Σ α(s)·end(s) after the last position.
 */
export function forwardPass<O>(
  model: Hmm<O>,
  c: Compiled,
  observations: O,
  block: Block,
  constraint: Constraint | null,
  checkpoint: (from: number) => void = () => {},
): { done: number; sum: LogSum; end: number } {
  const n = c.states;
  const length = model.emissions.length(observations);
  const stretch = block.alpha.length / n - 1;
  const sum = { log: 0, product: 1 };
  beginForward(c, block.alpha);
  for (let from = 0; from < length; from += stretch) {
    checkpoint(from);
    const count = Math.min(stretch, length - from);
    model.emissions.fill(observations, from, from + count, block.emit);
    const done = forwardBlock(c, block, from, count, sum, constraint);
    if (done < count) return { done: from + done, sum, end: 0 };
    block.alpha.copyWithin(0, count * n, (count + 1) * n);
  }
  let end = 0;
  for (let s = 0; s < n; s++) end += block.alpha[s]! * c.end[s]!;
  return { done: length, sum, end };
}

/** The error of an algorithm that needs a possible sequence. Positions in messages count from 1. */
export function impossibleError(at: number, length: number, what = 'The sequence'): Error {
  const where =
    at >= length
      ? `no path of the model may end after its ${length} positions`
      : `no path of the model can emit position ${at + 1} of ${length} after what comes before it`;
  return dataError(
    `${what} has probability zero: ${where}. Allow it with a pseudo-count, a transition or an emission above zero, or leave the sequence out.`,
  );
}
