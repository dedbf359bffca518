import { mostProbable, type Predictions } from './predictions.ts';

/** A wrong answer: of a classifier with its probability, of a regression with both values. */
export interface ConfidentError {
  id: string;
  /** Name of the class; label and whether it is there; or the true value. */
  truth: string | number;
  predicted: string | number;
  /** The probability that the model gave its wrong answer; none for values. */
  probability?: number;
}

/** The `limit` items that come first by descending `by`, in that order; ties by position. */
function top<T>(items: T[], by: (item: T) => number, limit: number): T[] {
  return items.sort((a, b) => by(b) - by(a)).slice(0, limit);
}

/** The wrong answers that the model was surest of; for values, those farthest off in units of their column's spread. */
export function confidentErrors(predictions: Predictions, { limit = 20 } = {}): ConfidentError[] {
  const { kind } = predictions.target;
  if (kind === 'classes') return classErrors(predictions, limit);
  return kind === 'labels' ? labelErrors(predictions, limit) : valueErrors(predictions, limit);
}

function classErrors({ ids, target, values }: Predictions, limit: number): ConfidentError[] {
  if (target.kind !== 'classes') return [];
  const k = target.classes.length;
  const wrong: { i: number; c: number; p: number }[] = [];
  mostProbable(values, k).forEach((c, i) => {
    if (c !== target.truth[i]) wrong.push({ i, c, p: values[i * k + c]! });
  });
  return top(wrong, (e) => e.p, limit).map(({ i, c, p }) => ({
    id: ids[i]!,
    truth: target.classes[target.truth[i]!]!,
    predicted: target.classes[c]!,
    probability: p,
  }));
}

function labelErrors({ ids, target, values }: Predictions, limit: number): ConfidentError[] {
  if (target.kind !== 'labels') return [];
  const k = target.classes.length;
  const wrong: { i: number; p: number }[] = [];
  target.truth.forEach((t, i) => {
    const p = t === 1 ? 1 - values[i]! : values[i]!;
    if (t === 1 ? values[i]! < 0.5 : values[i]! >= 0.5) wrong.push({ i, p });
  });
  return top(wrong, (e) => e.p, limit).map(({ i, p }) => {
    const [name, present] = [target.classes[i % k]!, target.truth[i] === 1];
    const [truth, predicted] = present ? [name, `no ${name}`] : [`no ${name}`, name];
    return { id: ids[Math.floor(i / k)]!, truth, predicted, probability: p };
  });
}

function valueErrors({ ids, target, values }: Predictions, limit: number): ConfidentError[] {
  if (target.kind !== 'values') return [];
  const { names, truth } = target;
  const k = names.length;
  const squares = new Float64Array(k);
  truth.forEach((t, i) => {
    squares[i % k]! += (values[i]! - t) ** 2;
  });
  const off = (i: number) => Math.abs(values[i]! - truth[i]!) / Math.sqrt(squares[i % k]! || 1);
  const rows = Array.from(truth, (_, i) => i).filter((i) => values[i] !== truth[i]);
  return top(rows, off, limit).map((i) => ({
    id: ids[Math.floor(i / k)]! + (k > 1 ? ` (${names[i % k]})` : ''),
    truth: truth[i]!,
    predicted: values[i]!,
  }));
}
