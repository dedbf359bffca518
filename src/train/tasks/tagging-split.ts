import { dataError, usageError } from '../../core/errors.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import type { Dataset } from '../../data/dataset.ts';
import { groupNumbers, groupSplit } from '../../data/split/groups.ts';
import { randomSplit } from '../../data/split/random.ts';
import { type SimilarityReport, similaritySentence } from '../../data/split/similarity.ts';
import { leakage, splitIndices } from '../../data/split/split.ts';
import { type TaggedData, taggedSubset } from './tagging-data.ts';

/** How tagged sequences are put on the sides of a split; `threshold` is for homology. */
export interface TaggedSplitOptions {
  /** Without it: by group where every sequence has one, else at random. */
  by?: 'random' | 'group' | 'homology';
  test?: number;
  seed?: number;
  threshold?: number;
}

/** The letters of a dataset without its tags, for what looks at sequences alone. */
const asDataset = ({ sequences, alphabet }: TaggedData): Dataset => ({
  records: sequences.map(({ id, tokens }) => ({
    id,
    sequence: typeof tokens === 'string' ? tokens : tokens.join(''),
  })),
  alphabet: alphabetByName(alphabet!.name, alphabet!.letters),
  tracks: [],
  sources: [],
  skipped: [],
  notes: [],
});

/**
 * Splits tagged sequences. Throws a usage error for a split by group without groups and for words by homology, a data error where there
 * are too few sequences, groups or clusters.
 */
export function splitTagged(
  data: TaggedData,
  { by, test = 0.2, seed = 42, threshold }: TaggedSplitOptions = {},
): { fit: TaggedData; test: TaggedData; note: string } {
  if (data.sequences.length < 2)
    throw dataError('There is only one sequence; two or more are needed to hold one out.');
  const { indices, note } = divided(data, { by, test, seed, threshold });
  return { fit: taggedSubset(data, indices.train), test: taggedSubset(data, indices.test), note };
}

function divided(
  data: TaggedData,
  { by, test, seed, threshold }: { [K in keyof TaggedSplitOptions]: TaggedSplitOptions[K] | undefined },
) {
  const shares = { ...(test !== undefined && { test }), ...(seed !== undefined && { seed }) };
  const groups = data.sequences.map(({ group }) => group);
  const grouped = groups.every((group) => group !== undefined);
  if (by === 'homology') {
    if (data.kind === 'words')
      throw usageError('A split by homology is for letters; words have no homologs.');
    return splitIndices(asDataset(data), { ...shares, by, ...(threshold !== undefined && { threshold }) });
  }
  if (by === 'group' && !grouped)
    throw usageError('A split by group needs groups: documents of CoNLL, or a column with --group.');
  if (by === 'random' || !grouped)
    return { indices: randomSplit(groups.length, shares), note: 'Split at random.' };
  const count = new Set(groups).size;
  return {
    indices: groupSplit(groupNumbers(groups as string[]), shares),
    note: `Split by group: ${count} groups, none on two sides.`,
  };
}

/** How similar test letters are to training letters; of words, how many test sentences stand in the training data word for word. */
export function taggedLeakage(
  train: TaggedData,
  test: TaggedData,
): { similarity?: SimilarityReport; sentence: string } {
  if (train.kind === 'letters') {
    const similarity = leakage(asDataset(train), asDataset(test));
    return { similarity, sentence: similaritySentence(similarity) };
  }
  const text = ({ tokens }: { tokens: string | readonly string[] }) => Array.from(tokens).join(' ');
  const seen = new Set(train.sequences.map(text));
  const twice = test.sequences.filter((sequence) => seen.has(text(sequence))).length;
  const share = Math.round((1000 * twice) / test.sequences.length) / 10;
  return {
    sentence: `${twice} of ${test.sequences.length} test sentences (${share} %) stand in the training data word for word.`,
  };
}
