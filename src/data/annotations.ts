import { dataError, usageError } from '../core/errors.ts';
import { type SequenceRecord, type Skipped, skipCounter } from './dataset.ts';
import { type FeatureColumn, featureColumns, featureValues } from './dataset-features.ts';
import type { DatasetOptions, LabelValue, Tagged } from './dataset-options.ts';
import type { Place } from './letters.ts';
import { findColumn, headerPattern, type RawRecord } from './read-records.ts';
import { type LabelCells, readTarget } from './read-target.ts';
import { openSource, type SourceDigest } from './source.ts';
import { columnIndex, openTable, type TableRow } from './table/table.ts';
import type { Target } from './target.ts';

type Options = Pick<
  DatasetOptions,
  | 'labels'
  | 'label'
  | 'labelFrom'
  | 'group'
  | 'subgroup'
  | 'tracks'
  | 'weight'
  | 'features'
  | 'categories'
  | 'featureSchema'
  | 'id'
  | 'sequence'
  | 'task'
  | 'schema'
> & { name: string; columns: string[] };

interface Annotated {
  records: SequenceRecord[];
  target?: Target;
  why?: string;
  tracks: string[];
  features?: readonly FeatureColumn[];
  sources: SourceDigest[];
  skipped: Skipped[];
}

/** A table whose rows go with records: the sequence table itself, or a table of labels. */
interface Annotation {
  name: string;
  columns: string[];
  row(record: RawRecord): TableRow | undefined;
}

/**
 * Joins labels, groups, tracks and weights to records; those without a label are left out and counted.
 * `ids` are those of all sequences read, also of records already left out for other reasons.
 */
export async function annotate(raw: RawRecord[], ids: Set<string>, options: Options): Promise<Annotated> {
  const unlabelled = skipCounter('no label');
  const own: Annotation = {
    name: options.name,
    columns: options.columns,
    row: ({ cells, line }) => (cells ? { cells, line } : undefined),
  };
  const table = options.labels === undefined ? undefined : await readLabelTable(options.labels, options.id);
  const tables = table ? [table, own] : [own];
  const joined = raw.filter((record) => !table || table.row(record) || unlabelled.add(record.id));
  if (table && joined.length === 0) throw nothingJoins(raw, table, options.name);

  const cells = labelCells(joined, tables, options);
  const kept = joined.filter((record, i) => !cells || cells.rows[i] || unlabelled.add(record.id));
  if (kept.length === 0) throw dataError(`${options.name}: no record has a label.`);
  const records = kept.map((record) => withExtras(record, tables, options));
  const features = addFeatures(kept, records, tables, options);
  const rest = {
    records,
    ...(features && { features }),
    tracks: options.tracks ?? [],
    sources: table ? [table.digest()] : [],
    skipped: table ? [unlabelled, table.without(ids)] : [unlabelled],
  };
  if (!cells) return rest;
  const labels = present(cells);
  records.forEach((record, i) => {
    record.labels = labels.rows[i]!;
  });
  return { ...rest, ...readTarget(labels, options) };
}

/** The label cells of the records that have a label. */
function present({ columns, rows, places }: MaybeCells): LabelCells {
  const has = (_: unknown, i: number) => rows[i] !== undefined;
  return { columns, rows: rows.filter((row) => row !== undefined), places: places.filter(has) };
}

async function readLabelTable(path: string, id: string | undefined) {
  const source = openSource(path);
  const table = await openTable(source.chunks, { name: source.name });
  const idColumn = id ?? findColumn(table.columns, ['id']) ?? table.columns[0]!;
  const index = columnIndex(table, idColumn);
  const rows = new Map<string, TableRow>();
  for await (const row of table.rows) {
    const key = row.cells[index]!;
    const before = rows.get(key);
    if (before) {
      throw dataError(
        `${table.name}:${row.line}: id "${key}" is already taken on line ${before.line}; ids must be unique.`,
      );
    }
    rows.set(key, row);
  }
  if (rows.size === 0) throw dataError(`${table.name} holds a header line but no rows.`);
  return {
    name: table.name,
    columns: table.columns,
    idColumn,
    rows,
    digest: source.digest,
    row: (record: RawRecord) => rows.get(record.id),
    /** Counts the labels whose sequence is not among `ids`. */
    without(ids: Set<string>) {
      const lost = skipCounter(`label in ${table.name} without a sequence`);
      for (const key of rows.keys()) if (!ids.has(key)) lost.add(key);
      return lost;
    },
  };
}

