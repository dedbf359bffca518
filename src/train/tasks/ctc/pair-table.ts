import { dataError } from '../../../core/errors.ts';
import type { Table } from '../../../data/table/table.ts';
import { columnOf, symbolsOf, targetNames } from './columns.ts';
import { calledRecord, type RawRecording, type RecordingColumns } from './data.ts';
import { framesOfText, looksNumeric } from './numbers.ts';

/** Recordings of a table with a row each. */
export async function* pairRecordings(
  table: Table,
  source: string,
  columns: RecordingColumns,
): AsyncGenerator<RawRecording> {
  const at = (name: string) => {
    const index = table.columns.indexOf(name);
    if (index < 0)
      throw dataError(`${table.name} has no column "${name}"; it has: ${table.columns.join(', ')}.`);
    return index;
  };
  const to = columns.target === undefined ? columnOf(table.columns, undefined, targetNames) : columns.target;
  const idName = columns.id ?? columnOf(table.columns, undefined, ['id']);
  const [from, named] = [at(source), idName === undefined ? -1 : at(idName)];
  const [written, grouped] = [
    to === undefined ? -1 : at(to),
    columns.group === undefined ? -1 : at(columns.group),
  ];
  let row = 0;
  let symbols = columns.symbols;
  let before: string | undefined;
  for await (const { cells, line } of table.rows) {
    row++;
    const [id, place] = [named < 0 ? `${row}` : cells[named]!, `${table.name}:${line}`];
    const what = calledRecord({ place, id });
    symbols ??= !looksNumeric(cells[from]!);
    const observed = symbols ? symbolsOf(cells[from]!, what) : framesOfText(cells[from]!, what);
    if (named >= 0 && id === before && observed.kind === 'frames' && observed.values.length === 1)
      throw dataError(
        `${what} stands in several rows with one number each. If every row is a frame, name the columns of numbers with --track ${source}.`,
      );
    before = id;
    yield {
      ...{ id, place, observed },
      ...(written >= 0 && { text: cells[written]! }),
      ...(grouped >= 0 && { group: cells[grouped]! }),
    };
  }
}
