import { usageError } from '../core/errors.ts';
import type { DrawRule } from '../graph/ops/draw-rules.ts';
import { selectByWeight } from './weighted-selection.ts';

/**
 * Changes the distribution that the next token is drawn from, in place: log-probabilities on arrival up to a
 * constant, −Infinity for what is left out. At least one token always stays.
 */
export interface Reshape {
  (logs: Float64Array): void;
  /** What it does as data, where a loop in the graph can do it, too. */
  readonly rule?: DrawRule;
}

const reshape = (kind: DrawRule['kind'], value: number, change: (logs: Float64Array) => void): Reshape =>
  Object.assign(change, { rule: { kind, value } });

/**
 * Divides the log-probabilities by `t`: below 1 the likely becomes likelier, above 1 all become more alike.
 * @example temperature(0.8)
 */
export function temperature(t: number): Reshape {
  if (!(t > 0 && t < Number.POSITIVE_INFINITY))
    throw usageError(`temperature(${t}): expected a number above 0; use greedy for the limit at 0.`);
  return reshape('temperature', t, (logs) => {
    for (let i = 0; i < logs.length; i++) logs[i]! /= t;
  });
}

/**
 * Only the `k` most probable tokens (Fan et al. 2018); all those that equal the last of them stay too.
 * @example topK(40)
 */
export function topK(k: number): Reshape {
  if (!Number.isInteger(k) || k < 1) throw usageError(`topK(${k}): expected a whole number from 1.`);
  return reshape('topK', k, (logs) => {
    if (k >= logs.length) return;
    const { key } = selectByWeight(information(logs), new Uint8Array(logs.length).fill(1), k);
    keepFrom(logs, -key);
  });
}

/**
 * Only the nucleus, the fewest most probable tokens with a total probability of at least `p` (Holtzman et al.
 * 2020); of equals at its edge, the first.
 * @example nucleus(0.9)
 */
export function nucleus(p: number): Reshape {
  checkShare('nucleus', p);
  return reshape('nucleus', p, (logs) => {
    if (p === 1) return;
    const { largest, weights, total } = summary(logs);
    const { key, before } = selectByWeight(information(logs), weights, p * total);
    if (key === Number.POSITIVE_INFINITY) return;
    const weight = Math.exp(-key - largest);
    let equals = 1;
    while (before + equals * weight < p * total) equals++;
    keepFrom(logs, -key, equals);
  });
}

/**
 * Only tokens whose information is nearest to the entropy of the distribution, the fewest with a total
 * probability of at least `mass` (locally typical sampling, Meister et al. 2022); those that equal the last stay too.
 * @example typical(0.95)
 */
export function typical(mass: number): Reshape {
  checkShare('typical', mass);
  return reshape('typical', mass, (logs) => {
    if (mass === 1) return;
    const { largest, weights, total } = summary(logs);
    const shift = largest + Math.log(total);
    let entropy = 0;
    for (let i = 0; i < logs.length; i++)
      if (weights[i]! > 0) entropy -= (weights[i]! / total) * (logs[i]! - shift);
    const distance = logs.map((log) => Math.abs(shift - log - entropy));
    const { key } = selectByWeight(distance, weights, mass * total);
    for (let i = 0; i < logs.length; i++) if (distance[i]! > key) logs[i] = Number.NEGATIVE_INFINITY;
  });
}

/** What each token tells, −ln P up to a constant; infinite for one that is left out. */
const information = (logs: Float64Array) => logs.map((log) => -log);

/**
 * Only tokens with at least `p` times the probability of the most probable one (Nguyen et al. 2024).
 * @example minP(0.05)
 */
export function minP(p: number): Reshape {
  checkShare('minP', p);
  return reshape('minP', p, (logs) => keepFrom(logs, summary(logs).largest + Math.log(p)));
}

function checkShare(name: string, p: number): void {
  if (!(p > 0 && p <= 1)) throw usageError(`${name}(${p}): expected a share above 0, at most 1.`);
}

/** The largest value, exp(log − largest) of each, and the sum of these. */
function summary(logs: Float64Array): { largest: number; weights: Float64Array; total: number } {
  let largest = Number.NEGATIVE_INFINITY;
  for (const log of logs) if (log > largest) largest = log;
  const weights = new Float64Array(logs.length);
  let total = 0;
  for (let i = 0; i < logs.length; i++)
    if (logs[i] !== Number.NEGATIVE_INFINITY) total += weights[i] = Math.exp(logs[i]! - largest);
  return { largest, weights, total };
}

/** Leaves out what is below `least`, and what equals it beyond the first `equals`. */
function keepFrom(logs: Float64Array, least: number, equals = Number.POSITIVE_INFINITY): void {
  for (let i = 0; i < logs.length; i++)
    if (!(logs[i]! > least) && !(logs[i] === least && equals-- > 0)) logs[i] = Number.NEGATIVE_INFINITY;
}

/** A token by its probability, and the logarithm of that; `uniform` in [0, 1) decides. */
export function draw(logs: Float64Array, uniform: number): { token: number; logProbability: number } {
  const { largest, weights, total } = summary(logs);
  let sum = 0;
  let token = -1;
  for (let i = 0; i < logs.length; i++) {
    if (weights[i] === 0) continue;
    token = i;
    sum += weights[i]!;
    if (uniform * total < sum) break;
  }
  return { token, logProbability: logs[token]! - largest - Math.log(total) };
}
