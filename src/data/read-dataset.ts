import { dataError, usageError } from '../core/errors.ts';
import { annotate } from './annotations.ts';
import { checkedRecords, type Dataset, refuseDuplicates, skipCounter, skippedSentence } from './dataset.ts';
import type { FeatureColumn } from './dataset-features.ts';
import type { DatasetOptions } from './dataset-options.ts';
import { distinctRegions, readNegatives } from './dataset-regions.ts';
import { guessAlphabet } from './letters.ts';
import { type OpenedRecords, openRecords, type RawRecord } from './read-records.ts';

/**
 * Reads sequences and, where given, labels into memory.
 *
 * Labels come from a table joined by id, from a column of the sequence table, from FASTA headers, or from a
 * function. Without any of these the dataset has no target. Records without a label are left out and counted, and so
 * are labels without a sequence. `notes` says what was inferred.
 *
 * Throws a data error that names file and line for anything that is wrong in the files (see the parsers,
 * `checkedRecords` and `readTarget`), duplicate ids, and fewer than `minRecords` records; a usage error for
 * options that contradict one another.
 */
export async function readDataset({
  sequences,
  alphabet,
  ambiguous = 'mask',
  minRecords = 2,
  ...options
}: DatasetOptions): Promise<Dataset> {
  refuseContradictions({ sequences, ...options });
  const { id, ...rest } = options;
  // With a table of labels, --id is a column of that table; sequences in a table may well name theirs the same.
  const opened = await openRecords(
    sequences,
    options.labels === undefined ? options : { ...rest, ...(id !== undefined && { maybeId: id }) },
  );
  const first: RawRecord[] = [];
  for await (const record of opened.records) first.push(record);
  if (first.length === 0) throw nothingRead(opened);
  const others = options.negatives === undefined ? undefined : await readNegatives(opened, first, options);
  const read = others?.records ?? first;
  const { records: raw, again } =
    opened.format === 'regions' && options.labels === undefined ? distinctRegions(read) : { records: read };
  refuseDuplicates(raw, opened.name);

  const guess = alphabet ? { alphabet, why: undefined } : guessAlphabet(lettersOf(raw));
  const skipped = skipCounter('letters outside the alphabet');
  const checked: RawRecord[] = [];
  const check = { alphabet: guess.alphabet, ambiguous, file: opened.name, skipped };
  for await (const record of checkedRecords(raw, check)) checked.push(record);

  refuseFew(checked, minRecords, opened.name);

  const ids = new Set(raw.map((record) => record.id));
  const annotated = await annotate(checked, ids, {
    ...options,
    name: opened.name,
    columns: others?.columns ?? opened.columns,
    ...(others && { label: others.label }),
  });
  const { records, target, why, tracks, features } = annotated;
  refuseFew(records, minRecords, opened.name);
  const gone = [...(opened.skipped ?? []), ...(others?.skipped ?? []), ...(again ? [again] : [])];
  const left = [...gone, skipped, ...annotated.skipped].filter(({ count }) => count > 0);
  return {
    records,
    alphabet: guess.alphabet,
    ...(target && { target }),
    tracks,
    ...(features && { features }),
    sources: [opened.digest(), ...(others ? [others.digest()] : []), ...annotated.sources],
    skipped: left.map(({ reason, count, examples }) => ({ reason, count, examples })),
    notes: [guess.why, why, features && featureSentence(features), ...left.map(skippedSentence)].filter(
      (note) => note !== undefined,
    ),
  };
}

/** Reads a FASTA file: `await fasta('x.fa', { label: (r) => r.tags.class })`. See `readDataset`. */
export const fasta = (path: string, options: Omit<DatasetOptions, 'sequences' | 'format'> = {}) =>
  readDataset({ ...options, sequences: path, format: 'fasta' });

/** Reads a table that holds sequences: `await table('x.csv', { label: 'activity' })`. See `readDataset`. */
export const table = (path: string, options: Omit<DatasetOptions, 'sequences' | 'format'> = {}) =>
  readDataset({ ...options, sequences: path, format: 'table' });

const featureSentence = (features: readonly FeatureColumn[]) =>
  `Read beside the sequence: ${features.map(({ name, kind }) => `${name} (${kind === 'number' ? 'numbers' : 'categories'})`).join(', ')}.`;

function nothingRead({ name, format, skipped = [] }: OpenedRecords) {
  if (format !== 'regions') return dataError(`${name} holds a header line but no rows.`);
  const why = skipped.map(skippedSentence).filter((sentence) => sentence !== undefined);
  return dataError(`${name} gives no sequences. ${why.join(' ') || 'It has no regions.'}`);
}

function* lettersOf(records: RawRecord[]) {
  for (const { sequence } of records) yield sequence;
}

function refuseContradictions({ sequences, labels, label, labelFrom, negatives, regions }: DatasetOptions) {
  if (negatives !== undefined && !regions)
    throw usageError('Negatives (--negatives) are regions of a genome: name it with --genome.');
  if (negatives !== undefined && [labels, label, labelFrom].some((given) => given !== undefined))
    throw usageError(
      'With --negatives the labels are positive and negative; leave --labels, --label and --label-from out.',
    );
  if (negatives === '-' && [sequences, regions?.genome].includes('-'))
    throw usageError('Only one input can be standard input; name files for the others.');
  if (sequences === '-' && labels === '-') {
    throw usageError(
      'Sequences and labels cannot both come from standard input; name a file for one of them.',
    );
  }
  if (labelFrom === undefined) return;
  if (labels !== undefined || label !== undefined) {
    throw usageError(
      'Labels come either from the headers (--label-from) or from a table or column, not both.',
    );
  }
}

function refuseFew(records: readonly unknown[], minRecords: number, file: string) {
  if (records.length >= Math.max(1, minRecords)) return;
  const found = records.length === 1 ? '1 usable record' : `${records.length} usable records`;
  throw dataError(
    `${file} has ${found}; at least ${Math.max(1, minRecords)} ${minRecords > 1 ? 'are' : 'is'} needed.`,
  );
}
