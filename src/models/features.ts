import { dataError } from '../core/errors.ts';
import type { FeatureValue } from '../data/dataset-features.ts';
import {
  booleanField,
  type Field,
  fieldError,
  listField,
  namesField,
  numbersField,
  textField,
  within,
} from './fields.ts';

/** A column of a table that is read beside the sequence, and how its cells become numbers. */
export type FeatureSpec =
  /** (value − mean) / deviation, of the training data. */
  | {
      readonly name: string;
      readonly kind: 'number';
      readonly mean: number;
      readonly deviation: number;
      /** Whether training data lacked some: then a second number says where one is missing. */
      readonly missing: boolean;
    }
  /** One number for each category, 1 for the one that it is; all 0 for one that training did not know. */
  | {
      readonly name: string;
      readonly kind: 'category';
      readonly categories: readonly string[];
      readonly missing: boolean;
    };

const widthOf = (feature: FeatureSpec): number =>
  (feature.kind === 'number' ? 1 : feature.categories.length) + Number(feature.missing);

/** How many numbers stand for the columns of a record. */
export const featureWidth = (features: readonly FeatureSpec[] = []): number =>
  features.reduce((sum, feature) => sum + widthOf(feature), 0);

/**
 * The cells of a record as numbers. A missing number is the mean, a missing category none of them; both are marked as missing where training
 * lacked some too.
 * @example encodeFeatures([{ name: 'age', kind: 'number', mean: 40, deviation: 10, missing: true }], [55]) // [1.5, 0]
 */
export function encodeFeatures(
  features: readonly FeatureSpec[],
  values: readonly FeatureValue[],
): Float32Array {
  const row = new Float32Array(featureWidth(features));
  let at = 0;
  features.forEach((feature, f) => {
    const value = values[f]!;
    const width = widthOf(feature);
    if (value === null) row[at + width - 1] = Number(feature.missing);
    else if (feature.kind === 'number') row[at] = ((value as number) - feature.mean) / feature.deviation;
    else {
      const place = feature.categories.indexOf(String(value));
      if (place >= 0) row[at + place] = 1;
    }
    at += width;
  });
  return row;
}

/** The cells of a record that hold a category which training did not know, as `site "Q"`. */
export const unknownCategories = (
  features: readonly FeatureSpec[],
  values: readonly FeatureValue[],
): string[] =>
  features.flatMap((feature, f) => {
    const value = values[f]!;
    const known = value === null || feature.kind === 'number' || feature.categories.includes(String(value));
    return known ? [] : [`${feature.name} ${JSON.stringify(value)}`];
  });

/** What the cells of a record lack for a model, in words; undefined where they fit. */
export function checkFeatures(
  features: readonly FeatureSpec[],
  values: readonly FeatureValue[] = [],
  what: string,
): void {
  if (values.length !== features.length)
    throw dataError(
      `${what} has ${values.length} features of a table; the model needs ${features.length}${features.length > 0 ? ` (${features.map(({ name }) => name).join(', ')})` : ''}.`,
    );
  features.forEach(({ name, kind }, f) => {
    const value = values[f];
    const fits = value === null || (kind === 'number' ? Number.isFinite(value) : typeof value === 'string');
    if (!fits)
      throw dataError(
        `${what} has ${JSON.stringify(value)} as "${name}"; expected ${kind === 'number' ? 'a number' : 'a text'}, or null where it is missing.`,
      );
  });
}

/** The most categories of a column. */
export const mostCategories = 1000;

/** Reads the features of a model's description. */
export const readFeatures = (field: Field): FeatureSpec[] => {
  const features = listField(field, 1, readFeature);
  if (new Set(features.map(({ name }) => name)).size < features.length)
    throw fieldError(field, 'names that differ');
  return features;
};

function readFeature(field: Field): FeatureSpec {
  const name = textField(within(field, 'name'));
  const missing = booleanField(within(field, 'missing'));
  const kind = within(field, 'kind');
  if (kind.value === 'category') {
    const categories = namesField(within(field, 'categories'), 1);
    if (categories.length > mostCategories)
      throw fieldError(within(field, 'categories'), `at most ${mostCategories} names`);
    return { name, kind: 'category', categories, missing };
  }
  if (kind.value !== 'number') throw fieldError(kind, 'number or category');
  const one = (key: string, options = {}) => {
    const { value, ...place } = within(field, key);
    return numbersField({ ...place, value: [value] }, 1, options)[0]!;
  };
  return {
    name,
    kind: 'number',
    mean: one('mean'),
    deviation: one('deviation', { positive: true }),
    missing,
  };
}