type LabelTable = Awaited<ReturnType<typeof readLabelTable>>;

const nothingJoins = (raw: RawRecord[], { name, idColumn, rows }: LabelTable, file: string) =>
  dataError(
    `No id of ${file} (such as "${raw[0]?.id}") is in column "${idColumn}" of ${name} (such as ` +
      `"${rows.keys().next().value}"). Choose the id column with --id.`,
  );

interface MaybeCells {
  columns: string[];
  rows: (string[] | undefined)[];
  places: Place[];
}

/** Label cells of every record, undefined where a record has none; undefined when no labels were asked for. */
function labelCells(records: RawRecord[], tables: Annotation[], options: Options): MaybeCells | undefined {
  const { label, labelFrom } = options;
  if (labelFrom !== undefined) return cellsFromHeaders(records, labelFrom, options.name);
  if (typeof label === 'function') {
    const rows = records.map((record) => asCells(label(tagged(record, tables))));
    const widest = rows.reduce((most, row) => Math.max(most, row?.length ?? 0), 1);
    const columns = widest === 1 ? ['label'] : Array.from({ length: widest }, (_, k) => `label${k + 1}`);
    return { columns, rows, places: placesOf(records, options.name) };
  }
  const chosen = label ?? defaultLabel(tables, options);
  if (chosen === undefined) return undefined;
  const columns = Array.isArray(chosen) ? chosen : [chosen];
  const readers = columns.map((column) => cellReader(column, tables));
  const { table } = readers[0]!;
  const places = records.map((record) => ({
    file: table.name,
    line: table.row(record)!.line,
    id: record.id,
  }));
  return { columns, rows: records.map((record) => readers.map(({ cell }) => cell(record))), places };
}

const placesOf = (records: RawRecord[], file: string): Place[] =>
  records.map(({ line, id }) => ({ file, line, id }));

function cellsFromHeaders(records: RawRecord[], labelFrom: string, file: string): MaybeCells {
  const pattern = headerPattern(labelFrom);
  const found = records.map((record) => pattern.exec(headerOf(record))?.[1]);
  if (found.every((value) => value === undefined)) {
    throw dataError(`${file}: no header matches "${labelFrom}"; the first is "${headerOf(records[0])}".`);
  }
  const rows = found.map((value) => (value === undefined ? undefined : [value]));
  return { columns: ['label'], rows, places: placesOf(records, file) };
}

const headerOf = (record: RawRecord | undefined) => `${record?.id} ${record?.description ?? ''}`.trim();

const asCells = (value: LabelValue): string[] | undefined =>
  value === undefined ? undefined : Array.isArray(value) ? value.map(String) : [String(value)];

/** Header tags are `key=value` or `[key=value]`, as NCBI and Ensembl write them (`key:value` there). */
function tagged({ id, sequence, description = '', ...record }: RawRecord, tables: Annotation[]): Tagged {
  const tags: Record<string, string> = {};
  for (const [, key, value] of description.matchAll(/([\w.-]+)[=:]([^\s\]]+)/g)) tags[key!] = value!;
  for (const table of tables.toReversed()) {
    const cells = table.row({ id, sequence, ...record })?.cells;
    table.columns.forEach((column, i) => {
      if (cells) tags[column] = cells[i]!;
    });
  }
  return { id, sequence, description, tags };
}

function defaultLabel(
  [first]: Annotation[],
  {
    labels,
    id,
    sequence,
    group,
    subgroup = [],
    weight,
    tracks = [],
    features = [],
    categories = [],
  }: Options,
) {
  const { columns, name } = first!;
  const named = findColumn(columns, ['label', 'labels', 'class', 'target', 'y']);
  if (named !== undefined || labels === undefined) return named;
  const used = new Set([
    id ?? findColumn(columns, ['id']) ?? columns[0],
    sequence,
    group,
    ...[subgroup].flat(),
    weight,
    ...tracks,
    ...features,
    ...categories,
  ]);
  const free = columns.filter((column) => !used.has(column));
  if (free.length === 1) return free[0]!;
  throw usageError(
    `Which column of ${name} holds the labels? Say --label with one or more of: ${free.join(', ') || 'none left'}.`,
  );
}

