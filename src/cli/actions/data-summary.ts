import { type Dataset, skippedSentence } from '../../data/dataset.ts';
import type { DataSummary, SourceFile } from '../../report/run-report.ts';

/** Records of each class, or with each label, in the order of the classes; none for values. */
export function classCounts({ target }: Dataset): { name: string; count: number }[] {
  if (!target || target.kind === 'values') return [];
  const { kind, classes, truth } = target;
  const counts = new Float64Array(classes.length);
  truth.forEach((value, i) => {
    if (kind === 'classes') counts[value]!++;
    else counts[i % classes.length]! += value;
  });
  return classes.map((name, c) => ({ name, count: counts[c]! }));
}

/** `1,200 records of 57 to 81 letters; yes 400, no 800.` */
export function datasetSentence(dataset: Dataset): string {
  const { low, high } = lengthRange(dataset);
  const letters = low === high ? `${low}` : `${low} to ${high}`;
  const counts = classCounts(dataset);
  const shown = counts.slice(0, 12).map(({ name, count }) => `${name} ${count}`);
  const more = counts.length > shown.length ? ', …' : '';
  const classes = counts.length > 0 ? `; ${shown.join(', ')}${more}` : '';
  return `${dataset.records.length} records of ${letters} letters${classes}.`;
}

function lengthRange({ records }: Dataset) {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const { sequence } of records) {
    low = Math.min(low, sequence.length);
    high = Math.max(high, sequence.length);
  }
  return { low, high };
}

/** What a report says of its data; further datasets add their files and what was left out of them. */
export function dataSummary(dataset: Dataset, others: readonly Dataset[] = []): DataSummary {
  const all = [dataset, ...others];
  const task = dataset.notes.find((note) => note.startsWith('Task: '));
  return {
    records: dataset.records.length,
    ...(task && { task: task.slice('Task: '.length).replace(/\.$/, '') }),
    alphabet: dataset.alphabet.name,
    classes: classCounts(dataset),
    lengths: dataset.records.map(({ sequence }) => sequence.length),
    skipped: all.flatMap(({ skipped }) => skipped),
    sources: sourcesOf(all),
  };
}

/** The files that datasets were read from, each once. */
export function sourcesOf(datasets: readonly Dataset[]): SourceFile[] {
  const byPath = new Map(datasets.flatMap(({ sources }) => sources.map((s) => [s.path, s] as const)));
  return [...byPath.values()];
}

/** What was left out of a dataset, in sentences. */
export const skippedNotes = ({ skipped }: Dataset): string[] =>
  skipped.map(skippedSentence).filter((sentence) => sentence !== undefined);
