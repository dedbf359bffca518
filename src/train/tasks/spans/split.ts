import { dataError, usageError } from '../../../core/errors.ts';
import { alphabetByName } from '../../../data/alphabet.ts';
import type { Dataset } from '../../../data/dataset.ts';
import { groupNumbers, groupSplit } from '../../../data/split/groups.ts';
import { randomSplit } from '../../../data/split/random.ts';
import { type SimilarityReport, similaritySentence } from '../../../data/split/similarity.ts';
import { leakage, splitIndices } from '../../../data/split/split.ts';
import { type SpanData, spanSubset } from './data.ts';

/** How records are put on the sides of a split; `threshold` is for homology. */
export interface SpanSplitOptions {
  /** Without it: by group where every record has one, text by passage, else at random. */
  by?: 'random' | 'group' | 'homology' | undefined;
  test?: number;
  seed?: number;
  threshold?: number | undefined;
}

/** The letters of records without their spans, for what looks at sequences alone. */
const asDataset = ({ records, alphabet }: SpanData): Dataset => ({
  records: records.map(({ id, passage }) => ({ id, sequence: passage })),
  alphabet: alphabetByName(alphabet!.name, alphabet!.letters),
  ...{ tracks: [], sources: [], skipped: [], notes: [] },
});

/** With fewer groups than this a share of them is too coarse; passages are told apart instead. */
const enoughGroups = 5;

/** What stays together: groups (articles) where there are enough of them, else the passages that questions are asked of. */
export function groupsOfSpans({ kind, records }: SpanData): readonly string[] | undefined {
  const groups = records.map(({ group }) => group);
  if (
    groups.every((group) => group !== undefined) &&
    (kind === 'letters' || new Set(groups).size >= enoughGroups)
  )
    return groups as string[];
  return kind === 'text' ? records.map(({ passage }) => passage) : undefined;
}

/**
 * Splits records; a passage never stands on both sides. Throws a usage error for a split by group without groups and of text by homology, a data
 * error where there are too few records, groups or clusters.
 */
export function splitSpans(
  data: SpanData,
  { by, test = 0.2, seed = 42, threshold }: SpanSplitOptions = {},
): { fit: SpanData; test: SpanData; note: string } {
  const count = data.records.length;
  if (count < 2) throw dataError('There is only one record; two or more are needed to hold one out.');
  const { indices, note } = divided(data, { by, test, seed, threshold });
  return { fit: spanSubset(data, indices.train), test: spanSubset(data, indices.test), note };
}

function divided(
  data: SpanData,
  { by, test, seed, threshold }: { test: number; seed: number } & Pick<SpanSplitOptions, 'by' | 'threshold'>,
) {
  if (by === 'homology') {
    if (data.kind === 'text') throw usageError('A split by homology is for letters; text has no homologs.');
    return splitIndices(asDataset(data), { test, seed, by, ...(threshold !== undefined && { threshold }) });
  }
  const groups = groupsOfSpans(data);
  if (by === 'group' && !groups)
    throw usageError('A split by group needs groups: the column of a table with --group.');
  if (by === 'random' || !groups)
    return { indices: randomSplit(data.records.length, { test, seed }), note: 'Split at random.' };
  const count = new Set(groups).size;
  const what = groups[0] === data.records[0]!.group ? 'group' : 'passage';
  return {
    indices: groupSplit(groupNumbers(groups), { test, seed }),
    note: `Split by ${what}: ${count} ${what}s, none on two sides.`,
  };
}

/** How similar test sequences are to training sequences; of text, how many test passages stand in the training data word for word. */
export function spanLeakage(
  train: SpanData,
  test: SpanData,
): { similarity?: SimilarityReport; sentence: string } {
  if (train.kind === 'letters') {
    const similarity = leakage(asDataset(train), asDataset(test));
    return { similarity, sentence: similaritySentence(similarity) };
  }
  const seen = new Set(train.records.map(({ passage }) => passage));
  const passages = new Set(test.records.map(({ passage }) => passage));
  const twice = [...passages].filter((passage) => seen.has(passage)).length;
  return { sentence: `${twice} of ${passages.size} test passages stand in the training data word for word.` };
}
