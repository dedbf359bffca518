import { dataError } from '../core/errors.ts';
import type { Dataset } from '../data/dataset.ts';
import { type FeatureSpec, mostCategories } from '../models/features.ts';

/**
 * How the columns that go beside the sequences become numbers, from the training data: mean and deviation of numbers, the categories that
 * occur. Throws a data error for a column without a single value, and for one with too many categories to be one.
 */
export const fitFeatures = ({ features = [], records }: Dataset): FeatureSpec[] =>
  features.map(({ name, kind }, f) => {
    const present = records.map((record) => record.features![f]!).filter((value) => value !== null);
    const missing = present.length < records.length;
    if (present.length === 0)
      throw dataError(
        `"${name}" has no value in any of ${records.length} records. Leave --feature ${name} out.`,
      );
    if (kind === 'category') {
      const categories = [...new Set(present.map(String))].sort();
      if (categories.length > mostCategories)
        throw dataError(
          `"${name}" has ${categories.length} different names (such as "${categories[0]}"); expected up to ${mostCategories} categories. Is it a column of ids?`,
        );
      return { name, kind, categories, missing };
    }
    const numbers = present as number[];
    const mean = numbers.reduce((sum, x) => sum + x / numbers.length, 0);
    const square = numbers.reduce((sum, x) => sum + (x - mean) ** 2 / numbers.length, 0);
    return { name, kind, mean, deviation: Math.sqrt(square) || 1, missing };
  });
