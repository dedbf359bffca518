import { keepAxes } from '../../graph/functions.ts';
import { add, exp, log, max, maximum, stopGradient, sub, sum, sumOf } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';

/** The logarithm of 0 in a log-space recursion: finite, so that no −∞ − (−∞) ever becomes a NaN. */
export const logZero = -1e30;

/** log Σ exp x over one axis, which is dropped. The maximum is taken out first, and no gradient needs to flow through it. */
export function logSumExp(x: Value, axis: number): Value {
  const at = axis < 0 ? axis + x.shape.length : axis;
  const top = stopGradient(max(x, at));
  return add(log(sum(exp(sub(x, keepAxes(top, x.shape, [at], false))), at)), top);
}

/** log Σ exp x over several values of one shape, place by place. */
export function logSumExpOf(values: readonly Value[]): Value {
  const top = stopGradient(values.reduce((a, b) => maximum(a, b)));
  return add(log(sumOf(values.map((x) => exp(sub(x, top))))), top);
}
