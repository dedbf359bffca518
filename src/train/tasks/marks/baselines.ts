import type { MarksData } from './data.ts';
import { column } from './definition.ts';
import { binFeatures, type FeatureName } from './features.ts';
import { ridgeRegression } from './ridge.ts';
import { type BinRows, columnAt, knownRows } from './rows.ts';

/** What a simple method says of each mark at the rows that are judged: one column a mark. */
export type BaselineColumns = Readonly<Record<string, readonly Float64Array[]>>;

/** A baseline learns from so many bins. */
const mostLearned = 4_000;
const fewest = 20;

const featureSets = ({ tracks, alphabet }: MarksData): Record<string, FeatureName[]> => ({
  [alphabet.complement ? 'GC and CpG' : 'composition']: ['composition'],
  ...(alphabet.complement && { 'words of 3': ['words', 'composition'] }),
  ...(tracks.length > 0 && {
    'tracks alone': ['tracks'],
    'words and tracks': ['words', 'composition', 'tracks'],
  }),
});

/**
 * Simple methods that learn from the training part: the share (or mean) of each mark, and logistic regression (least squares, of values) on what
 * stands around a bin: the shares of GC and CpG, of words of three letters, the tracks alone, and all of these.
 */
export function markBaselines(train: MarksData, test: { data: MarksData; rows: BinRows }): BaselineColumns {
  const { marks } = train;
  const width = marks.length;
  const found: Record<string, Float64Array[]> = {
    prevalence: marks.map((_, m) => {
      const values = Float64Array.from(column(train, m));
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      return new Float64Array(test.rows.bin.length).fill(mean);
    }),
  };
  const rows = knownRows(train, { every: true, most: mostLearned });
  if (rows.bin.length < fewest) return found;
  const tables = train.stretches.map(({ truth }) => truth);
  const truth = marks.map((_, m) => columnAt(tables, rows, width, m));
  for (const [name, features] of Object.entries(featureSets(train))) {
    const read = (data: MarksData, of: BinRows) => binFeatures(data.stretches, of, features, data);
    const [learned, asked] = [read(train, rows), read(test.data, test.rows)];
    found[name] = marks.map(({ kind }, m) => ridgeRegression(kind, learned, truth[m]!, asked));
  }
  return found;
}
