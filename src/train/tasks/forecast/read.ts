import { dataError, usageError } from '../../../core/errors.ts';
import { openSource } from '../../../data/source.ts';
import { columnIndex, openTable, type Table } from '../../../data/table/table.ts';
import type { SeriesData, TimeSeries } from './series.ts';
import { type Clock, clockOf, readTime, stepsBetween, type TimeKind, timeKind } from './times.ts';

/** Where series stand in a table with one row a step. */
export interface SeriesColumns {
  /** The columns to be forecast; `*` in a name stands for any letters. */
  targets: readonly string[];
  /** The column of times, which rise within a series; without it the order of the rows counts. */
  time?: string | undefined;
  /** The column that tells which series a row belongs to; without it all rows are one. */
  group?: string | undefined;
  /** Columns that are known of the steps to come, too: numbers. */
  readonly covariates?: readonly string[] | undefined;
  /** Values are 0 or 1, and none is missing. */
  binary?: boolean;
}

const missing = new Set(['', 'NA', 'N/A', 'na', 'NaN', 'nan', 'NULL', 'null', 'None', '?']);
const numberText = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A series as its rows arrive. */
interface Growing {
  readonly id: string;
  readonly values: number[];
  readonly covariates: number[];
  readonly times: number[];
  lastTime: string | undefined;
}

/**
 * Reads time series from a table (CSV, TSV, JSON Lines; gzip is unpacked), one row a step. Rows of several series may be mixed; within one they
 * are in the order of time. Empty cells, NA, NaN and null are missing values (in a table of one column NA: blank lines are skipped); where times are evenly spaced but for gaps, the steps of a gap are
 * added as missing, and `notes` says so.
 *
 * Throws a data error with file and line for a cell that is no number, a time that is not one, and times that repeat or fall back; and for a
 * column that is not there.
 * @example await readTimeSeries('sales.csv', { targets: ['units'], time: 'day', group: 'shop' })
 */
export async function readTimeSeries(path: string, columns: SeriesColumns): Promise<SeriesData> {
  const source = openSource(path);
  const table = await openTable(source.chunks, { name: source.name });
  const { targets, series: growing, kind } = await readRows(table, columns);
  if (growing.length === 0)
    throw dataError(`${source.name} has a header and no rows; expected one row for each step of a series.`);
  const clock =
    kind &&
    clockOf(
      growing.map(({ times }) => times),
      kind,
    );
  const covariates = columns.covariates ?? [];
  const sizes = { clock, width: targets.length, known: covariates.length, room: 10 };
  const { series, added } = complete(growing, sizes);
  if (added > 0 && columns.binary)
    throw dataError(
      `${source.name}: ${added} steps are missing between the times of "${columns.time}"; binary targets need all of them.`,
    );
  const notes = [
    ...(added > 0
      ? [
          added === 1
            ? '1 step that times leave out was added as a missing value.'
            : `${added} steps that times leave out were added as missing values.`,
        ]
      : []),
    ...(kind && !clock && growing.some(({ times }) => times.length > 1)
      ? ['Times are not evenly spaced; rows are taken as steps of equal length.']
      : []),
  ];
  return {
    targets,
    series,
    ...(covariates.length > 0 && { covariates }),
    clock,
    columns: { time: columns.time ?? null, group: columns.group ?? null },
    notes,
    sources: [source.digest()],
  };
}

async function readRows(
  table: Table,
  { targets: asked, time, group, covariates = [], binary = false }: SeriesColumns,
) {
  const targets = targetColumns(table, asked, [time, group]);
  const places = targets.map((name) => columnIndex(table, name));
  const both = covariates.find((name) => targets.includes(name));
  if (both !== undefined)
    throw usageError(`"${both}" cannot be forecast and be known beforehand; name it once.`);
  const beside = covariates.map((name) => columnIndex(table, name));
  const timePlace = time === undefined ? undefined : columnIndex(table, time);
  const groupPlace = group === undefined ? undefined : columnIndex(table, group);
  const series = new Map<string, Growing>();
  let kind: TimeKind | undefined;
  for await (const { cells, line } of table.rows) {
    const where = `${table.name}:${line}`;
    const id = groupPlace === undefined ? 'series' : cells[groupPlace]!;
    let own = series.get(id);
    if (!own) {
      own = { id, values: [], covariates: [], times: [], lastTime: undefined };
      series.set(id, own);
    }
    if (timePlace !== undefined) {
      const text = cells[timePlace]!;
      kind ??= timeKind(text, where);
      addTime(own, text, kind, { where, column: time!, grouped: groupPlace !== undefined });
    }
    places.forEach((place, i) => {
      own.values.push(numberIn(cells[place]!, { where, column: targets[i]!, binary }));
    });
    beside.forEach((place, i) => {
      own.covariates.push(numberIn(cells[place]!, { where, column: covariates[i]!, binary: false }));
    });
  }
  return { targets, series: [...series.values()], kind };
}

