import { keepAxes } from '../../graph/functions.ts';
import { add, exp, log, max, stopGradient, sub, sum } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';

/** The logarithm of 0 in a log-space recursion: finite, so that no −∞ − (−∞) ever becomes a NaN. */
export const logZero = -1e30;

/** log Σ exp x over one axis, which is dropped. The maximum is taken out first, and no gradient needs to flow through it. */
export function logSumExp(x: Value, axis: number): Value {
  const at = axis < 0 ? axis + x.shape.length : axis;
  const top = stopGradient(max(x, at));
  return add(log(sum(exp(sub(x, keepAxes(top, x.shape, [at], false))), at)), top);
}
