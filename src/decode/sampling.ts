import { usageError } from '../core/errors.ts';

/**
 * Changes the distribution that the next token is drawn from, in place: log-probabilities on arrival up to a
 * constant, −Infinity for what is left out. At least one token always stays.
 */
export type Reshape = (logs: Float64Array) => void;

/**
 * Divides the log-probabilities by `t`: below 1 the likely becomes likelier, above 1 all become more alike.
 * @example temperature(0.8)
 */
export function temperature(t: number): Reshape {
  if (!(t > 0 && t < Number.POSITIVE_INFINITY))
    throw usageError(`temperature(${t}): expected a number above 0; use greedy for the limit at 0.`);
  return (logs) => {
    for (let i = 0; i < logs.length; i++) logs[i]! /= t;
  };
}

/**
 * Only the `k` most probable tokens (Fan et al. 2018); all those that equal the last of them stay too.
 * @example topK(40)
 */
export function topK(k: number): Reshape {
  if (!Number.isInteger(k) || k < 1) throw usageError(`topK(${k}): expected a whole number from 1.`);
  return (logs) => {
    if (k < logs.length) keepFrom(logs, logs.slice().sort()[logs.length - k]!);
  };
}

/**
 * Only the nucleus, the fewest most probable tokens with a total probability of at least `p` (Holtzman et al.
 * 2020); of equals at its edge, the first.
 * @example nucleus(0.9)
 */
export function nucleus(p: number): Reshape {
  checkShare('nucleus', p);
  return (logs) => {
    const { largest, total } = summary(logs);
    // Tokens below this share have a total of less than 1 − p: they cannot belong to the nucleus.
    const least = largest + Math.log(((1 - p) / logs.length) * total * (1 - 1e-9));
    const sorted = logs.filter((log) => log >= least && log !== Number.NEGATIVE_INFINITY).sort();
    let mass = 0;
    let at = sorted.length;
    while (at > 0 && mass < p * total) mass += Math.exp(sorted[--at]! - largest);
    let equals = 0;
    for (let i = at; i < sorted.length && sorted[i] === sorted[at]; i++) equals++;
    keepFrom(logs, sorted[at]!, equals);
  };
}

/**
 * Only tokens whose information is nearest to the entropy of the distribution, the fewest with a total
 * probability of at least `mass` (locally typical sampling, Meister et al. 2022); those that equal the last stay too.
 * @example typical(0.95)
 */
export function typical(mass: number): Reshape {
  checkShare('typical', mass);
  return (logs) => {
    const { largest, total } = summary(logs);
    const shift = largest + Math.log(total);
    let entropy = 0;
    for (const log of logs)
      if (log !== Number.NEGATIVE_INFINITY) entropy -= Math.exp(log - shift) * (log - shift);
    const distance = logs.map((log) => Math.abs(shift - log - entropy));
    const order = Int32Array.from(logs.keys())
      .filter((i) => logs[i] !== Number.NEGATIVE_INFINITY)
      .sort((a, b) => distance[a]! - distance[b]! || a - b);
    let sum = 0;
    let count = 0;
    while (count < order.length && sum < mass) sum += Math.exp(logs[order[count++]!]! - shift);
    const furthest = distance[order[count - 1]!]!;
    for (let i = 0; i < logs.length; i++) if (!(distance[i]! <= furthest)) logs[i] = Number.NEGATIVE_INFINITY;
  };
}

/**
 * Only tokens with at least `p` times the probability of the most probable one (Nguyen et al. 2024).
 * @example minP(0.05)
 */
export function minP(p: number): Reshape {
  checkShare('minP', p);
  return (logs) => keepFrom(logs, summary(logs).largest + Math.log(p));
}

function checkShare(name: string, p: number): void {
  if (!(p > 0 && p <= 1)) throw usageError(`${name}(${p}): expected a share above 0, at most 1.`);
}

/** The largest value, and the sum of exp(log − largest). */
function summary(logs: Float64Array): { largest: number; total: number } {
  let largest = Number.NEGATIVE_INFINITY;
  for (const log of logs) if (log > largest) largest = log;
  let total = 0;
  for (const log of logs) total += Math.exp(log - largest);
  return { largest, total };
}

/** Leaves out what is below `least`, and what equals it beyond the first `equals`. */
function keepFrom(logs: Float64Array, least: number, equals = Number.POSITIVE_INFINITY): void {
  for (let i = 0; i < logs.length; i++)
    if (!(logs[i]! > least) && !(logs[i] === least && equals-- > 0)) logs[i] = Number.NEGATIVE_INFINITY;
}

/** A token by its probability, and the logarithm of that; `uniform` in [0, 1) decides. */
export function draw(logs: Float64Array, uniform: number): { token: number; logProbability: number } {
  const { largest, total } = summary(logs);
  let left = uniform * total;
  let token = -1;
  for (let i = 0; i < logs.length; i++) {
    if (logs[i] === Number.NEGATIVE_INFINITY) continue;
    token = i;
    left -= Math.exp(logs[i]! - largest);
    if (left < 0) break;
  }
  return { token, logProbability: logs[token]! - largest - Math.log(total) };
}
