import { dataError } from '../core/errors.ts';
import type { Alphabet, AmbiguityPolicy } from './alphabet.ts';
import type { FeatureColumn, FeatureValue } from './dataset-features.ts';
import { checkLetters } from './letters.ts';
import type { SourceDigest } from './source.ts';
import { subsetTarget, type Target } from './target.ts';

/** One sequence with what is known about it. */
export interface SequenceRecord {
  id: string;
  sequence: string;
  /** The FASTA header after the id. */
  description?: string;
  /** Label cells as they were read, one per label column. */
  labels?: string[];
  /** Records of one group (patient, chromosome, family) stay on one side of a split by group. */
  group?: string;
  /** What part of the population it is of (strain, laboratory, background): metrics and group-DRO tell these apart. */
  subgroup?: string;
  /** Numbers beside the letters, one array per track, each as long as the sequence. */
  tracks?: Float32Array[];
  /** What a table says of the record beside its sequence, one value a feature of the dataset. */
  features?: readonly FeatureValue[];
  /** How much the record counts in the loss. */
  weight?: number;
  /** The line of its header or row. */
  line?: number;
}

/** Records left out, by reason, with a few ids as examples. */
export interface Skipped {
  reason: string;
  count: number;
  examples: string[];
}

/** Records with one alphabet and, where labels were given, one target in the same order. */
export interface Dataset {
  records: SequenceRecord[];
  alphabet: Alphabet;
  target?: Target;
  /** Names of the numeric tracks that every record carries; empty where there are none. */
  tracks: string[];
  /** Columns of a table that every record has a value of, missing ones included. */
  features?: readonly FeatureColumn[];
  sources: SourceDigest[];
  skipped: Skipped[];
  /** Sentences about what was inferred, for the user to read. */
  notes: string[];
}

/** Some of the records, in the given order, with their part of the target. */
export function subset(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const records = Array.from(indices, (i) => dataset.records[i]!);
  const target = dataset.target && subsetTarget(dataset.target, indices);
  return { ...dataset, records, ...(target && { target }) };
}

/** Class or label names of the target; empty for values and where there is no target. */
export const classesOf = ({ target }: Dataset): string[] =>
  target === undefined || target.kind === 'values' ? [] : target.classes;

/** Token ids of every sequence, in order. */
export const encodeAll = ({ records, alphabet }: Dataset): Int32Array[] =>
  records.map(({ sequence }) => alphabet.encode(sequence));

/** Counts what is left out, keeping five ids as examples. */
export function skipCounter(reason: string): Skipped & { add(id: string): void } {
  return {
    reason,
    count: 0,
    examples: [],
    add(id) {
      this.count++;
      if (this.examples.length < 5) this.examples.push(id);
    },
  };
}

/** `left out 3 records (no label): s1, s2, s3`, or undefined where nothing was left out. */
export function skippedSentence({ reason, count, examples }: Skipped): string | undefined {
  if (count === 0) return undefined;
  const more = count > examples.length ? ', …' : '';
  return `Left out ${count} ${count === 1 ? 'record' : 'records'} (${reason}): ${examples.join(', ')}${more}.`;
}

/**
 * Passes on the records whose letters fit the alphabet; under policy `skip` those with ambiguity letters are
 * counted in `skipped` instead. Throws a data error with file, line, record and position otherwise.
 */
export async function* checkedRecords<R extends SequenceRecord>(
  records: AsyncIterable<R> | Iterable<R>,
  {
    alphabet,
    ambiguous,
    file,
    skipped,
  }: { alphabet: Alphabet; ambiguous: AmbiguityPolicy; file: string; skipped: { add(id: string): void } },
): AsyncGenerator<R> {
  for await (const record of records) {
    const place = { file, line: record.line ?? 1, id: record.id };
    if (checkLetters(record.sequence, alphabet, ambiguous, place)) yield record;
    else skipped.add(record.id);
  }
}

/** Throws a data error naming both lines where an id occurs twice. */
export function refuseDuplicates(records: readonly { id: string; line?: number }[], file: string) {
  const seen = new Map<string, number>();
  for (const { id, line = 0 } of records) {
    const before = seen.get(id);
    if (before !== undefined) {
      throw dataError(`${file}:${line}: id "${id}" is already taken on line ${before}; ids must be unique.`);
    }
    seen.set(id, line);
  }
}
