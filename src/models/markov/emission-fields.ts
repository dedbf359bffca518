import { dataError } from '../../core/errors.ts';
import { type Categorical, categorical } from '../../markov/hmm/emissions/categorical.ts';
import type { Emissions, Series } from '../../markov/hmm/emissions/emissions.ts';
import { type Gaussian, gaussianMixture } from '../../markov/hmm/emissions/gaussian.ts';
import { type Poisson, poisson } from '../../markov/hmm/emissions/poisson.ts';
import { at, choiceAt, has, listAt, numberAt, type Place, recordAt, wholeAt } from '../../tokenize/checks.ts';
import { type Observed, spellingOf } from './hmm-file.ts';

/** Distributions as they were read; `open` are those that the file leaves to training. */
export interface ReadEmissions {
  readonly emissions: Emissions<ArrayLike<number>> | Emissions<Series>;
  readonly names: readonly string[];
  readonly open: readonly number[];
}

/** Any emission family of a file. */
export type AnyEmissions = Categorical | Gaussian | Poisson;

/** Fields that may stand in `emissions`. */
const fields = {
  categorical: ['kind', 'distributions', 'order', 'period'],
  gaussian: ['kind', 'distributions', 'floor', 'components'],
  poisson: ['kind', 'distributions'],
};

/** The token of a context that stands for what is before the beginning or unknown. */
export const nothing = '.';

/**
 * Reads the emission distributions that states name. Where a name has none, it is left open, and stands for a uniform, standard
 * normal or unit-rate distribution until training draws one.
 */
export function readEmissions(place: Place, observes: Observed, names: readonly string[]): ReadEmissions {
  const kind = choiceAt(at(place, 'kind'), ['categorical', 'gaussian', 'poisson']);
  onlyFields(place, fields[kind]);
  if ((kind === 'categorical') !== (observes.kind !== 'columns'))
    throw dataError(
      `${place.where}: ${kind} emissions go with ${kind === 'categorical' ? 'letters or symbols' : 'columns'}, and this model reads ${observes.kind}.`,
    );
  const distributions = at(place, 'distributions');
  const given = distributions.value === undefined ? {} : recordAt(distributions);
  const strange = Object.keys(given).find((name) => !names.includes(name));
  if (strange !== undefined)
    throw dataError(
      `${distributions.where} has ${JSON.stringify(strange)}, which no state emits; the states emit ${names.join(', ')}. Correct the name, or remove it.`,
    );
  const open = names.flatMap((name, g) => ((given[name] ?? null) === null ? [g] : []));
  const each = names.map((name, g) => (open.includes(g) ? undefined : at(distributions, name)));
  const read = { categorical: readCategorical, gaussian: readGaussian, poisson: readPoisson }[kind];
  return { emissions: read(place, observes, each), names, open };
}

/** Throws a data error for a field that is not known, most likely a misspelt one. */
export function onlyFields(place: Place, known: readonly string[]): void {
  const strange = Object.keys(recordAt(place)).find((key) => !known.includes(key));
  if (strange === undefined) return;
  throw dataError(
    `${place.where.replace(/:$/, '')} has a field ${JSON.stringify(strange)}, which is not known; expected ${known.join(', ')}.`,
  );
}

type Distributions = readonly (Place | undefined)[];

function readCategorical(place: Place, observes: Observed, each: Distributions): Categorical {
  const tokens = spellingOf(observes)!;
  const order = has(place, 'order') ? wholeAt(at(place, 'order'), { max: 12 }) : 0;
  const period = has(place, 'period') ? wholeAt(at(place, 'period'), { min: 1, max: 100 }) : 1;
  const contexts = contextNames(tokens, order);
  if (contexts.length * period * tokens.length * each.length > 2 ** 24)
    throw dataError(`${place.where}: order ${order} makes more probabilities than there is memory for.`);
  const uniform = tokens.map(() => 1 / tokens.length);
  const phase = (from: Place | undefined): number[] => {
    if (!from) return contexts.flatMap(() => uniform);
    if (order === 0) return probabilitiesAt(from, tokens.length);
    const strange = Object.keys(recordAt(from)).find((context) => !contexts.includes(context));
    if (strange !== undefined)
      throw dataError(
        `${from.where} has the context ${JSON.stringify(strange)}; expected ${order} of ${tokens.join(' ')}, or "${nothing}" for what is unknown.`,
      );
    return contexts.flatMap((context) => probabilitiesAt(at(from, context), tokens.length));
  };
  const flat = each.flatMap((from) => {
    if (period === 1 || !from) return Array.from({ length: period }, () => phase(from)).flat();
    return listAt(from, phase, { min: period, max: period }).flat();
  });
  return categorical(Float64Array.from(flat), { vocabulary: tokens.length, order, period });
}

