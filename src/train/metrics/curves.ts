import { randomStream } from '../../core/random.ts';
import { column, columnNames, isClass, type Predictions } from './predictions.ts';
import { auprc, auroc, rankRows } from './ranking.ts';

/** A ROC or precision–recall curve for drawing. */
export interface Curve {
  /** The class or label that counts as positive. */
  name: string;
  /** Area under the whole curve, before thinning; null where undefined. */
  area: number | null;
  /** Share of positives: the height of a precision–recall curve that knows nothing. */
  prevalence: number;
  /** ROC: false positive rate, true positive rate. Precision–recall: recall, precision. */
  points: [number, number][];
}

/** True and predicted values for drawing; a sample where there are too many records. */
export interface Scatter {
  name: string;
  points: [truth: number, predicted: number][];
}

/**
 * At most about `limit` points of a curve, evenly spaced along its length; first and last stay.
 * @example thin([[0, 0], [0, 0.5], [0, 1], [1, 1]], 3) // [[0, 0], [0, 1], [1, 1]]
 */
export function thin(points: [number, number][], limit = 200): [number, number][] {
  if (points.length <= limit) return points;
  const length = (i: number) =>
    Math.abs(points[i]![0] - points[i - 1]![0]) + Math.abs(points[i]![1] - points[i - 1]![1]);
  let total = 0;
  for (let i = 1; i < points.length; i++) total += length(i);
  const kept: [number, number][] = [points[0]!];
  let walked = 0;
  for (let i = 1; i < points.length - 1; i++) {
    walked += length(i);
    if (walked >= (total * kept.length) / (limit - 1)) kept.push(points[i]!);
  }
  kept.push(points[points.length - 1]!);
  return kept;
}

/** Hits and false alarms after each distinct threshold, from the strictest down. */
function thresholds(scores: Float64Array, positive: Uint8Array): { hits: number; alarms: number }[] {
  const { order, last } = rankRows(scores);
  const steps: { hits: number; alarms: number }[] = [];
  let hits = 0;
  order.forEach((row, i) => {
    hits += positive[row]!;
    if (last[i] === 1) steps.push({ hits, alarms: i + 1 - hits });
  });
  return steps;
}

/** ROC curve from (0, 0) to (1, 1); undefined where there is only one kind of record. */
export function rocCurve(name: string, scores: Float64Array, positive: Uint8Array): Curve | undefined {
  const positives = positive.reduce((a, b) => a + b, 0);
  const negatives = positive.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  const points = thresholds(scores, positive).map(({ hits, alarms }): [number, number] => [
    alarms / negatives,
    hits / positives,
  ]);
  const prevalence = positives / positive.length;
  return { name, area: auroc(scores, positive), prevalence, points: thin([[0, 0], ...points]) };
}

/** Precision–recall curve by rising recall; undefined without a positive. */
export function prCurve(name: string, scores: Float64Array, positive: Uint8Array): Curve | undefined {
  const positives = positive.reduce((a, b) => a + b, 0);
  if (positives === 0) return undefined;
  const points = thresholds(scores, positive).map(({ hits, alarms }): [number, number] => [
    hits / positives,
    hits / (hits + alarms),
  ]);
  const prevalence = positives / positive.length;
  const start: [number, number] = [0, points[0]![1]];
  return { name, area: auprc(scores, positive), prevalence, points: thin([start, ...points]) };
}

/**
 * The curves of a classifier: of the last class where there are two, of every class or label else, at most the
 * `limit` most frequent.
 */
export function curves({ target, values }: Predictions, { limit = 8 } = {}) {
  if (target.kind === 'values') return {};
  const names = columnNames(target);
  const k = names.length;
  const columns = names.map((name, c) => {
    const positive =
      target.kind === 'classes' ? isClass(target.truth, c) : Uint8Array.from(column(target.truth, k, c));
    return { name, scores: column(values, k, c), positive, count: positive.reduce((a, b) => a + b, 0) };
  });
  const frequent = new Set([...columns].sort((a, b) => b.count - a.count).slice(0, limit));
  const chosen =
    target.kind === 'classes' && k === 2 ? columns.slice(1) : columns.filter((c) => frequent.has(c));
  return {
    rocCurves: chosen.flatMap((c) => rocCurve(c.name, c.scores, c.positive) ?? []),
    prCurves: chosen.flatMap((c) => prCurve(c.name, c.scores, c.positive) ?? []),
  };
}

/** True against predicted for every value, at most `limit` records of them, drawn by the seed. */
export function scatters({ target, values, ids }: Predictions, { limit = 1000, seed = 42 } = {}): Scatter[] {
  if (target.kind !== 'values') return [];
  const k = target.names.length;
  const rows = Int32Array.from(ids, (_, i) => i);
  const shown =
    ids.length > limit ? randomStream(seed, 'scatter').shuffle(rows).slice(0, limit).sort() : rows;
  return target.names.map((name, c) => ({
    name,
    points: Array.from(shown, (i) => [target.truth[i * k + c]!, values[i * k + c]!]),
  }));
}
