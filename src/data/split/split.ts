import { dataError, usageError } from '../../core/errors.ts';
import { type Dataset, subset } from '../dataset.ts';
import { strataOf } from '../target.ts';
import { groupKFold, groupNumbers, groupSplit } from './groups.ts';
import { homologyClusters } from './homology.ts';
import { kFold, leaveOneOut, randomSplit, type Split, stratifiedSplit } from './random.ts';
import { type SimilarityReport, similarityReport } from './similarity.ts';

/** How records are put on the sides of a split. */
export type SplitMethod = 'random' | 'stratified' | 'group' | 'homology';

/** `threshold` and `k` are for homology only. Without `by`: stratified where there are classes, else random. */
export interface SplitOptions {
  by?: SplitMethod;
  test?: number;
  validation?: number;
  seed?: number;
  threshold?: number;
  k?: number;
}

/** Datasets for fitting, validation and the test, the indices they came from, and a sentence about the method. */
export interface DatasetSplit {
  fit: Dataset;
  test: Dataset;
  validation?: Dataset;
  indices: Split;
  note: string;
}

/**
 * Splits a dataset: `const { fit, test } = split(records, { test: 0.2, by: 'homology', seed: 1 })`.
 * Throws a usage error for impossible shares and for `group` without groups, a data error where the groups or clusters are
 * too few.
 */
export function split(
  dataset: Dataset,
  { test = 0.2, validation = 0, ...options }: SplitOptions = {},
): DatasetSplit {
  const { indices, note } = splitIndices(dataset, { test, validation, ...options });
  const held = indices.validation && subset(dataset, indices.validation);
  return {
    fit: subset(dataset, indices.train),
    test: subset(dataset, indices.test),
    ...(held && { validation: held }),
    indices,
    note,
  };
}

/** The same as indices only. */
export function splitIndices(dataset: Dataset, options: SplitOptions = {}): { indices: Split; note: string } {
  const { by, strata, seed, test, validation } = prepared(dataset, options);
  const shares = { test: test ?? 0.2, validation: validation ?? 0, seed };
  if (by === 'random')
    return { indices: randomSplit(dataset.records.length, shares), note: 'Split at random.' };
  if (by === 'stratified') return { indices: stratifiedSplit(strata, shares), note: stratifiedNote };
  const { groups, note } = groupsOf(dataset, by, options);
  return { indices: groupSplit(groups, { ...shares, strata }), note };
}

/** Cross-validation folds of a dataset, by the same methods; `folds: 'all'` leaves one record out at a time. */
export function foldIndices(
  dataset: Dataset,
  { folds = 10, ...options }: Omit<SplitOptions, 'test' | 'validation'> & { folds?: number | 'all' } = {},
): { splits: Split[]; note: string } {
  const n = dataset.records.length;
  if (folds === 'all') return { splits: leaveOneOut(n), note: `Leave-one-out over ${n} records.` };
  const { by, strata, seed } = prepared(dataset, options);
  if (by === 'random') return { splits: kFold(n, { folds, seed }), note: `${folds} folds at random.` };
  if (by === 'stratified') {
    return { splits: kFold(n, { folds, seed, strata }), note: `${folds} folds. ${stratifiedNote}` };
  }
  const { groups, note } = groupsOf(dataset, by, options);
  return { splits: groupKFold(groups, { folds, seed, strata }), note: `${folds} folds. ${note}` };
}

const stratifiedNote = 'Split at random with class proportions kept.';

function prepared(dataset: Dataset, options: SplitOptions) {
  const found = strataOf(dataset.target);
  const strata = found ?? new Int32Array(dataset.records.length);
  return {
    ...options,
    by: options.by ?? (found ? 'stratified' : 'random'),
    strata,
    seed: options.seed ?? 42,
  };
}

function groupsOf(dataset: Dataset, by: 'group' | 'homology', { threshold, k }: SplitOptions) {
  if (by === 'group') {
    const names = dataset.records.map(({ id, group }) => {
      if (group === undefined) throw usageError('A split by group needs a column of groups: give --group.');
      if (group === '')
        throw dataError(`Record "${id}" has an empty group; fill it in or remove the record.`);
      return group;
    });
    const groups = groupNumbers(names);
    return { groups, note: `Split by group: ${new Set(names).size} groups, none on two sides.` };
  }
  const sequences = dataset.records.map(({ sequence }) => sequence);
  const clustered = homologyClusters(sequences, dataset.alphabet, {
    ...(threshold !== undefined && { threshold }),
    ...(k !== undefined && { k }),
  });
  const largest = largestShare(clustered.cluster);
  const note =
    `Split by homology: ${clustered.clusters} clusters of ${sequences.length} sequences (sharing at least ` +
    `${clustered.threshold} of their ${clustered.k}-mers), none on two sides; the largest holds ${largest} %.`;
  if (clustered.clusters === 1) {
    throw dataError(
      `All ${sequences.length} sequences are one cluster of homologs at similarity ${clustered.threshold}. ` +
        'Raise the threshold, or split at random and read the figures as those of one family.',
    );
  }
  return { groups: clustered.cluster, note };
}

function largestShare(cluster: Int32Array): number {
  const sizes = new Map<number, number>();
  for (const c of cluster) sizes.set(c, (sizes.get(c) ?? 0) + 1);
  const largest = [...sizes.values()].reduce((most, size) => Math.max(most, size), 0);
  return Math.round((100 * largest) / cluster.length);
}

/** The similarity of a test dataset to a training dataset; see `similarityReport`. */
export const leakage = (train: Dataset, test: Dataset, options: { k?: number } = {}): SimilarityReport =>
  similarityReport(
    train.records.map(({ sequence }) => sequence),
    test.records.map(({ sequence }) => sequence),
    train.alphabet,
    options,
  );
