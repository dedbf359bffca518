import type { OutputSpec } from '../../../models/spec.ts';
import type { CompileOptions } from '../../../runtime/compile.ts';
import { linearBaseline } from '../../linear-baseline.ts';
import type { MarksData } from './data.ts';
import { column } from './definition.ts';
import { binFeatures, type FeatureName } from './features.ts';
import { type BinRows, columnAt, knownRows } from './rows.ts';

/** What a simple method says of each mark at the rows that are judged: one column a mark. */
export type BaselineColumns = Readonly<Record<string, readonly Float64Array[]>>;

/** A baseline learns from so many bins. */
const mostLearned = 6_000;
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
 * Simple methods that learn from the training part: the share (or mean) of each mark, and logistic regression (ridge, of values) on what stands around
 * a bin: the shares of GC and CpG, of words of three letters, the tracks alone, and all of these.
 */
export async function markBaselines(
  train: MarksData,
  test: { data: MarksData; rows: BinRows },
  { seed = 42, ...where }: CompileOptions & { seed?: number } = {},
): Promise<BaselineColumns> {
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
  const truth = marks.map((_, m) =>
    columnAt(
      train.stretches.map((stretch) => stretch.truth),
      rows,
      width,
      m,
    ),
  );
  for (const [name, features] of Object.entries(featureSets(train))) {
    const read = (data: MarksData, of: BinRows) => binFeatures(data.stretches, of, features, data);
    const fitted = { features: read(train, rows) };
    const asked = { features: read(test.data, test.rows) };
    const columns: Float64Array[] = new Array(width);
    for (const kind of ['binary', 'signal'] as const) {
      const own = marks.flatMap((mark, m) => (mark.kind === kind ? [m] : []));
      if (own.length === 0) continue;
      const names = own.map((m) => marks[m]!.name);
      const target = side(
        own.map((m) => truth[m]!),
        rows.bin.length,
      );
      const { output, target: learned } = asTarget(kind, names, target);
      const values = await linearBaseline(output, { ...fitted, target: learned }, asked, { ...where, seed });
      own.forEach((m, k) => {
        columns[m] = Float64Array.from(test.rows.bin, (_, i) => values[i * own.length + k]!);
      });
    }
    found[name] = columns;
  }
  return found;
}

/** Columns side by side, row-major. */
function side(columns: readonly Float64Array[], rows: number): Float64Array {
  const table = new Float64Array(rows * columns.length);
  columns.forEach((own, k) => {
    for (let i = 0; i < rows; i++) table[i * columns.length + k] = own[i]!;
  });
  return table;
}

function asTarget(kind: 'binary' | 'signal', names: string[], truth: Float64Array) {
  if (kind === 'binary')
    return {
      output: { kind: 'labels', classes: names } satisfies OutputSpec,
      target: { kind: 'labels' as const, classes: names, truth: Uint8Array.from(truth) },
    };
  const k = names.length;
  const rows = truth.length / k;
  const mean = names.map((_, c) => truth.reduce((sum, x, i) => sum + (i % k === c ? x / rows : 0), 0));
  const deviation = names.map((_, c) => {
    const square = truth.reduce((sum, x, i) => sum + (i % k === c ? (x - mean[c]!) ** 2 / rows : 0), 0);
    return Math.sqrt(square) || 1;
  });
  return {
    output: { kind: 'values', names, positive: false, mean, deviation } satisfies OutputSpec,
    target: { kind: 'values' as const, names, truth },
  };
}
