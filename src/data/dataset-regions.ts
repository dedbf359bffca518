import { dataError } from '../core/errors.ts';
import { type Skipped, skipCounter } from './dataset.ts';
import type { DatasetOptions } from './dataset-options.ts';
import { type OpenedRecords, openRecords, type RawRecord } from './read-records.ts';
import type { SourceDigest } from './source.ts';

/** Regions of two files as one table with a column of labels. */
interface Labelled {
  readonly records: RawRecord[];
  readonly columns: string[];
  readonly label: string;
  readonly skipped: readonly Skipped[];
  digest(): SourceDigest;
}

const labelColumn = 'label';

/** The regions that were read, as positives, and those of a second file as negatives. Throws a data error where that one gives no sequence. */
export async function readNegatives(
  { columns }: OpenedRecords,
  positives: readonly RawRecord[],
  { negatives, regions, foldCase }: Pick<DatasetOptions, 'negatives' | 'regions' | 'foldCase'>,
): Promise<Labelled> {
  const opened = await openRecords(negatives!, { regions: regions!, ...(foldCase && { foldCase }) });
  const places = columns.map((column) => opened.columns.indexOf(column));
  const records = positives.map((record) => ({ ...record, cells: [...record.cells!, 'positive'] }));
  for await (const record of opened.records) {
    const cells = places.map((place) => record.cells![place] ?? '');
    records.push({ ...record, cells: [...cells, 'negative'] });
  }
  if (records.length === positives.length) throw dataError(`${opened.name} gives no sequences.`);
  const { skipped = [], digest } = opened;
  return { records, columns: [...columns, labelColumn], label: labelColumn, skipped, digest };
}

/**
 * Regions under ids that differ: their names, or, where names repeat (they may tell kinds apart), their places. A place that comes again is
 * left out and counted: it would be the same sequence twice.
 */
export function distinctRegions(read: readonly RawRecord[]): { records: RawRecord[]; again: Skipped } {
  const again = skipCounter('the same region again');
  const placed = read.map((record) => ({ record, place: record.description || record.id }));
  const seen = new Set<string>();
  const kept = placed.filter(({ record, place }) => {
    if (seen.has(place)) {
      again.add(record.id);
      return false;
    }
    seen.add(place);
    return true;
  });
  const named = new Set(kept.map(({ record }) => record.id)).size === kept.length;
  const records = kept.map(({ record, place }) => (named ? record : { ...record, id: place }));
  return { records, again };
}
