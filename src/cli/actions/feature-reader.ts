import { dataError, usageError } from '../../core/errors.ts';
import type { FeatureValue } from '../../data/dataset-features.ts';
import { featureValues } from '../../data/dataset-features.ts';
import type { OpenedRecords, RawRecord } from '../../data/read-records.ts';
import { openSource } from '../../data/source.ts';
import { columnIndex, openTable, type TableRow } from '../../data/table/table.ts';
import { type FeatureSpec, unknownCategories } from '../../models/features.ts';
import { counted } from '../../report/format.ts';

/** Counts records with categories that training did not know, which a model takes for none of those it knows. */
export interface Unknown {
  look(features: readonly FeatureSpec[], values: readonly FeatureValue[]): void;
  /** What there was, in a sentence; undefined where there was nothing. */
  sentence(): string | undefined;
}

export function unknownCounter(): Unknown {
  let [count, example] = [0, ''];
  return {
    look(features, values) {
      const [first] = unknownCategories(features, values);
      if (first === undefined) return;
      count++;
      example ||= first;
    },
    sentence: () =>
      count === 0
        ? undefined
        : `${counted(count, 'record')} with a category that the training did not know (such as ${example}); it is taken for none of those that it knew.`,
  };
}

/** Where the cells of a record are found. */
interface Cells {
  readonly name: string;
  readonly columns: readonly string[];
  row(record: RawRecord): { readonly cells: readonly string[]; readonly line: number };
}

/**
 * The records of a file with the columns of a table that a model reads beside the sequence: those of the file itself, or of `table`, which is
 * joined by id. Throws a data error for a column or a row that is not there.
 */
export async function withFeatures(
  opened: OpenedRecords,
  features: readonly FeatureSpec[],
  { table, id }: { table?: string | undefined; id?: string | undefined },
  unknown: Unknown,
): Promise<OpenedRecords> {
  if (features.length === 0) {
    if (table === undefined) return opened;
    throw usageError(
      '--table is for models that read columns of a table beside the sequence; this one does not.',
    );
  }
  const own: Cells = {
    name: opened.name,
    columns: opened.columns,
    row: ({ cells = [], line }) => ({ cells, line }),
  };
  const found = table === undefined ? own : await joined(table, id, opened.name);
  const places = features.map(({ name }) => {
    const place = found.columns.indexOf(name);
    if (place >= 0) return place;
    throw dataError(
      `${found.name} has no column "${name}", which the model reads beside the sequence. ${table === undefined ? 'Give a table with that column, or one joined by id with --table.' : `It has: ${found.columns.join(', ')}.`}`,
    );
  });
  async function* records(): AsyncGenerator<RawRecord> {
    for await (const record of opened.records) {
      const { cells, line } = found.row(record);
      const own = places.map((place) => cells[place]!);
      const values = featureValues(features, own, { file: found.name, line, id: record.id });
      unknown.look(features, values);
      yield { ...record, features: values } as RawRecord;
    }
  }
  return { ...opened, records: records() };
}

/** A table whose rows are found by id. */
async function joined(path: string, id: string | undefined, sequences: string): Promise<Cells> {
  const source = openSource(path);
  const opened = await openTable(source.chunks, { name: source.name });
  const lower = opened.columns.map((column) => column.toLowerCase());
  const idColumn = id ?? opened.columns[Math.max(0, lower.indexOf('id'))]!;
  const index = columnIndex(opened, idColumn);
  const rows = new Map<string, TableRow>();
  for await (const row of opened.rows) rows.set(row.cells[index]!, row);
  return {
    name: opened.name,
    columns: opened.columns,
    row(record) {
      const row = rows.get(record.id);
      if (row) return row;
      throw dataError(
        `record "${record.id}" of ${sequences} is not in column "${idColumn}" of ${opened.name}. Add its row, with empty cells where values are missing, or choose the id column with --id.`,
      );
    },
  };
}