/** Names as they stand in the header, each once; those of times and series are never meant by `*`. */
function targetColumns(
  { name, columns }: Table,
  asked: readonly string[],
  others: readonly (string | undefined)[],
): string[] {
  const found = asked.flatMap((target) => {
    if (columns.includes(target) || !target.includes('*')) return [target];
    const escaped = target.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const pattern = new RegExp(`^${escaped.join('.*')}$`);
    const meant = columns.filter((column) => pattern.test(column) && !others.includes(column));
    if (meant.length === 0)
      throw dataError(`${name} has no column like "${target}"; it has: ${columns.join(', ')}.`);
    return meant;
  });
  const both = found.find((target) => others.includes(target));
  if (both !== undefined)
    throw usageError(`"${both}" cannot be forecast and tell times or series at once; name another column.`);
  return [...new Set(found)];
}

function addTime(
  own: Growing,
  text: string,
  kind: TimeKind,
  { where, column, grouped }: { where: string; column: string; grouped: boolean },
): void {
  const time = readTime(text, kind);
  if (time === undefined)
    throw dataError(
      `${where}: "${column}" is "${text}"; expected ${kind === 'number' ? 'a number' : 'a date such as 2024-01-31'}, as in the first row.`,
    );
  const before = own.times.at(-1);
  if (before !== undefined && time <= before) {
    const of = grouped ? ` of series "${own.id}"` : '';
    throw dataError(
      time === before
        ? `${where}: "${column}" is ${text} for the second time${of}; expected one row for each time. ${grouped ? 'Remove or average the repeated rows.' : 'Remove or average the repeated rows, or name the column that tells series apart with --group.'}`
        : `${where}: "${column}" is ${text}, which is before ${own.lastTime} in the row above it${of}; expected times that rise. Sort the rows by time${grouped ? '' : ', or name the column that tells series apart with --group'}.`,
    );
  }
  own.times.push(time);
  own.lastTime = text;
}

/** The number of a cell, NaN where it is missing; throws a data error that says where it stands. */
export function numberIn(
  text: string,
  { where, column, binary }: { where: string; column: string; binary: boolean },
): number {
  if (binary) {
    if (text === '0' || text === '1') return Number(text);
    throw dataError(`${where}: "${column}" is "${text}"; expected 0 or 1 in a binary target.`);
  }
  if (missing.has(text)) return Number.NaN;
  const value = numberText.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  const hint = /^[+-]?\d+,\d+$/.test(text) ? ' Write decimals with a point.' : '';
  throw dataError(
    `${where}: "${column}" is "${text}"; expected a number, or an empty cell or NA where it is missing.${hint}`,
  );
}

/** Series with the steps of gaps put in as missing; left as they are where that would make them more than `room` times as long. */
function complete(
  growing: readonly Growing[],
  { clock, width, known, room }: { clock: Clock | undefined; width: number; known: number; room: number },
): { series: TimeSeries[]; added: number } {
  const plain = ({ id, values, covariates, times, lastTime }: Growing): TimeSeries => ({
    ...(known > 0 && { covariates: Float64Array.from(covariates) }),
    ...{ id, lastTime },
    length: values.length / width,
    values: Float64Array.from(values),
    times: times.length > 0 ? Float64Array.from(times) : undefined,
  });
  if (!clock) return { series: growing.map(plain), added: 0 };
  const lengths = growing.map(({ times }) => stepsBetween(clock, times[0]!, times.at(-1)!) + 1);
  const steps = growing.reduce((sum, { times }) => sum + times.length, 0);
  const added = lengths.reduce((sum, n) => sum + n, 0) - steps;
  if (added === 0) return { series: growing.map(plain), added };
  if (steps + added > room * steps)
    throw dataError(
      `times leave out ${added} steps between ${steps} rows. Is the distance of steps not the commonest one between rows? Leave --time out to take rows as steps.`,
    );
  const series = growing.map((own, s): TimeSeries => {
    const length = lengths[s]!;
    const values = new Float64Array(length * width).fill(Number.NaN);
    const times = new Float64Array(length);
    const covariates = new Float64Array(length * known).fill(Number.NaN);
    const places = own.times.map((time) => stepsBetween(clock, own.times[0]!, time));
    places.forEach((place, row) => {
      times[place] = own.times[row]!;
      for (let k = 0; k < width; k++) values[place * width + k] = own.values[row * width + k]!;
      for (let k = 0; k < known; k++) covariates[place * known + k] = own.covariates[row * known + k]!;
      // Times within a gap are only compared with cuts, for which a place between its ends is exact enough.
      const next = places[row + 1] ?? place;
      for (let i = place + 1; i < next; i++)
        times[i] = own.times[row]! + ((own.times[row + 1]! - own.times[row]!) * (i - place)) / (next - place);
    });
    return {
      ...{ id: own.id, length, values, times, lastTime: own.lastTime },
      ...(known > 0 && { covariates }),
    };
  });
  return { series, added };
}
