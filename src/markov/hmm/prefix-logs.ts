import { compiled } from './compiled.ts';
import { beginForward } from './forward-block.ts';
import type { Hmm } from './model.ts';
import { gather } from './product.ts';

/**
 * ln P(observationₜ | those before t) for every position: the factors that scale the forward vector. Densities where observations are
 * numbers. From an impossible position on all are −Infinity. `end` is ln P(the sequence ends after all of them), 0 for a model without end.
 * @example prefixLogs(model, dna.encode('ACGTTTACGA')).logs // a surprise stands out as a low number
 */
export function prefixLogs<O>(model: Hmm<O>, observations: O): { logs: Float64Array; end: number } {
  const c = compiled(model);
  const { emitting, states: n, group } = c;
  const length = model.emissions.length(observations);
  const logs = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
  const emit = new Float64Array(c.groups);
  let alpha = new Float64Array(n);
  let next = new Float64Array(n);
  beginForward(c, alpha);
  for (let t = 0; t < length; t++) {
    gather(c.into, 0, emitting, alpha, 0, next, 0);
    if (t === 0) for (let s = 0; s < emitting; s++) next[s]! += c.start[s]!;
    model.emissions.fillLogs(observations, t, t + 1, emit);
    let most = Number.NEGATIVE_INFINITY;
    for (let s = 0; s < emitting; s++) if (next[s]! > 0) most = Math.max(most, emit[group[s]!]!);
    if (most === Number.NEGATIVE_INFINITY) return { logs, end: most };
    let total = 0;
    for (let s = 0; s < emitting; s++)
      total += next[s]! = next[s]! > 0 ? next[s]! * Math.exp(emit[group[s]!]! - most) : 0;
    if (!(total > 0)) return { logs, end: Number.NEGATIVE_INFINITY };
    logs[t] = Math.log(total) + most;
    for (let s = 0; s < emitting; s++) next[s]! /= total;
    for (let s = emitting; s < n; s++) gather(c.into, s, s + 1, next, 0, next, 0);
    [alpha, next] = [next, alpha];
  }
  let end = 0;
  for (let s = 0; s < n; s++) end += alpha[s]! * c.end[s]!;
  return { logs, end: model.end ? Math.log(end) : 0 };
}
