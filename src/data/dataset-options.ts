import type { Alphabet, AmbiguityPolicy } from './alphabet.ts';
import type { FeatureColumn } from './dataset-features.ts';
import type { RecordOptions } from './read-records.ts';
import type { TargetSchema, TaskKind } from './target.ts';

/** Where sequences and labels are, and how to read them. Column names are the table's own. */
export interface DatasetOptions extends RecordOptions {
  /** FASTA, FASTQ, GenBank, EMBL, 2bit, or a table with a sequence column; BED, narrowPeak, GFF3 or GTF with `regions`. `-` is standard input. */
  sequences: string;
  /** With `regions`: further regions, whose label is `negative` as that of the first ones is `positive`. */
  negatives?: string;
  /** A table of labels, joined by id. */
  labels?: string;
  /** Label column or columns, or a function of the record; else one called label, class, target or y. */
  label?: string | string[] | LabelFunction;
  /** A regular expression with one group, applied to FASTA headers: `class=(\S+)`. */
  labelFrom?: string;
  /** The column, or a function of the record, that tells which records belong together. */
  group?: string | ((record: Tagged) => string);
  /** The column that tells subgroups apart (see `SequenceRecord`); of several, every combination is a subgroup. */
  subgroup?: string | readonly string[];
  /** Columns of numbers, one per position, separated by commas or blanks. */
  tracks?: string[];
  /** Columns that are read beside the sequence: numbers, or names of categories, as their cells say. */
  features?: readonly string[];
  /** Of these, the ones that hold names even where they look like numbers. */
  categories?: readonly string[];
  /** What a trained model expects of them; then they are not told by their cells. */
  featureSchema?: readonly FeatureColumn[];
  /** A column with the weight of each record in the loss. */
  weight?: string;
  alphabet?: Alphabet;
  task?: TaskKind;
  /** What a trained model expects; then classes and names come from it. */
  schema?: TargetSchema;
  ambiguous?: AmbiguityPolicy;
  /** The fewest records to accept. */
  minRecords?: number;
}

/** A record as label and group functions see it: `tags` are `key=value` pairs of the header, or cells by column. */
export interface Tagged {
  id: string;
  sequence: string;
  description: string;
  tags: Record<string, string>;
}

/** What a label function may return: one label, several, or undefined for none (the record is left out). */
export type LabelValue = string | number | boolean | readonly (string | number | boolean)[] | undefined;
/** What gives a record its label, or labels. */
export type LabelFunction = (record: Tagged) => LabelValue;
