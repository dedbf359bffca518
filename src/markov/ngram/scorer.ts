import { usageError } from '../../core/errors.ts';
import type { Scorer } from '../../core/scorer.ts';
import type { NgramModel } from './model.ts';

/** The last tokens of a prefix, whether they are all of it, and the phase of what comes next. */
export interface NgramState {
  readonly previous: readonly number[];
  readonly fromBegin: boolean;
  readonly phase: number;
}

/**
 * An n-gram model as a `Scorer`; `phase` is that of the first token of every sequence. What follows the end
 * is impossible.
 */
export function ngramScorer(model: NgramModel, { phase = 0 } = {}): Scorer<NgramState> {
  const { vocabulary, end, order, period } = model;
  const ended = ({ previous }: NgramState) => end !== null && previous.at(-1) === end;
  // One token is kept even by a model of order 0, to tell whether the sequence has ended.
  const memory = Math.max(order, 1);
  return {
    vocabulary,
    end,
    start: () => ({ previous: [], fromBegin: true, phase }),
    async next(states) {
      const out = new Float64Array(states.length * vocabulary);
      states.forEach((state, i) => {
        const row = out.subarray(i * vocabulary, (i + 1) * vocabulary);
        if (ended(state)) row.fill(0);
        else model.distribution(state, row);
        for (let w = 0; w < vocabulary; w++) row[w] = Math.log(row[w]!);
      });
      return out;
    },
    advance(state, token) {
      if (!(Number.isInteger(token) && token >= 0 && token < vocabulary))
        throw usageError(`Token ${token} is outside the vocabulary of ${vocabulary}.`);
      const all = [...state.previous, token];
      const fromBegin = state.fromBegin && all.length <= memory;
      return { previous: all.slice(-memory), fromBegin, phase: (state.phase + 1) % period };
    },
    async tokens(tokens) {
      const logs = model.logs(tokens, { phase });
      const last = end === null ? -1 : Array.prototype.indexOf.call(tokens, end);
      return last < 0 ? logs : logs.fill(Number.NEGATIVE_INFINITY, last + 1);
    },
  };
}
