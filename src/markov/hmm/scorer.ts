import { usageError } from '../../core/errors.ts';
import type { Scorer } from '../../core/scorer.ts';
import { type Compiled, compiled } from './compiled.ts';
import type { Categorical } from './emissions/categorical.ts';
import { beginForward } from './forward-block.ts';
import type { Hmm } from './model.ts';
import { prefixLogs } from './prefix-logs.ts';
import { gather } from './product.ts';

/** A prefix as an HMM sees it. */
export interface HmmPrefix {
  /** P(state | prefix), scaled (compiled order); null once the prefix is impossible or has ended. */
  readonly alpha: Float64Array | null;
  readonly length: number;
  /** The last tokens, as many as the emissions depend on. */
  readonly previous: readonly number[];
}

/**
 * An HMM of categorical emissions as a `Scorer`: the predictive distribution of the forward vector,
 * P(token | prefix) = Σ P(state | prefix)·P(state → next)·P(token | next). A model with end has one token
 * more than its emissions, the last, which stands for the end.
 */
export function hmmScorer(model: Hmm<ArrayLike<number>>): Scorer<HmmPrefix> {
  const emissions = model.emissions as Categorical;
  if (emissions.kind !== 'categorical')
    throw usageError('Only an HMM of categorical emissions foretells tokens; this one emits numbers.');
  const c = compiled(model);
  const { vocabulary: tokens, order } = emissions;
  const vocabulary = tokens + (model.end ? 1 : 0);
  const emit = new Float64Array(c.groups);
  const first = new Float64Array(c.states);
  beginForward(c, first);

  /** P(next state that emits | prefix), not yet scaled for the emission. */
  const arrivals = ({ alpha, length }: HmmPrefix, out: Float64Array): void => {
    gather(c.into, 0, c.emitting, alpha!, 0, out, 0);
    if (length === 0) for (let s = 0; s < c.emitting; s++) out[s]! += c.start[s]!;
  };
  const emissionOf = ({ previous, length }: HmmPrefix, token: number): void => {
    // Only the phase and the last tokens matter, so that a short stand-in for the whole prefix will do.
    const at = standIn(length, order, emissions.period);
    const prefix = new Int32Array(at + 1).fill(-1);
    previous.forEach((w, i) => {
      prefix[at - previous.length + i] = w;
    });
    prefix[at] = token;
    emissions.fill(prefix, at, at + 1, emit);
  };

  return {
    vocabulary,
    end: model.end ? tokens : null,
    start: () => ({ alpha: first, length: 0, previous: [] }),
    async next(states) {
      const out = new Float64Array(states.length * vocabulary).fill(Number.NEGATIVE_INFINITY);
      const arrival = new Float64Array(c.states);
      states.forEach((state, i) => {
        if (!state.alpha) return;
        arrivals(state, arrival);
        for (let w = 0; w < tokens; w++) {
          emissionOf(state, w);
          let p = 0;
          for (let s = 0; s < c.emitting; s++) p += arrival[s]! * emit[c.group[s]!]!;
          out[i * vocabulary + w] = Math.log(p);
        }
        if (model.end) out[i * vocabulary + tokens] = Math.log(ending(c, state.alpha));
      });
      return out;
    },
    advance(state, token) {
      if (!(Number.isInteger(token) && token >= 0 && token < vocabulary))
        throw usageError(`Token ${token} is outside the vocabulary of ${vocabulary}.`);
      const length = state.length + 1;
      const previous = order === 0 ? [] : [...state.previous, token].slice(-order);
      if (!state.alpha || token === tokens) return { alpha: null, length, previous };
      const alpha = new Float64Array(c.states);
      arrivals(state, alpha);
      emissionOf(state, token);
      return { alpha: emitted(c, alpha, emit) > 0 ? alpha : null, length, previous };
    },
    async tokens(sequence) {
      const last = model.end ? Array.prototype.indexOf.call(sequence, tokens) : -1;
      if (last < 0) return prefixLogs(model, sequence).logs;
      const { logs, end } = prefixLogs(model, Array.prototype.slice.call(sequence, 0, last));
      const all = new Float64Array(sequence.length).fill(Number.NEGATIVE_INFINITY);
      all.set(logs);
      all[last] = end;
      return all;
    },
  };
}

/** Arrivals become the forward vector of the prefix with the token, scaled; returns what it was scaled by. */
function emitted(c: Compiled, alpha: Float64Array, emit: Float64Array): number {
  let total = 0;
  for (let s = 0; s < c.emitting; s++) total += alpha[s]! *= emit[c.group[s]!]!;
  if (!(total > 0)) return total;
  for (let s = 0; s < c.emitting; s++) alpha[s]! /= total;
  for (let s = c.emitting; s < c.states; s++) gather(c.into, s, s + 1, alpha, 0, alpha, 0);
  return total;
}

function ending({ states, end }: Compiled, alpha: Float64Array): number {
  let sum = 0;
  for (let s = 0; s < states; s++) sum += alpha[s]! * end[s]!;
  return sum;
}

/** A length of the same phase as `length`, and as long as the order where that is. */
function standIn(length: number, order: number, period: number): number {
  return length <= order + period ? length : order + ((length - order) % period);
}
