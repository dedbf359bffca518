import { onceEach } from './ranking.ts';

/**
 * Confusion matrix, k×k row by row: row = true class, column = predicted class. Record i counts `weights[i]` times.
 * @example confusionMatrix(Int32Array.of(0, 1, 1), Int32Array.of(0, 0, 1), 2) // [1, 0, 1, 1]
 */
export function confusionMatrix(
  truth: Int32Array,
  predicted: Int32Array,
  k: number,
  weights = onceEach(truth.length),
): Float64Array {
  const counts = new Float64Array(k * k);
  for (let i = 0; i < truth.length; i++) counts[truth[i]! * k + predicted[i]!]! += weights[i]!;
  return counts;
}

/** How often each class is true, is predicted, and is both. */
export interface Margins {
  truth: Float64Array;
  predicted: Float64Array;
  right: Float64Array;
  total: number;
}

/** Row sums, column sums and diagonal of a k×k confusion matrix. */
export function margins(confusion: Float64Array, k: number): Margins {
  const m = {
    truth: new Float64Array(k),
    predicted: new Float64Array(k),
    right: new Float64Array(k),
    total: 0,
  };
  for (let t = 0; t < k; t++) {
    for (let p = 0; p < k; p++) {
      const count = confusion[t * k + p]!;
      m.truth[t]! += count;
      m.predicted[p]! += count;
      m.total += count;
    }
    m.right[t] = confusion[t * k + t]!;
  }
  return m;
}

/** The mean of the numbers that are defined; NaN where none is. */
export function meanDefined(values: Iterable<number>): number {
  let [sum, count] = [0, 0];
  for (const v of values) {
    if (Number.isNaN(v)) continue;
    sum += v;
    count++;
  }
  return sum / count;
}

const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);

/** Share of records whose class is predicted rightly. */
export const accuracy = ({ right, total }: Margins) => sum(right) / total;

/** Mean recall of the classes that occur in the truth (Brodersen et al. 2010). */
export const balancedAccuracy = ({ right, truth }: Margins) =>
  meanDefined(right.map((hits, c) => hits / truth[c]!));

/**
 * Matthews's correlation coefficient; for many classes Gorodkin's R_K (2004), which equals it for two.
 * 0 where truth or prediction is all one class.
 */
export function mcc({ right, truth, predicted, total }: Margins): number {
  let [cross, truthSquares, predictedSquares] = [0, 0, 0];
  for (let c = 0; c < truth.length; c++) {
    cross += truth[c]! * predicted[c]!;
    truthSquares += truth[c]! ** 2;
    predictedSquares += predicted[c]! ** 2;
  }
  const spread = (total ** 2 - truthSquares) * (total ** 2 - predictedSquares);
  return spread > 0 ? (sum(right) * total - cross) / Math.sqrt(spread) : 0;
}

/** F1 of each class: 2·hits / (true + predicted). NaN for a class that neither occurs nor is predicted. */
export const f1PerClass = ({ right, truth, predicted }: Margins) =>
  right.map((hits, c) => (2 * hits) / (truth[c]! + predicted[c]!));

/** F1 of the last class where there are two (the positive one); else the mean over the classes (macro). */
export function f1(m: Margins): number {
  const each = f1PerClass(m);
  return each.length === 2 ? each[1]! : meanDefined(each);
}