/** The contexts of an order in their numbering: oldest token first, the last one standing for nothing known. */
export function contextNames(tokens: readonly string[], order: number): string[] {
  const joint = tokens.some((token) => [...token].length > 1) ? ' ' : '';
  let names = [''];
  for (let i = 0; i < order; i++)
    names = names.flatMap((before) =>
      [...tokens, nothing].map((token) => (before === '' ? token : `${before}${joint}${token}`)),
    );
  return names;
}

function probabilitiesAt(place: Place, count: number): number[] {
  const row = listAt(place, numberAt, { min: count, max: count });
  const sum = row.reduce((total, p) => total + (p >= 0 ? p : Number.NaN), 0);
  if (!(Math.abs(sum - 1) < 1e-6))
    throw dataError(
      `${place.where} is ${row.join(', ').slice(0, 80)}, which sums to ${Number.isNaN(sum) ? 'nothing: one is negative' : sum}; expected probabilities of sum one.`,
    );
  return row;
}

function readGaussian(place: Place, observes: Observed, each: Distributions): Gaussian {
  const width = observes.kind === 'columns' ? observes.columns.length : 0;
  const count = has(place, 'components') ? wholeAt(at(place, 'components'), { min: 1, max: 100 }) : 1;
  const floor = has(place, 'floor') ? positiveAt(at(place, 'floor')) : 1e-6;
  const numbers = (from: Place, read: (item: Place) => number) =>
    listAt(from, read, { min: width, max: width });
  const component = (from: Place) => {
    onlyFields(from, ['weight', 'mean', 'variance']);
    return {
      weight: has(from, 'weight') ? numberAt(at(from, 'weight')) : 1,
      mean: numbers(at(from, 'mean'), numberAt),
      variance: numbers(at(from, 'variance'), positiveAt),
    };
  };
  const blank = { weight: 1 / count, mean: new Array(width).fill(0), variance: new Array(width).fill(1) };
  const groups = each.map((from) => {
    if (!from) return Array.from({ length: count }, () => blank);
    if (count === 1) return [component(from)];
    const mixture = listAt(from, component, { min: count, max: count });
    const sum = mixture.reduce((total, { weight }) => total + (weight >= 0 ? weight : Number.NaN), 0);
    if (!(Math.abs(sum - 1) < 1e-6))
      throw dataError(`${from.where}: the weights sum to ${sum}; expected weights from 0 of sum one.`);
    return mixture;
  });
  return gaussianMixture({
    means: groups.map((g) => g.map(({ mean }) => mean)),
    variances: groups.map((g) => g.map(({ variance }) => variance)),
    ...(count > 1 && { weights: groups.map((g) => g.map(({ weight }) => weight)) }),
    floor,
  });
}

function readPoisson(_: Place, observes: Observed, each: Distributions): Poisson {
  const width = observes.kind === 'columns' ? observes.columns.length : 0;
  return poisson(
    each.map((from) => {
      if (!from) return new Array(width).fill(1);
      onlyFields(from, ['rate']);
      return listAt(at(from, 'rate'), positiveAt, { min: width, max: width });
    }),
  );
}

function positiveAt(place: Place): number {
  const value = numberAt(place);
  if (!(value > 0)) throw dataError(`${place.where} is ${value}; expected a number above 0.`);
  return value;
}
