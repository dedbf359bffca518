import { usageError } from '../../core/errors.ts';
import type { RandomStream } from '../../core/random.ts';
import { drawFrom } from '../draw.ts';
import { type Compiled, compiled } from './compiled.ts';
import { forwardPass, impossibleError } from './forward.ts';
import { stretchFor } from './forward-backward.ts';
import { forwardBlock, newBlock } from './forward-block.ts';
import type { Hmm } from './model.ts';
import { plainForward } from './plain.ts';
import { pathLogProbability, type StatePath, tracedPath } from './state-path.ts';

/**
 * Draws a sequence and its path from the model: at most `length` positions; a model that ends may end sooner.
 * The same stream state gives the same sample.
 */
export function sampleHmm<O>(
  model: Hmm<O>,
  stream: RandomStream,
  { length }: { length: number },
): { observations: O; states: Int32Array; silent: StatePath['silent'] } {
  if (!Number.isInteger(length) || length < 0)
    throw usageError(`A sample of length ${length}: expected a whole number from 0.`);
  const c = compiled(model);
  const flat: number[] = [];
  const states: number[] = [];
  const silent: { position: number; state: number }[] = [];
  let state = drawFrom(c.start, stream);
  for (;;) {
    if (state >= c.emitting) silent.push({ position: states.length, state: c.user[state]! });
    else {
      if (states.length === length) break;
      states.push(c.user[state]!);
      model.emissions.draw(c.group[state]!, stream, flat);
    }
    const next = drawNext(c, state, stream, model.end !== null);
    if (next < 0) break;
    state = next;
  }
  return { observations: model.emissions.observations(flat), states: Int32Array.from(states), silent };
}

/** The next state, or −1 for the end. */
function drawNext({ out, end }: Compiled, state: number, stream: RandomStream, ends: boolean): number {
  const [from, stop] = [out.from[state]!, out.from[state + 1]!];
  const weights = new Float64Array(stop - from + 1);
  weights.set(out.weight.subarray(from, stop));
  weights[stop - from] = ends ? end[state]! : 0;
  const drawn = drawFrom(weights, stream);
  return drawn < 0 || drawn === stop - from ? -1 : out.state[from + drawn]!;
}

/**
 * Stochastic traceback: a path drawn from P(path | observations), in √n memory (checkpoints). Each call draws
 * another; averaged over many, they tell of the uncertainty of whole segments, which posteriors of single
 * positions do not. Throws a data error for a sequence of probability zero.
 */
export function samplePath<O>(
  model: Hmm<O>,
  observations: O,
  stream: RandomStream,
  { stretch }: { stretch?: number } = {},
): StatePath {
  const c = compiled(model);
  const n = c.states;
  const length = model.emissions.length(observations);
  const step = stretch ?? stretchFor(length, n);
  const block = newBlock(c, Math.min(step, length));
  const checkpoints = new Float64Array(Math.ceil(length / step) * n);
  const { done, end } = forwardPass(model, c, observations, block, null, (from) =>
    checkpoints.set(block.alpha.subarray(0, n), (from / step) * n),
  );
  if (done < length || (!(end > 0) && (length > 0 || model.end)))
    throw impossibleError(plainForward(model, observations, { c }).impossibleAt ?? done, length);
  const last = new Float64Array(n);
  for (let s = 0; s < n; s++) last[s] = block.alpha[s]! * c.end[s]!;
  const trace = tracedPath(c, length, length === 0 && !model.end ? -1 : drawFrom(last, stream));
  const { begin, earlier } = predecessors(c, stream);
  for (let from = (Math.ceil(length / step) - 1) * step; from >= 0; from -= step) {
    const count = Math.min(step, length - from);
    block.alpha.set(checkpoints.subarray((from / step) * n, (from / step + 1) * n));
    model.emissions.fill(observations, from, from + count, block.emit);
    forwardBlock(c, block, from, count, { log: 0, product: 1 }, null);
    trace.back(from, count, (row, s) => earlier(block.alpha, row, s, from + row === 0));
  }
  const path = trace.finish(0, (s) => begin(block.alpha, s));
  return { ...path, logProbability: pathLogProbability(model, observations, path) };
}

/** Draws the state before one, in proportion to α(before)·P(before → state), the start being state n. */
function predecessors({ states: n, emitting, into, start }: Compiled, stream: RandomStream) {
  const weights = new Float64Array(n + 1);
  const draw = (alpha: Float64Array, at: number, state: number, atStart: boolean): number => {
    const [from, stop] = [into.from[state]!, into.from[state + 1]!];
    for (let e = from; e < stop; e++) weights[e - from] = into.weight[e]! * alpha[at + into.state[e]!]!;
    weights[stop - from] = atStart ? start[state]! : 0;
    const drawn = drawFrom(weights, stream, 0, stop - from + 1);
    return drawn < 0 || drawn === stop - from ? n : into.state[from + drawn]!;
  };
  return {
    begin: (alpha: Float64Array, state: number) => draw(alpha, 0, state, true),
    /** Of an emitting state at `row` the state is of the row before; of a silent one, of the same row. */
    earlier: (alpha: Float64Array, row: number, state: number, first: boolean) =>
      state < emitting ? draw(alpha, row * n, state, first) : draw(alpha, (row + 1) * n, state, false),
  };
}