/** Reads a column from the first table that has it; throws a data error that lists all columns otherwise. */
function cellReader(column: string, tables: Annotation[]) {
  const table = tables.find(({ columns }) => columns.includes(column));
  if (!table) {
    const [first] = tables;
    if (first!.columns.length === 0) {
      throw usageError(
        `${first!.name} is no table and has no column "${column}"; give a table with --labels.`,
      );
    }
    throw dataError(`${first!.name} has no column "${column}"; it has: ${first!.columns.join(', ')}.`);
  }
  const index = table.columns.indexOf(column);
  return { table, cell: (record: RawRecord) => table.row(record)!.cells[index]! };
}

function withExtras(
  { cells: _, ...raw }: RawRecord,
  tables: Annotation[],
  { group, subgroup, tracks = [], weight }: Options,
): SequenceRecord {
  const record: SequenceRecord = { ...raw };
  const full = { cells: _, ...raw } as RawRecord;
  if (typeof group === 'function') record.group = group(tagged(full, tables));
  else if (group !== undefined) record.group = cellReader(group, tables).cell(full);
  if (subgroup !== undefined) record.subgroup = subgroupOf(full, [subgroup].flat(), tables);
  if (weight !== undefined) record.weight = weightOf(full, weight, tables);
  if (tracks.length > 0) record.tracks = tracks.map((column) => trackOf(full, column, tables));
  return record;
}

/** Gives records the cells of the feature columns; returns what these are, undefined where none are asked for. */
function addFeatures(
  raw: readonly RawRecord[],
  records: SequenceRecord[],
  tables: Annotation[],
  { features = [], categories = [], featureSchema }: Options,
): readonly FeatureColumn[] | undefined {
  const names = featureSchema?.map(({ name }) => name) ?? [...new Set([...features, ...categories])];
  if (names.length === 0) return undefined;
  const readers = names.map((name) => cellReader(name, tables));
  const rows = raw.map((record) => readers.map(({ cell }) => cell(record)));
  const columns = featureSchema ?? featureColumns(names, rows, categories);
  const { table } = readers[0]!;
  records.forEach((record, i) => {
    const place = { file: table.name, line: table.row(raw[i]!)!.line, id: record.id };
    record.features = featureValues(columns, rows[i]!, place);
  });
  return columns;
}

/** The cells of several columns as one name, `land & waterbird`. */
function subgroupOf(record: RawRecord, columns: readonly string[], tables: Annotation[]): string {
  const cells = columns.map((column) => {
    const { table, cell } = cellReader(column, tables);
    const text = cell(record);
    if (text !== '') return text;
    throw dataError(
      `${table.name}:${table.row(record)!.line}: record "${record.id}" has an empty cell as "${column}"; every record is of some subgroup. Fill it in or remove the record.`,
    );
  });
  return cells.join(' & ');
}

function weightOf(record: RawRecord, column: string, tables: Annotation[]): number {
  const { table, cell } = cellReader(column, tables);
  const value = Number(cell(record) || Number.NaN);
  if (Number.isFinite(value) && value >= 0) return value;
  throw dataError(
    `${table.name}:${table.row(record)!.line}: record "${record.id}" has "${cell(record)}" as "${column}"; ` +
      'expected a weight of zero or more.',
  );
}

function trackOf(record: RawRecord, column: string, tables: Annotation[]): Float32Array {
  const { table, cell } = cellReader(column, tables);
  const parts = cell(record)
    .split(/[\s,;]+/)
    .filter((part) => part !== '');
  const place = `${table.name}:${table.row(record)!.line}: record "${record.id}"`;
  if (parts.length !== record.sequence.length) {
    throw dataError(
      `${place} has ${parts.length} numbers as "${column}" for ${record.sequence.length} letters; expected one a letter.`,
    );
  }
  return Float32Array.from(parts, (part, i) => {
    const value = Number(part);
    if (Number.isFinite(value)) return value;
    throw dataError(`${place} has "${part}" as number ${i + 1} of "${column}"; expected a finite number.`);
  });
}
