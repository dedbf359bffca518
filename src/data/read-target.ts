import { dataError, usageError } from '../core/errors.ts';
import type { Place } from './letters.ts';
import type { Target, TargetSchema, TaskKind } from './target.ts';

/** Label cells as they were read: one row per record, one cell per label column. */
export interface LabelCells {
  columns: string[];
  rows: string[][];
  places: Place[];
}

/** A target and a sentence that says what kind it is and why. */
export interface ReadTarget {
  target: Target;
  why: string;
}

/**
 * Turns label cells into a target. The kind is `schema`'s (what a trained model expects), or `task`, or inferred:
 * cells with `;` or several columns of 0/1 are labels; numbers with many distinct values or a fraction are values;
 * all else is classes.
 *
 * Throws a data error for a missing cell (empty, NA, NaN), a cell that is not a number among numbers, a class
 * that `schema` does not have, and, without `schema`, for a target that takes one value only.
 */
export function readTarget(
  cells: LabelCells,
  { task, schema }: { task?: TaskKind; schema?: TargetSchema } = {},
): ReadTarget {
  const inferred = infer(cells);
  const kind = schema?.kind ?? task ?? inferred.kind;
  const why = schema ? 'as the model was trained' : task ? 'as asked' : inferred.why;
  const target =
    kind === 'classes'
      ? readClasses(cells, schema?.kind === 'classes' ? schema.classes : undefined, task !== undefined)
      : kind === 'labels'
        ? readLabels(cells, schema?.kind === 'labels' ? schema.classes : undefined)
        : readValues(cells, schema?.kind === 'values' ? schema.names : undefined, task !== undefined);
  return { target, why: `${describe(target)} (${why}).` };
}

function describe(target: Target): string {
  if (target.kind === 'values') return `Task: ${count(target.names.length, 'real value')}`;
  const listed = target.classes.length <= 8 ? `: ${target.classes.join(', ')}` : '';
  const one = target.kind === 'labels' ? 'label' : 'class';
  const positive =
    target.kind === 'classes' && target.classes.length === 2 ? `; positive is ${target.classes[1]}` : '';
  return `Task: ${count(target.classes.length, one)}${listed}${positive}`;
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;

const missing = new Set(['', 'na', 'n/a', 'nan', 'null']);
const isMissing = (cell: string) => missing.has(cell.toLowerCase());
const isNumber = (cell: string) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell);
const binary = new Map([
  ['0', 0],
  ['1', 1],
  ['0.0', 0],
  ['1.0', 1],
  ['false', 0],
  ['true', 1],
]);
const toBinary = (cell: string) => binary.get(cell.toLowerCase());

function infer({ columns, rows }: LabelCells): { kind: TaskKind; why: string } {
  if (columns.length > 1) {
    const flags = rows.every((row) => row.every((cell) => toBinary(cell) !== undefined || isMissing(cell)));
    if (flags) return { kind: 'labels', why: 'several label columns of 0 and 1' };
    return { kind: 'values', why: 'several label columns of numbers' };
  }
  const cells = rows.map((row) => row[0]!).filter((cell) => !isMissing(cell));
  if (cells.some((cell) => cell.includes(';')))
    return { kind: 'labels', why: 'cells hold labels joined by ";"' };
  const numbers = cells.filter(isNumber).map(Number);
  const distinct = new Set(numbers).size;
  const whole = numbers.every(Number.isInteger);
  const few = distinct <= 2 || (distinct <= 20 && numbers.length >= 3 * distinct);
  if (numbers.length > 0.5 * cells.length && !(whole && few)) {
    return { kind: 'values', why: `${distinct} different numbers` };
  }
  if (cells.length > 0 && numbers.length === cells.length) {
    return { kind: 'classes', why: `whole numbers with ${distinct} different values` };
  }
  return { kind: 'classes', why: 'the labels are names' };
}

const at = ({ file, line, id }: Place) => `${file}:${line}: record "${id}"`;

function refuseMissing(cell: string, column: string, place: Place) {
  if (!isMissing(cell)) return;
  throw dataError(
    `${at(place)} has ${cell === '' ? 'an empty cell' : `"${cell}"`} as "${column}". Fill it in or remove the record.`,
  );
}

const singleColumn = ({ columns, rows }: LabelCells, kind: string) => {
  if (columns.length !== 1) {
    throw usageError(
      `A target of ${kind} has one label column, not ${columns.length}: ${columns.join(', ')}.`,
    );
  }
  return { column: columns[0]!, cells: rows.map((row) => row[0]!) };
};

