import { dataError } from '../../core/errors.ts';
import type { Target } from '../../data/target.ts';

/**
 * A model's answers beside the truth. `values` holds n×k numbers, row by row: the probability of each class
 * (rows sum to one), the probability of each label (each in [0, 1]), or the predicted values.
 * `groups` names what each record belongs to (patient, family, chromosome) where records are related.
 *
 * @example
 * const p: Predictions = {
 *   ids: ['a', 'b'],
 *   target: { kind: 'classes', classes: ['no', 'yes'], truth: Int32Array.of(0, 1) },
 *   values: Float64Array.of(0.9, 0.1, 0.4, 0.6),
 * };
 */
export interface Predictions {
  ids: string[];
  target: Target;
  values: Float64Array;
  groups?: string[];
}

/** The names of a target's columns: its classes, labels or values. */
export const columnNames = (target: Target): string[] =>
  target.kind === 'values' ? target.names : target.classes;

/** Column `c` of an n×k table stored row by row, as numbers. */
export function column(table: ArrayLike<number>, k: number, c: number): Float64Array {
  const out = new Float64Array(table.length / k);
  for (let i = 0; i < out.length; i++) out[i] = table[i * k + c]!;
  return out;
}

/** 1 where a record is of class `c`, else 0. */
export function isClass(truth: Int32Array, c: number): Uint8Array {
  const out = new Uint8Array(truth.length);
  for (let i = 0; i < out.length; i++) if (truth[i] === c) out[i] = 1;
  return out;
}

/** The most probable class of every row of an n×k table; of equal ones the first. */
export function mostProbable(values: Float64Array, k: number): Int32Array {
  const out = new Int32Array(values.length / k);
  for (let i = 0; i < out.length; i++) {
    let best = 0;
    for (let c = 1; c < k; c++) if (values[i * k + c]! > values[i * k + best]!) best = c;
    out[i] = best;
  }
  return out;
}

/** Which labels are predicted: 1 where the probability reaches `threshold`. */
export function labelDecisions(values: Float64Array, { threshold = 0.5 } = {}): Uint8Array {
  return Uint8Array.from(values, (p) => (p >= threshold ? 1 : 0));
}

/**
 * Checks that predictions can be evaluated and returns their size, n records and k columns.
 * @throws SeqwrightError where there is no record, sizes disagree, or a truth or prediction is no usable number.
 */
export function checkPredictions({ ids, target, values, groups }: Predictions): { n: number; k: number } {
  const n = ids.length;
  const k = columnNames(target).length;
  if (n === 0) throw dataError('There are no records to evaluate; expected at least one labelled record.');
  const expectedTruth = target.kind === 'classes' ? n : n * k;
  if (target.truth.length !== expectedTruth || values.length !== n * k || (groups && groups.length !== n)) {
    const sizes = `truth ${target.truth.length}, predictions ${values.length}, groups ${groups?.length ?? 'none'}`;
    throw new RangeError(`Predictions of ${n} records × ${k} columns disagree in size: ${sizes}.`);
  }
  checkNumbers(ids, target, values, k);
  return { n, k };
}

function checkNumbers(ids: string[], target: Target, values: Float64Array, k: number) {
  const record = (i: number) => `record ${JSON.stringify(ids[i])}`;
  const probabilities = target.kind !== 'values';
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (Number.isFinite(v) && !(probabilities && (v < -1e-6 || v > 1 + 1e-5))) continue;
    const expected = probabilities ? 'a probability from 0 to 1' : 'a number';
    const where = `${record(Math.floor(i / k))}, column ${JSON.stringify(columnNames(target)[i % k])}`;
    throw dataError(`The model predicts ${v} for ${where}; expected ${expected}. Was the training stable?`);
  }
  const { truth } = target;
  for (let i = 0; i < truth.length; i++) {
    const t = truth[i]!;
    if (target.kind === 'classes' ? t >= 0 && t < k : Number.isFinite(t)) continue;
    const row = target.kind === 'classes' ? i : Math.floor(i / k);
    throw dataError(`The true value of ${record(row)} is ${t}; expected a known one. Leave the record out.`);
  }
}
