import { usageError } from '../../core/errors.ts';
import type { Target } from '../../data/target.ts';
import { columnNames, type Predictions } from './predictions.ts';

/** What is known of the records a baseline is evaluated on. */
interface Records {
  ids?: string[];
  groups?: string[] | undefined;
}

/**
 * The trivial classifier: every record gets the training data's class (or label) frequencies, and so the most
 * frequent class. Counts the training truth once; never looks at the test truth.
 * @throws SeqwrightError for real-valued targets, or where the two targets have other classes.
 */
export function majorityBaseline(train: Target, test: Target, records: Records = {}): Predictions {
  if (train.kind === 'values')
    throw usageError('A majority baseline needs classes or labels; use meanBaseline.');
  const k = train.classes.length;
  const frequencies = new Float64Array(k);
  if (train.kind === 'classes') for (const c of train.truth) frequencies[c]!++;
  else train.truth.forEach((t, i) => void (frequencies[i % k]! += t));
  const n = train.truth.length / (train.kind === 'classes' ? 1 : k);
  return everywhere(
    frequencies.map((count) => count / n),
    train,
    test,
    records,
  );
}

/**
 * The trivial regression: every record gets the mean of the training values.
 * @throws SeqwrightError for classes or labels, or where the two targets have other names.
 */
export function meanBaseline(train: Target, test: Target, records: Records = {}): Predictions {
  if (train.kind !== 'values') throw usageError('A mean baseline needs real values; use majorityBaseline.');
  const k = train.names.length;
  const means = new Float64Array(k);
  train.truth.forEach((t, i) => void (means[i % k]! += t / (train.truth.length / k)));
  return everywhere(means, train, test, records);
}

/** The baseline that suits the target: majority for classes and labels, mean for values. */
export const trivialBaseline = (train: Target, test: Target, records: Records = {}): Predictions =>
  (train.kind === 'values' ? meanBaseline : majorityBaseline)(train, test, records);

function everywhere(row: Float64Array, train: Target, test: Target, { ids, groups }: Records): Predictions {
  const [ours, theirs] = [columnNames(train), columnNames(test)];
  if (train.kind !== test.kind || ours.join('\n') !== theirs.join('\n')) {
    throw usageError(
      `Training and test data ask for different things: ${train.kind} ${ours.join(', ')} against ${test.kind} ${theirs.join(', ')}. Use the same labels for both.`,
    );
  }
  const n = test.truth.length / (test.kind === 'classes' ? 1 : row.length);
  const values = new Float64Array(n * row.length).map((_, i) => row[i % row.length]!);
  const names = ids ?? Array.from({ length: n }, (_, i) => `record ${i + 1}`);
  return { ids: names, target: test, values, ...(groups && { groups }) };
}
