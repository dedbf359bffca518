import { type Compiled, compiled } from './compiled.ts';
import { type Constraint, constrain } from './labels.ts';
import type { Hmm } from './model.ts';

const impossible = Number.NEGATIVE_INFINITY;

/** ln(e^a + e^b) without overflow. */
export function logAdd(a: number, b: number): number {
  if (a === impossible) return b;
  if (b === impossible) return a;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}

/**
 * The forward recursion in logarithms, position by position: slow, and immune to underflow. It decides where
 * the scaled recursion finds a probability of zero, and the tests compare the fast one with it.
 */
export function plainForward<O>(
  model: Hmm<O>,
  observations: O,
  { c = compiled(model), constraint = null }: { c?: Compiled; constraint?: Constraint | null } = {},
): { logLikelihood: number; impossibleAt: number | null } {
  const { states: n, emitting, into } = c;
  const length = model.emissions.length(observations);
  const emit = new Float64Array(c.groups);
  let before = new Float64Array(n).fill(impossible);
  let row = new Float64Array(n);
  const collect = (s: number, x: Float64Array) => {
    let sum = impossible;
    for (let e = into.from[s]!; e < into.from[s + 1]!; e++)
      sum = logAdd(sum, Math.log(into.weight[e]!) + x[into.state[e]!]!);
    return sum;
  };
  for (let s = emitting; s < n; s++) before[s] = logAdd(Math.log(c.start[s]!), collect(s, before));
  for (let t = 0; t < length; t++) {
    model.emissions.fill(observations, t, t + 1, emit);
    const possible = new Float64Array(n).fill(1);
    if (constraint) constrain(constraint, t, possible, 0, emitting);
    let any = false;
    for (let s = 0; s < emitting; s++) {
      const arrived = t === 0 ? logAdd(Math.log(c.start[s]!), collect(s, before)) : collect(s, before);
      const log = c.logarithmic ? emit[c.group[s]!]! : Math.log(emit[c.group[s]!]!);
      row[s] = possible[s] === 0 ? impossible : arrived + log;
      any ||= row[s]! > impossible;
    }
    if (!any) return { logLikelihood: impossible, impossibleAt: t };
    for (let s = emitting; s < n; s++) row[s] = collect(s, row);
    [before, row] = [row, before];
  }
  let total = impossible;
  for (let s = 0; s < n; s++) total = logAdd(total, before[s]! + Math.log(c.end[s]!));
  if (length === 0 && !model.end) total = 0;
  return { logLikelihood: total, impossibleAt: total === impossible ? length : null };
}
