import { dataError } from '../core/errors.ts';
import type { Place } from './letters.ts';

/** What a column of a table is that goes beside the sequence: numbers, or names of categories. */
export interface FeatureColumn {
  readonly name: string;
  readonly kind: 'number' | 'category';
}

/** A cell of such a column; null where it is missing. */
export type FeatureValue = number | string | null;

const missing = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?']);
const isMissing = (cell: string) => missing.has(cell.trim().toLowerCase());
const isNumber = (cell: string) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell.trim());

/**
 * What columns are, by their cells, rows of one cell a column: numbers where all that are not missing are numbers, else categories.
 * `categories`: those that hold names even where these look like numbers (codes of sites, clusters).
 */
export const featureColumns = (
  names: readonly string[],
  rows: readonly (readonly string[])[],
  categories: readonly string[] = [],
): FeatureColumn[] =>
  names.map((name, c) => {
    const numeric =
      !categories.includes(name) && rows.every((row) => isNumber(row[c]!) || isMissing(row[c]!));
    return { name, kind: numeric ? 'number' : 'category' };
  });

/** Cells as what their columns are; throws a data error with file, line and record for text among numbers. */
export const featureValues = (
  columns: readonly FeatureColumn[],
  cells: readonly string[],
  { file, line, id }: Place,
): FeatureValue[] =>
  columns.map(({ name, kind }, c) => {
    const cell = cells[c]!.trim();
    if (isMissing(cell)) return null;
    if (kind === 'category') return cell;
    const value = isNumber(cell) ? Number(cell) : Number.NaN;
    if (Number.isFinite(value)) return value;
    throw dataError(
      `${file}:${line}: record "${id}" has "${cell}" as "${name}"; expected a number, or an empty cell or NA where it is missing.`,
    );
  });
