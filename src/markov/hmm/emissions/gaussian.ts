import { dataError, usageError } from '../../../core/errors.ts';
import type { RandomStream } from '../../../core/random.ts';
import { drawFrom } from '../../draw.ts';
import type { EmissionStatistics, Emissions, Series } from './emissions.ts';

/** Parameters of Gaussian mixtures with diagonal covariance; `weights` may be left out for one component. */
export interface GaussianParameters {
  /** [groups][components][width] */
  means: readonly (readonly (readonly number[])[])[];
  /** Variances, [groups][components][width]. */
  variances: readonly (readonly (readonly number[])[])[];
  /** [groups][components], each row of sum one. */
  weights?: readonly (readonly number[])[];
  /** Variances are never estimated below this, lest one observation become a state of its own. */
  floor?: number;
}

export interface Gaussian extends Emissions<Series> {
  readonly kind: 'gaussian';
  readonly components: number;
  readonly width: number;
  /** [groups, components] */
  readonly weights: Float64Array;
  /** [groups, components, width] */
  readonly means: Float64Array;
  /** [groups, components, width] */
  readonly variances: Float64Array;
  /** Variances are never estimated below this. */
  readonly floor: number;
}

/**
 * One Gaussian with diagonal covariance per group: `means` and `variances` are [groups][width].
 * @example gaussian({ means: [[0], [5]], variances: [[1], [2]] })
 */
export const gaussian = ({
  means,
  variances,
  floor,
}: {
  means: readonly (readonly number[])[];
  variances: readonly (readonly number[])[];
  floor?: number;
}): Gaussian =>
  gaussianMixture({
    means: means.map((row) => [row]),
    variances: variances.map((row) => [row]),
    ...(floor === undefined ? {} : { floor }),
  });

/**
 * Mixtures of Gaussians with diagonal covariance over rows of numbers. A number that is NaN was not observed
 * and is left out of the density. Throws a usage error for ragged parameters and variances not above zero.
 */
export function gaussianMixture({ means, variances, weights, floor = 1e-6 }: GaussianParameters): Gaussian {
  const groups = means.length;
  const components = means[0]?.length ?? 0;
  const width = means[0]?.[0]?.length ?? 0;
  const flat = (values: readonly (readonly (readonly number[])[])[]) => Float64Array.from(values.flat(2));
  const parameters = {
    means: flat(means),
    variances: flat(variances),
    weights: Float64Array.from(weights ? weights.flat() : means.flatMap((m) => m.map(() => 1 / m.length))),
  };
  const expected = groups * components * width;
  if (!(expected > 0 && parameters.means.length === expected && parameters.variances.length === expected))
    throw usageError(
      `Gaussian emissions with ${parameters.means.length} means and ${parameters.variances.length} variances; expected ${groups} groups × ${components} components × ${width} numbers of each.`,
    );
  if (parameters.weights.length !== groups * components)
    throw usageError(
      `${parameters.weights.length} weights; expected ${groups} groups × ${components} components.`,
    );
  if (!parameters.variances.every((v) => v > 0 && Number.isFinite(v)))
    throw usageError(`Variances must be above zero, not ${Math.min(...parameters.variances)}.`);
  return family({ ...parameters, groups, components, width, floor });
}

interface State {
  groups: number;
  components: number;
  width: number;
  weights: Float64Array;
  means: Float64Array;
  variances: Float64Array;
  floor: number;
}

function family(state: State): Gaussian {
  const { groups, components, width, weights, means, variances, floor } = state;
  const density = densities(state);
  const fill = ({ values }: Series, from: number, to: number, out: Float64Array) => {
    for (let t = from, o = 0; t < to; t++)
      for (let g = 0; g < groups; g++) out[o++] = density.group(values, t * width, g);
  };
  return {
    kind: 'gaussian',
    groups,
    components,
    width,
    weights,
    means,
    variances,
    floor,
    logarithmic: true,
    length: (series) => seriesLength(series, width),
    fill,
    fillLogs: fill,
    statistics: () => statistics(state, density),
    logPrior: (pseudocount) =>
      components === 1 ? 0 : pseudocount * weights.reduce((sum, w) => sum + (w > 0 ? Math.log(w) : 0), 0),
    randomized: (stream, sequences) => randomized(state, stream, sequences),
    draw(group, stream, flat) {
      const k = group * components + drawFrom(weights, stream, group * components, components);
      for (let d = 0; d < width; d++)
        flat.push(means[k * width + d]! + Math.sqrt(variances[k * width + d]!) * stream.normal());
    },
    observations: (flat) => ({ values: Float64Array.from(flat), width }),
  };
}

/** Number of rows; throws a data error if the width is another. */
export function seriesLength({ values, width }: Series, expected: number): number {
  if (width !== expected || values.length % width !== 0)
    throw dataError(
      `A series of ${values.length} numbers in rows of ${width}; expected rows of ${expected}.`,
    );
  return values.length / width;
}

