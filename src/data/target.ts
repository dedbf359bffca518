/** What is to be predicted, without the truth: what a model remembers of its training target. */
export type TargetSchema =
  | { kind: 'classes'; classes: string[] }
  | { kind: 'labels'; classes: string[] }
  | { kind: 'values'; names: string[] };

/**
 * What is to be predicted, for n records:
 * - `classes`: one of several; `truth[i]` is an index into `classes`. With two, index 1 is the positive one.
 * - `labels`: any number of k; `truth` is n×k zeros and ones, row-major.
 * - `values`: k real numbers; `truth` is n×k, row-major.
 */
export type Target =
  | { kind: 'classes'; classes: string[]; truth: Int32Array }
  | { kind: 'labels'; classes: string[]; truth: Uint8Array }
  | { kind: 'values'; names: string[]; truth: Float64Array };

/** What is learned: one class of several, any number of labels at once, or real values. */
export type TaskKind = Target['kind'];

/** How many numbers of truth each record has: 1 for classes, k for labels and values. */
export const targetWidth = (target: TargetSchema) =>
  target.kind === 'classes' ? 1 : target.kind === 'labels' ? target.classes.length : target.names.length;

/** The target of some of the records, in the given order. */
export function subsetTarget<T extends Target>(target: T, indices: ArrayLike<number>): T {
  const width = targetWidth(target);
  const truth = target.truth.slice(0, 0);
  const rows = new (truth.constructor as Int32ArrayConstructor)(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    for (let k = 0; k < width; k++) rows[i * width + k] = target.truth[indices[i]! * width + k]!;
  }
  return { ...target, truth: rows };
}

/**
 * A number per record such that records with equal numbers should be spread evenly over a split: the class,
 * or the combination of labels; undefined for values.
 */
export function strataOf(target: Target | undefined): Int32Array | undefined {
  if (target?.kind === 'classes') return target.truth;
  if (target?.kind !== 'labels') return undefined;
  const width = target.classes.length;
  const seen = new Map<string, number>();
  return Int32Array.from({ length: target.truth.length / width }, (_, i) => {
    const key = target.truth.subarray(i * width, (i + 1) * width).join('');
    if (!seen.has(key)) seen.set(key, seen.size);
    return seen.get(key)!;
  });
}
