import { dataError, usageError } from '../../core/errors.ts';
import type { Compiled } from './compiled.ts';

/** What is known of the states behind a sequence, for supervised and semi-supervised use. */
export interface Labels {
  /** The class at each position; −1 where it is not known. */
  readonly labels: Int32Array;
  /** The class of each state of the model; by default each state is a class of its own. */
  readonly classes?: ArrayLike<number>;
}

/** Labels in the order of compiled states. */
export interface Constraint {
  readonly labels: Int32Array;
  readonly classes: Int32Array;
}

/** Throws a data error for labels of another length, a usage error for classes of another number of states. */
export function constraintOf(
  { labels, classes }: Labels,
  { user, states }: Compiled,
  length: number,
): Constraint {
  if (labels.length !== length)
    throw dataError(`${labels.length} labels for ${length} positions; expected one each, −1 where unknown.`);
  if (classes && classes.length !== states)
    throw usageError(`${classes.length} classes for ${states} states; expected one each.`);
  return { labels, classes: user.map((s) => classes?.[s] ?? s) };
}

/** Sets to zero (or `value`) the emitting states, from `row` on, that contradict the label of position t. */
export function constrain(
  { labels, classes }: Constraint,
  t: number,
  values: Float64Array,
  row: number,
  emitting: number,
  value = 0,
): void {
  const label = labels[t]!;
  if (label < 0) return;
  for (let s = 0; s < emitting; s++) if (classes[s] !== label) values[row + s] = value;
}
