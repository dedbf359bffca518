import { compiled } from './compiled.ts';
import { impossibleError } from './forward.ts';
import type { PassOptions } from './forward-backward.ts';
import { constraintOf } from './labels.ts';
import type { Hmm } from './model.ts';
import { onlineViterbi } from './online-viterbi.ts';
import { plainForward } from './plain.ts';
import { type StatePath, tracedPath } from './state-path.ts';
import { bestEnd, viterbiRows, waysInto } from './viterbi-rows.ts';
import { viterbiWords } from './words/viterbi-words.ts';

const impossible = Number.NEGATIVE_INFINITY;

/** Rows of at most about 8 MB are kept whole. */
const wholeNumbers = 2 ** 20;

/**
 * The Viterbi algorithm: the single most likely state path. Only the scores δ of the best ways into the states
 * are kept, no back pointers: on the way back, the step before is looked for again for the one state on
 * the path, which is less work than remembering it for all. Long sequences over a small alphabet are gone
 * through by whole words (`viterbiWords`). Others take a window of memory where the best paths soon meet
 * (`onlineViterbi`), else √n: δ is kept at checkpoints, and made again for one stretch after another. Of paths
 * that are equally likely to the last bit, the one through the state of lower number is taken. With `labels`, the
 * best path that agrees with them.
 * Throws a data error for a sequence of probability zero.
 * @example viterbi(model, dna.encode('ACGTTTACGA')).states // Int32Array [1, 1, 1, 0, 0, 0, …]
 */
export function viterbi<O>(model: Hmm<O>, observations: O, { labels, stretch }: PassOptions = {}): StatePath {
  const c = compiled(model);
  const n = c.states;
  const length = model.emissions.length(observations);
  const constraint = labels ? constraintOf(labels, c, length) : null;
  if (!labels && stretch === undefined) {
    const path =
      viterbiWords(model, observations) ??
      (length * n > wholeNumbers ? onlineViterbi(model, observations) : null);
    if (path) return path;
  }
  const step = stretch ?? (length * n <= wholeNumbers ? Math.max(1, length) : Math.ceil(Math.sqrt(length)));
  const count = (from: number) => Math.min(step, length - from);
  const ways = waysInto(c);
  const rows = new Float64Array((count(0) + 1) * n);
  const checkpoints = new Float64Array(Math.ceil(length / step) * n);
  ways.begin(rows);
  for (let from = 0; from < length; from += step) {
    if (from > 0) rows.copyWithin(0, step * n, (step + 1) * n);
    checkpoints.set(rows.subarray(0, n), (from / step) * n);
    viterbiRows(model, c, observations, rows, from, count(from), { ways, constraint });
  }
  const final = length === 0 ? 0 : count(Math.floor((length - 1) / step) * step) * n;
  const { state, log } = bestEnd(rows, final, c, length === 0 && !model.end);
  if (log === impossible) {
    const { impossibleAt } = plainForward(model, observations, { c, constraint });
    throw impossibleError(impossibleAt ?? length, length, constraint ? 'The labelled sequence' : undefined);
  }
  const trace = tracedPath(c, length, state);
  for (let from = (Math.ceil(length / step) - 1) * step; from >= 0; from -= step) {
    if (step < length) {
      rows.set(checkpoints.subarray((from / step) * n, (from / step + 1) * n));
      viterbiRows(model, c, observations, rows, from, count(from), { ways, constraint });
    }
    trace.back(from, count(from), (row, s) =>
      s < c.emitting
        ? ways.best(s, rows, row * n, from + row === 0)
        : ways.best(s, rows, (row + 1) * n, false),
    );
  }
  return trace.finish(log, (s) => ways.best(s, rows, 0, true));
}
