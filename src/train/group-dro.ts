import { dataError, usageError } from '../core/errors.ts';
import type { SequenceRecord } from '../data/dataset.ts';
import {
  add,
  cast,
  concat,
  equal,
  exp,
  input,
  logSoftmax,
  max,
  mul,
  reshape,
  stopGradient,
  sum,
} from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import type { StateSpec } from '../runtime/program.ts';

/** How the worst subgroup is found. */
export interface GroupDroOptions {
  /** Records of each subgroup in the training data. */
  readonly counts: readonly number[];
  /** How fast weight moves to the subgroups with the largest loss (η_q); 0 leaves all at the same weight. */
  readonly step: number;
  /** C: what is added to the loss of a subgroup of n records is C / √n, as small ones generalise worse. */
  readonly adjustment?: number;
}

/** The state that holds the logarithm of each subgroup's weight. */
export const groupWeightsName = 'groupDro/logWeights';

/**
 * The loss of group-DRO (Sagawa et al. 2020, Algorithm 1): Σ q_g ℓ_g over the subgroups of a batch, where the weights q follow the losses by
 * exponentiated gradient, q_g ← q_g exp(η (ℓ_g + C/√n_g)) / Σ, before they are used. What is minimised is the loss of the worst subgroup rather
 * than the mean over records. Of a subgroup that the batch lacks
 * nothing is learned, so it gets no push. Gradients do not flow through q.
 * q is kept as its logarithm, so that a subgroup that did well for long can come back.
 *
 * `lossOf` gives the mean loss of a batch when each record counts as the weights [batch] say; `subgroup` int32 [batch] is the number of each
 * record's subgroup.
 * @example groupDro((weights) => crossEntropy(logits, target, { sampleWeights: weights }), subgroup, { counts: [950, 50], step: 0.01 })
 */
export function groupDro(
  lossOf: (weights: Value) => Value,
  subgroup: Value,
  { counts, step, adjustment = 0 }: GroupDroOptions,
): { readonly loss: Value; readonly weights: Value; readonly state: Readonly<Record<string, StateSpec>> } {
  const members = counts.map((_, g) => cast(equal(subgroup, g), 'float32'));
  const losses = members.map(lossOf);
  const before = input(groupWeightsName, [counts.length]);
  const push = losses.map((loss, g) => {
    const risk = add(stopGradient(loss), adjustment / Math.sqrt(counts[g]!));
    return mul(mul(risk, step), max(members[g]!));
  });
  const logWeights = logSoftmax(add(before, row(push)));
  const weights = exp(logWeights);
  const initial = new Float32Array(counts.length).fill(-Math.log(counts.length));
  return {
    loss: sum(mul(weights, row(losses))),
    weights,
    state: { [groupWeightsName]: { value: before, next: logWeights, initial } },
  };
}

/** Scalars as one vector. */
const row = (scalars: readonly Value[]): Value =>
  concat(
    scalars.map((scalar) => reshape(scalar, [1])),
    0,
  );

/** More subgroups than this have too few records each to be told from noise. */
const most = 100;

/** The subgroups of records: their names in order, how many records each has, and the number of each record's. */
export interface Subgroups {
  readonly names: readonly string[];
  readonly counts: readonly number[];
  readonly of: Int32Array;
}

/** The subgroups that records are in; undefined where records have none. */
export function subgroupsOf(records: readonly SequenceRecord[]): Subgroups | undefined {
  if (records.length === 0 || records.some(({ subgroup }) => subgroup === undefined)) return undefined;
  const names = [...new Set(records.map(({ subgroup }) => subgroup!))].sort();
  const numbers = new Map(names.map((name, g) => [name, g]));
  const of = Int32Array.from(records, ({ subgroup }) => numbers.get(subgroup!)!);
  const counts = new Array<number>(names.length).fill(0);
  for (const g of of) counts[g]!++;
  return { names, counts, of };
}

/** The subgroups to train on; throws a usage error where there are none, a data error where there are too many to tell apart. */
export function trainingSubgroups(records: readonly SequenceRecord[]): Subgroups {
  const found = subgroupsOf(records);
  if (!found)
    throw usageError(
      'group-DRO learns for the worst of several subgroups, and the records have none: name their column with --subgroup (in a program, subgroup of each record).',
    );
  if (found.names.length > most)
    throw dataError(
      `the training records form ${found.names.length} subgroups (such as "${found.names[0]}"); group-DRO takes up to ${most}. Join the small ones, or leave --group-dro out.`,
    );
  return found;
}
