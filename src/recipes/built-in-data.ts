import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { dataError, usageError } from '../core/errors.ts';
import type { Dataset } from '../data/dataset.ts';
import type { DatasetOptions } from '../data/dataset-options.ts';
import { readDataset } from '../data/read-dataset.ts';
import type { RunReport } from '../report/run-report.ts';

/** A dataset that comes with the package; its source is named relative to it, so that a report is the same on every machine. */
export const builtInDataset = (file: string): Promise<Dataset> => readBuiltIn(file, { label: 'label' });

/** Sequences without labels that come with the package; their source is named as `builtInDataset` does. */
export const builtInSequences = (file: string): Promise<Dataset> => readBuiltIn(file, { minRecords: 1 });

/** A text that comes with the package. */
export const builtInText = (file: string): Promise<string> =>
  readFile(pathOf(`examples/data/${file}`), 'utf8');

const pathOf = (place: string) => fileURLToPath(new URL(`../../${place}`, import.meta.url));

async function readBuiltIn(file: string, options: Omit<DatasetOptions, 'sequences'>): Promise<Dataset> {
  const place = `examples/data/${file}`;
  const sequences = pathOf(place);
  const dataset = await readDataset({ ...options, sequences });
  return { ...dataset, sources: dataset.sources.map((source) => ({ ...source, path: place })) };
}

/** The user's records with one of several classes each; throws a data error where they are labelled otherwise. */
export async function classDataset(input: DatasetOptions, classes: number | 'any'): Promise<Dataset> {
  const dataset = await readDataset({ ...input, task: 'classes', minRecords: 10 });
  const { target } = dataset;
  if (target?.kind !== 'classes')
    throw dataError(
      `${input.sequences} has no labels; give a table with --labels, a column with --label or --label-from.`,
    );
  const counts = target.classes.map((_, c) => target.truth.filter((y) => y === c).length);
  if (classes !== 'any' && target.classes.length !== classes)
    throw dataError(
      `${input.sequences}: expected ${classes} classes, found ${target.classes.length}: ${target.classes.slice(0, 5).join(', ')}.`,
    );
  const rare = counts.findIndex((count) => count < 2);
  if (rare >= 0)
    throw dataError(
      `${input.sequences}: class "${target.classes[rare]}" has ${counts[rare]} record; cross-validation needs at least 2 of each.`,
    );
  return dataset;
}

/** The length of all records where they have one. */
export function commonLength({ records }: Dataset): number | null {
  const length = records[0]!.sequence.length;
  return records.every(({ sequence }) => sequence.length === length) ? length : null;
}

/** What a report says of its data. */
export function dataOf(dataset: Dataset): NonNullable<RunReport['data']> {
  const { records, target, alphabet, skipped, sources, notes } = dataset;
  const task = notes.find((note) => note.startsWith('Task: '));
  const classes = target?.kind === 'classes' ? target.classes : [];
  return {
    records: records.length,
    ...(task && { task: task.slice('Task: '.length).replace(/\.$/, '') }),
    alphabet: alphabet.name,
    classes: classes.map((name, c) => ({
      name,
      count: Array.from(target!.truth).filter((y) => y === c).length,
    })),
    lengths: records.map(({ sequence }) => sequence.length),
    skipped,
    sources,
  };
}

/** Throws a usage error unless every setting is a whole number of at least 1. */
export function checkWhole(settings: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(settings))
    if (!Number.isSafeInteger(value) || (value as number) < 1)
      throw usageError(`${name}: expected a whole number of at least 1, received ${JSON.stringify(value)}.`);
}