function readClasses(labels: LabelCells, known: string[] | undefined, asked: boolean): Target {
  const { column, cells } = singleColumn(labels, 'classes');
  cells.forEach((cell, i) => {
    refuseMissing(cell, column, labels.places[i]!);
  });
  const classes = known ?? sortedClasses(cells);
  const file = labels.places[0]?.file;
  if (!known && classes.length === 1) {
    throw dataError(
      `${file}: every record has the class "${classes[0]}"; training needs at least two classes.`,
    );
  }
  if (!known && !asked && classes.length === cells.length && cells.length > 2) {
    throw dataError(
      `${file}: label "${column}" is different in each of the ${cells.length} records, so it names no classes. ` +
        'Choose another column with --label.',
    );
  }
  const index = new Map(classes.map((name, i) => [name, i]));
  const truth = Int32Array.from(cells, (cell, i) => {
    const found = index.get(cell);
    if (found === undefined) throw unknownClass(cell, classes, labels.places[i]!);
    return found;
  });
  return { kind: 'classes', classes, truth };
}

const unknownClass = (cell: string, classes: string[], place: Place) =>
  dataError(`${at(place)} has the class "${cell}"; the model knows: ${classes.join(', ')}.`);

const negatives = /^([0-]|-1|no|none|neg|negative|false|control|background|(non|not|no)[-_ ]?.+)$/i;

/** Numbers in order of size, names in order of code points; of two, a conventional "no" comes first. */
function sortedClasses(cells: string[]): string[] {
  const classes = [...new Set(cells)];
  const numeric = classes.every(isNumber);
  classes.sort(numeric ? (a, b) => Number(a) - Number(b) : (a, b) => (a < b ? -1 : 1));
  const swapped = classes.length === 2 && negatives.test(classes[1]!) && !negatives.test(classes[0]!);
  return swapped ? classes.reverse() : classes;
}

function readLabels(labels: LabelCells, known: string[] | undefined): Target {
  const { columns, rows, places } = labels;
  const flags =
    columns.length > 1 || rows.every(([cell]) => toBinary(cell!) !== undefined || isMissing(cell!));
  const target = flags ? labelColumns(labels, known) : labelLists(labels, known);
  if (!known && !target.truth.some((flag) => flag !== 0)) {
    throw dataError(`${places[0]?.file}: no record has any label; training needs at least one.`);
  }
  return target;
}

function labelColumns({ columns, rows, places }: LabelCells, known: string[] | undefined) {
  const order = (known ?? columns).map((name) => {
    const index = columns.indexOf(name);
    if (index < 0) {
      throw dataError(`The model knows the label "${name}"; the label columns are: ${columns.join(', ')}.`);
    }
    return index;
  });
  const truth = new Uint8Array(rows.length * order.length);
  rows.forEach((row, i) => {
    order.forEach((column, k) => {
      refuseMissing(row[column]!, columns[column]!, places[i]!);
      const flag = toBinary(row[column]!);
      if (flag === undefined) {
        throw dataError(`${at(places[i]!)} has "${row[column]}" as "${columns[column]}"; expected 0 or 1.`);
      }
      truth[i * order.length + k] = flag;
    });
  });
  return { kind: 'labels' as const, classes: known ?? columns, truth };
}

function labelLists(labels: LabelCells, known: string[] | undefined) {
  const { cells } = singleColumn(labels, 'label lists');
  const lists = cells.map((cell) => cell.split(';').map((part) => part.trim()));
  const present = lists.map((list) => list.filter((part) => part !== ''));
  const classes = known ?? sortedClasses(present.flat());
  const truth = new Uint8Array(cells.length * classes.length);
  const index = new Map(classes.map((name, i) => [name, i]));
  present.forEach((list, i) => {
    for (const name of list) {
      const k = index.get(name);
      if (k === undefined) throw unknownClass(name, classes, labels.places[i]!);
      truth[i * classes.length + k] = 1;
    }
  });
  return { kind: 'labels' as const, classes, truth };
}

function readValues(
  { columns, rows, places }: LabelCells,
  known: string[] | undefined,
  asked: boolean,
): Target {
  if (known && known.length !== columns.length) {
    throw dataError(
      `The model predicts ${known.join(', ')}; ${columns.length} label columns were given: ${columns.join(', ')}.`,
    );
  }
  const truth = new Float64Array(rows.length * columns.length);
  rows.forEach((row, i) => {
    row.forEach((cell, k) => {
      refuseMissing(cell, columns[k]!, places[i]!);
      const value = Number(cell);
      if (!isNumber(cell) || !Number.isFinite(value))
        throw notNumber(cell, columns[k]!, places[i]!, asked || !!known);
      truth[i * columns.length + k] = value;
    });
  });
  columns.forEach((column, k) => {
    const first = truth[k];
    if (known || rows.length < 2 || rows.some((_, i) => truth[i * columns.length + k] !== first)) return;
    throw dataError(
      `${places[0]!.file}: "${column}" is ${first} in every record; there is nothing to learn.`,
    );
  });
  return { kind: 'values', names: known ?? columns, truth };
}

const notNumber = (cell: string, column: string, place: Place, asked: boolean) =>
  dataError(
    `${at(place)} has "${cell}" as "${column}"; expected a finite number.` +
      (asked
        ? ' Correct the cell or remove the record.'
        : ' Use --task classes if these are names of classes.'),
  );
