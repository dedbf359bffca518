import type { Compiled } from './compiled.ts';
import { type Constraint, constrain } from './labels.ts';
import { gather } from './product.ts';
import { type Recursion, spread } from './recursion.ts';

/** Sum of logarithms of many factors: the product is kept while it is in range, so that few logs are taken. */
export interface LogSum {
  log: number;
  product: number;
}

export const logSumValue = ({ log, product }: LogSum): number => log + Math.log(product);

/** Room for a stretch of positions; row r + 1 belongs to the stretch's r-th position, row 0 to the one before. */
export interface Block {
  /** Scaled forward vectors [length + 1, states]: the emitting states of a row sum to one. */
  readonly alpha: Float64Array;
  /** Emissions [length, groups]: p or ln p as filled in, scaled p after the forward pass. */
  readonly emit: Float64Array;
}

export const newBlock = ({ states, groups }: Compiled, length: number): Block => ({
  alpha: new Float64Array((length + 1) * states),
  emit: new Float64Array(length * groups),
});

/** Row 0 of a block before the first position: the silent states that are reached before any emission. */
export function beginForward(c: Compiled, alpha: Float64Array): void {
  alpha.fill(0, 0, c.emitting);
  for (let s = c.emitting; s < c.states; s++) {
    gather(c.into, s, s + 1, alpha, 0, alpha, 0);
    alpha[s]! += c.start[s]!;
  }
}

/**
 * The scaled forward recursion (Rabiner 1989, with silent states as in Durbin et al. 1998, section 3.4) over
 * positions [from, from + length), from row 0 of `block.alpha`. Logarithmic emissions are scaled by the
 * largest of any state that can be reached, so that the most likely of those is never lost to underflow.
 * Returns how many positions were done: fewer than `length` if the next one has probability zero.
 */
export function forwardBlock(
  c: Compiled,
  block: Block,
  from: number,
  length: number,
  sum: LogSum,
  constraint: Constraint | null,
): number {
  const { states: n, emitting, groups, start } = c;
  const { alpha, emit } = block;
  const fast = constraint || c.logarithmic ? null : (c.dense?.forward ?? null);
  for (let r = 0; r < length; r++) {
    if (fast && from + r > 0) return fastForward(c, fast, block, r, length, sum);
    const before = r * n;
    const row = before + n;
    const at = r * groups;
    if (c.dense) c.dense.into.apply(alpha, before, alpha, row);
    else gather(c.into, 0, emitting, alpha, before, alpha, row);
    if (from + r === 0) for (let s = 0; s < emitting; s++) alpha[row + s]! += start[s]!;
    if (constraint) constrain(constraint, from + r, alpha, row, emitting);
    if (c.logarithmic) sum.log += scaleEmissions(c, alpha, row, emit, at);
    const total = emitted(c, alpha, row, emit, at);
    // Also false for the NaN of an impossible position with densities.
    if (!(total > 0)) return r;
    multiply(sum, total);
    const scale = 1 / total;
    for (let s = row; s < row + emitting; s++) alpha[s]! *= scale;
    for (let s = emitting; s < n; s++) gather(c.into, s, s + 1, alpha, row, alpha, row);
  }
  return length;
}

/** Emissions may be as small as 10^−300 and as large as densities get, so that the product is looked at each time. */
export function multiply(sum: LogSum, factor: number): void {
  if (factor < 1e-100) sum.log += Math.log(factor);
  else sum.product *= factor;
  if (sum.product < 1e-200 || sum.product > 1e200) {
    sum.log += Math.log(sum.product);
    sum.product = 1;
  }
}

/** From row r on, many positions at a time; returns how many of `length` are done. */
function fastForward(
  c: Compiled,
  fast: Recursion,
  { alpha, emit }: Block,
  r: number,
  length: number,
  sum: LogSum,
): number {
  for (let at = r; at < length; at += fast.most) {
    const count = Math.min(fast.most, length - at);
    spread(emit, c, count, fast.emissions, fast.stride, at);
    fast.run(alpha, at * c.states, count);
    for (let i = 0; i < count; i++) {
      const total = fast.totals[i]!;
      if (!(total > 0)) return at + i;
      multiply(sum, total);
    }
  }
  return length;
}

/** Multiplies by the emissions and returns the sum. */
function emitted(
  { untied, emitting, group }: Compiled,
  alpha: Float64Array,
  row: number,
  emit: Float64Array,
  at: number,
) {
  let total = 0;
  if (untied) {
    for (let s = 0; s < emitting; s++) {
      const p = alpha[row + s]! * emit[at + s]!;
      alpha[row + s] = p;
      total += p;
    }
    return total;
  }
  for (let s = 0; s < emitting; s++) {
    const p = alpha[row + s]! * emit[at + group[s]!]!;
    alpha[row + s] = p;
    total += p;
  }
  return total;
}

/** ln p → p / (largest of a reachable state), in place; larger ones, which no path reaches, become 0. Returns ln of the largest. */
function scaleEmissions(
  { group, groups, emitting }: Compiled,
  alpha: Float64Array,
  row: number,
  emit: Float64Array,
  at: number,
) {
  let most = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < emitting; s++) {
    const log = emit[at + group[s]!]!;
    if (log > most && alpha[row + s]! > 0) most = log;
  }
  for (let g = at; g < at + groups; g++) {
    const log = emit[g]!;
    emit[g] = log <= most && most > Number.NEGATIVE_INFINITY ? Math.exp(log - most) : 0;
  }
  return most === Number.NEGATIVE_INFINITY ? 0 : most;
}