/** Log-densities of components, which `group` leaves in `terms`, and of their mixtures. */
function densities({ groups, components, width, weights, means, variances }: State) {
  const offset = new Float64Array(groups * components * width);
  const precision = variances.map((v) => 1 / v);
  variances.forEach((v, i) => {
    offset[i] = -0.5 * Math.log(2 * Math.PI * v);
  });
  const logWeights = weights.map(Math.log);
  const terms = new Float64Array(components);
  const component = (values: Float64Array, at: number, k: number): number => {
    let sum = 0;
    for (let d = 0, i = k * width; d < width; d++, i++) {
      const x = values[at + d]! - means[i]!;
      // An unobserved number makes x NaN, which is no equal of itself.
      if (Number.isNaN(x)) continue;
      sum += offset[i]! - 0.5 * x * x * precision[i]!;
    }
    return sum;
  };
  const group = (values: Float64Array, at: number, g: number): number => {
    if (components === 1) return component(values, at, g);
    let most = Number.NEGATIVE_INFINITY;
    for (let m = 0; m < components; m++) {
      const k = g * components + m;
      terms[m] = logWeights[k]! + component(values, at, k);
      if (terms[m]! > most) most = terms[m]!;
    }
    if (most === Number.NEGATIVE_INFINITY) return most;
    let sum = 0;
    for (let m = 0; m < components; m++) sum += Math.exp(terms[m]! - most);
    return most + Math.log(sum);
  };
  return { group, terms };
}

function statistics(
  state: State,
  { group, terms }: ReturnType<typeof densities>,
): EmissionStatistics<Series> {
  const { groups, components, width, means } = state;
  const mass = new Float64Array(groups * components);
  // Per number, since each may be unobserved: weight, Σ w·(x − μ) and Σ w·(x − μ)² about the old mean.
  const seen = new Float64Array(means.length);
  const first = new Float64Array(means.length);
  const second = new Float64Array(means.length);
  const addComponent = (values: Float64Array, at: number, k: number, weight: number) => {
    mass[k]! += weight;
    for (let d = 0, i = k * width; d < width; d++, i++) {
      const x = values[at + d]! - means[i]!;
      if (Number.isNaN(x)) continue;
      seen[i]! += weight;
      first[i]! += weight * x;
      second[i]! += weight * x * x;
    }
  };
  return {
    add({ values }, from, to, weights) {
      for (let t = from, w = 0; t < to; t++)
        for (let g = 0; g < groups; g++) {
          const weight = weights[w++]!;
          if (weight === 0) continue;
          if (components === 1) addComponent(values, t * width, g, weight);
          else {
            const whole = group(values, t * width, g);
            for (let m = 0; m < components; m++)
              addComponent(values, t * width, g * components + m, weight * Math.exp(terms[m]! - whole));
          }
        }
    },
    estimate: ({ pseudocount }) => estimate(state, { mass, seen, first, second }, pseudocount),
  };
}

function estimate(
  state: State,
  { mass, seen, first, second }: Record<'mass' | 'seen' | 'first' | 'second', Float64Array>,
  pseudocount: number,
): Gaussian {
  const { components, floor } = state;
  const weights = state.weights.slice();
  const means = state.means.slice();
  const variances = state.variances.slice();
  for (let g = 0; g < state.groups; g++) {
    const row = mass.subarray(g * components, (g + 1) * components);
    const total = row.reduce((a, b) => a + b, 0) + (components > 1 ? components * pseudocount : 0);
    if (total > 0 && components > 1)
      for (let k = 0; k < components; k++) weights[g * components + k] = (row[k]! + pseudocount) / total;
  }
  means.forEach((mean, i) => {
    if (!(seen[i]! > 0)) return;
    const shift = first[i]! / seen[i]!;
    means[i] = mean + shift;
    variances[i] = Math.max(floor, second[i]! / seen[i]! - shift * shift);
  });
  return family({ ...state, weights, means, variances });
}

/** Means at observations drawn at random, variances those of all observations. */
function randomized(state: State, stream: RandomStream, sequences: readonly Series[]): Gaussian {
  const { width } = state;
  const rows = sequences.reduce((n, { values }) => n + values.length / width, 0);
  if (rows === 0) return family(state);
  const centre = new Float64Array(width);
  const square = new Float64Array(width);
  const known = new Float64Array(width);
  for (const { values } of sequences)
    values.forEach((x, i) => {
      if (Number.isNaN(x)) return;
      const d = i % width;
      known[d]! += 1;
      const gap = x - centre[d]!;
      centre[d]! += gap / known[d]!;
      square[d]! += gap * (x - centre[d]!);
    });
  const means = state.means.slice();
  for (let k = 0; k < means.length; k += width) {
    let row = stream.below(rows);
    const from = sequences.find(({ values }) => {
      if (row < values.length / width) return true;
      row -= values.length / width;
      return false;
    })!;
    for (let d = 0; d < width; d++) {
      const x = from.values[row * width + d]!;
      means[k + d] = Number.isNaN(x) ? centre[d]! : x;
    }
  }
  const variances = means.map((_, i) =>
    Math.max(state.floor, square[i % width]! / Math.max(1, known[i % width]!)),
  );
  return family({ ...state, means, variances });
}
