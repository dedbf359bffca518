import { usageError } from '../../core/errors.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { DatasetOptions } from '../../data/dataset-options.ts';
import { readDataset } from '../../data/read-dataset.ts';
import type { TargetSchema, TaskKind } from '../../data/target.ts';
import type { OutputSpec } from '../../models/spec.ts';
import type { Messages } from '../messages.ts';
import type { AnswerTask, DataArguments } from '../options.ts';
import { regionsOf } from './regions.ts';

const kinds: Record<AnswerTask, TaskKind> = {
  classes: 'classes',
  labels: 'labels',
  values: 'values',
  positive: 'values',
};

/** The data room's options for what the command line was told; `training` is the record of a model that is there already. */
export function datasetOptions(
  sequences: string,
  given: DataArguments,
  training?: Readonly<Record<string, unknown>>,
): DatasetOptions {
  const { labels, id, label, labelFrom, sequence, group, weight, ambiguous, alphabet, task } = given;
  const { subgroup, track, feature, category, negatives } = given;
  const [first, ...others] = label ?? [];
  const options = {
    regions: regionsOf(sequences, given, training),
    negatives,
    labels,
    id,
    label: others.length === 0 ? first : label,
    labelFrom,
    sequence,
    group,
    subgroup,
    tracks: track,
    features: feature,
    categories: category,
    weight,
    ambiguous,
    alphabet: alphabet && alphabetByName(alphabet),
    task: task && kinds[task as AnswerTask],
  };
  const present = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { sequences, ...present };
}

/** A dataset whose records all have a label. */
export type Labelled = Dataset & Required<Pick<Dataset, 'target'>>;

/** Reads labelled sequences; says what was inferred. Throws a usage error where nothing says what the labels are. */
export async function readLabelled(options: DatasetOptions, messages: Messages): Promise<Labelled> {
  const dataset = await readDataset(options);
  for (const note of dataset.notes) messages.say(note);
  if (dataset.target) return dataset as Labelled;
  throw usageError(
    `${options.sequences} has no labels. Give a table with --labels, a column with --label, or take them from FASTA headers with --label-from.`,
  );
}

/** What a model's output asks of labels, so that classes keep their order. */
export const schemaOf = (output: OutputSpec): TargetSchema =>
  output.kind === 'values'
    ? { kind: 'values', names: [...output.names] }
    : { kind: output.kind, classes: [...output.classes] };
