import { usageError } from '../../../core/errors.ts';
import { drawFrom } from '../../draw.ts';
import type { EmissionStatistics, Emissions } from './emissions.ts';

/** Which row of probabilities a position reads: its phase and the tokens before it. */
export interface CategoricalShape {
  vocabulary: number;
  /** How many tokens before the present one the emission depends on. */
  order?: number;
  /** Length of the cycle of emissions that depend on the position's phase, index mod period. */
  period?: number;
}

export interface Categorical extends Emissions<ArrayLike<number>> {
  readonly kind: 'categorical';
  readonly vocabulary: number;
  readonly order: number;
  readonly period: number;
  /** P(token | group, phase, context), [groups, period, (vocabulary + 1)^order, vocabulary]. */
  readonly probabilities: Float64Array;
  /** Contexts per phase: (vocabulary + 1)^order; the digit `vocabulary` stands for no (known) token. */
  readonly contexts: number;
  /** P(token | group) given phase and tokens before, read directly. */
  probability(group: number, token: number, previous?: ArrayLike<number>): number;
}

/**
 * Tokens 0 … vocabulary − 1, of probabilities that may depend on the `order` tokens before (higher order) and
 * on the phase of the position (inhomogeneous). Contexts are numbered in base vocabulary + 1, oldest token
 * first, with the digit `vocabulary` for what lies before the beginning or is unknown. Tokens outside the
 * vocabulary are unobserved: all states emit them with probability one.
 * Throws a usage error where a row does not sum to one (within 1e-6) or the length is wrong.
 * @example categorical([[0.4, 0.1, 0.1, 0.4], [0.1, 0.4, 0.4, 0.1]]) // AT-rich and GC-rich
 */
export function categorical(
  probabilities: readonly (readonly number[])[] | Float64Array,
  { vocabulary, order = 0, period = 1 }: Partial<CategoricalShape> = {},
): Categorical {
  const flat =
    probabilities instanceof Float64Array ? probabilities : Float64Array.from(probabilities.flat());
  const size = vocabulary ?? (probabilities instanceof Float64Array ? 0 : (probabilities[0]?.length ?? 0));
  const contexts = (size + 1) ** order;
  const groups = flat.length / (period * contexts * size);
  if (!(size >= 1 && groups >= 1 && Number.isInteger(groups)))
    throw usageError(
      `Categorical emissions of ${flat.length} probabilities; expected a multiple of period ${period} × ${contexts} contexts × vocabulary ${size}.`,
    );
  checkRows(flat, size);
  return family(flat, { groups, size, order, period, contexts });
}

interface Layout {
  groups: number;
  size: number;
  order: number;
  period: number;
  contexts: number;
}

function checkRows(flat: Float64Array, size: number): void {
  for (let at = 0; at < flat.length; at += size) {
    let sum = 0;
    for (let w = 0; w < size; w++) sum += flat[at + w]! >= 0 ? flat[at + w]! : Number.NaN;
    if (!(Math.abs(sum - 1) < 1e-6))
      throw usageError(
        `Row ${at / size} of categorical emissions is ${[...flat.subarray(at, at + size)].join(' ')}; expected probabilities of sum one.`,
      );
  }
}

function family(probabilities: Float64Array, layout: Layout): Categorical {
  const { groups, size, order, period, contexts } = layout;
  const rows = period * contexts;
  // By (row, token), all groups side by side, so that a position is one run of `groups` numbers.
  const byToken = new Float64Array(probabilities.length);
  for (let g = 0; g < groups; g++)
    for (let r = 0; r < rows * size; r++) byToken[r * groups + g] = probabilities[g * rows * size + r]!;
  const rowAt = (tokens: ArrayLike<number>, t: number) => rowOf(tokens, t, layout);
  const logs = byToken.map(Math.log);
  const fill = (
    table: Float64Array,
    unobserved: number,
    tokens: ArrayLike<number>,
    from: number,
    to: number,
    out: Float64Array,
  ) => {
    let o = 0;
    for (let t = from; t < to; t++) {
      const token = tokens[t]!;
      if (token >= 0 && token < size) {
        const row = rows === 1 ? 0 : rowAt(tokens, t);
        const at = (row * size + token) * groups;
        for (let g = 0; g < groups; g++) out[o++] = table[at + g]!;
      } else for (let g = 0; g < groups; g++) out[o++] = unobserved;
    }
  };
  return {
    kind: 'categorical',
    vocabulary: size,
    order,
    period,
    contexts,
    groups,
    probabilities,
    logarithmic: false,
    length: (tokens) => tokens.length,
    probability: (group, token, previous = []) =>
      probabilities[(group * rows + rowAt(previous, previous.length)) * size + token]!,
    fill: (tokens, from, to, out) => fill(byToken, 1, tokens, from, to, out),
    fillLogs: (tokens, from, to, out) => fill(logs, 0, tokens, from, to, out),
    statistics: () => statistics(probabilities, layout),
    logPrior: (pseudocount) =>
      pseudocount === 0
        ? 0
        : pseudocount * probabilities.reduce((sum, p) => sum + (p > 0 ? Math.log(p) : 0), 0),
    randomized(stream) {
      // Exponential numbers, normalised, are uniform over the simplex; what is impossible stays so.
      const drawn = probabilities.map((p) => (p > 0 ? -Math.log(1 - stream.uniform()) + 1e-3 : 0));
      return family(normalised(drawn, probabilities, size), layout);
    },
    draw(group, stream, flat) {
      flat.push(drawFrom(probabilities, stream, (group * rows + rowAt(flat, flat.length)) * size, size));
    },
    observations: (flat) => Int32Array.from(flat),
  };
}

/** The row, counted within a group, that position t reads. */
function rowOf(tokens: ArrayLike<number>, t: number, { size, order, period, contexts }: Layout): number {
  let context = 0;
  for (let back = order; back > 0; back--) {
    const token = t - back < 0 ? -1 : tokens[t - back]!;
    context = context * (size + 1) + (token >= 0 && token < size ? token : size);
  }
  return (t % period) * contexts + context;
}

/** Rows divided by their sums; a row of zeros is replaced by that of `otherwise`. */
function normalised(values: Float64Array, otherwise: Float64Array, size: number): Float64Array {
  const out = Float64Array.from(values);
  for (let at = 0; at < out.length; at += size) {
    let sum = 0;
    for (let w = 0; w < size; w++) sum += out[at + w]!;
    for (let w = 0; w < size; w++) out[at + w] = sum > 0 ? out[at + w]! / sum : otherwise[at + w]!;
  }
  return out;
}

function statistics(before: Float64Array, layout: Layout): EmissionStatistics<ArrayLike<number>> {
  const { groups, size, period, contexts, order } = layout;
  const rows = period * contexts;
  const byToken = new Float64Array(before.length);
  return {
    add(tokens, from, to, weights) {
      for (let t = from; t < to; t++) {
        const token = tokens[t]!;
        if (!(token >= 0 && token < size)) continue;
        const row = order === 0 && period === 1 ? 0 : rowOf(tokens, t, layout);
        const at = (row * size + token) * groups;
        const w = (t - from) * groups;
        for (let g = 0; g < groups; g++) byToken[at + g]! += weights[w + g]!;
      }
    },
    estimate({ pseudocount }) {
      const counts = new Float64Array(before.length);
      for (let g = 0; g < groups; g++)
        for (let r = 0; r < rows * size; r++) {
          const i = g * rows * size + r;
          counts[i] = byToken[r * groups + g]! + (before[i]! > 0 ? pseudocount : 0);
        }
      return family(normalised(counts, before, size), layout);
    },
  };
}
