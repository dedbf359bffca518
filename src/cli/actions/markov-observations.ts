import { dataError, usageError } from '../../core/errors.ts';
import { type Alphabet, customAlphabet, dna, protein, rna } from '../../data/alphabet.ts';
import { type Skipped, skippedSentence } from '../../data/dataset.ts';
import { streamRecords } from '../../data/read-records.ts';
import { openSource, type SourceDigest } from '../../data/source.ts';
import { columnIndex, openTable, type Table } from '../../data/table/table.ts';
import type { Series } from '../../markov/hmm/emissions/emissions.ts';
import type { Observed } from '../../models/markov/hmm-file.ts';
import { numberIn } from '../../train/tasks/forecast/read.ts';
import type { Messages } from '../messages.ts';
import type { ObservationArguments } from '../verbs/hmm-models.ts';

/** One sequence as an HMM reads it. */
export interface Observation {
  readonly id: string;
  /** Tokens (−1: unknown), or rows of numbers. */
  readonly values: Int32Array | Series;
  readonly length: number;
  /** What stands at a position, for printing. */
  readonly text: (position: number) => string;
  /** The cells of the label column, where one was asked for; '' where a label is not known. */
  readonly labels?: readonly string[];
  /** Where it stands, for messages. */
  readonly where: string;
}

/** Sequences being read; what was left out is known once they have ended. */
export interface Observations {
  readonly each: AsyncIterable<Observation>;
  readonly skipped: Skipped | undefined;
  digest(): SourceDigest;
}

/** Opens what a model reads: sequences of letters, or a table with a row for each step of a series. */
export async function openObservations(
  path: string,
  observes: Observed,
  args: ObservationArguments,
): Promise<Observations> {
  if (observes.kind !== 'letters') return openSteps(path, observes, args);
  const stray = (['column', 'group', 'label'] as const).find((name) => args[name] !== undefined);
  if (stray)
    throw usageError(
      `--${stray} names a column of a series; this model reads letters of sequences (${observes.letters.join('').slice(0, 60)}).`,
    );
  const { id, sequence, ambiguous = 'mask' } = args;
  const alphabet = alphabetOf(observes.letters);
  const { records, skipped, digest } = await streamRecords(path, {
    ...{ alphabet, ambiguous, ...(id !== undefined && { id }), ...(sequence !== undefined && { sequence }) },
  });
  const name = path === '-' ? 'stdin' : path;
  const tokens = Int32Array.from(alphabet.tokens, (letter) => observes.letters.indexOf(letter));
  async function* each(): AsyncGenerator<Observation> {
    for await (const { id, sequence, line } of records) {
      const values = alphabet.encode(sequence).map((token) => tokens[token] ?? -1);
      const where = `${name}${line === undefined ? '' : `:${line}`}: record "${id}"`;
      yield { id, values, length: values.length, text: (t) => sequence[t]!, where };
    }
  }
  return { each: each(), skipped, digest };
}

/** The alphabet of these letters, with its ambiguity letters where it is that of DNA, RNA or proteins. */
export function alphabetOf(letters: readonly string[]): Alphabet {
  const sorted = [...letters].sort().join('');
  const known = [dna, rna, protein].find((alphabet) => [...alphabet.letters].sort().join('') === sorted);
  return known ?? customAlphabet('model', letters.join(''));
}

/** Says what was left out. */
export function saySkipped({ skipped }: Observations, messages: Messages): void {
  const sentence = skipped && skippedSentence(skipped);
  if (sentence) messages.say(sentence);
}

interface Growing {
  readonly values: number[];
  readonly texts: string[];
  readonly labels: string[];
}

async function openSteps(
  path: string,
  observes: Exclude<Observed, { kind: 'letters' }>,
  args: ObservationArguments,
): Promise<Observations> {
  const source = openSource(path);
  const table = await openTable(source.chunks, { name: source.name });
  const columns = columnsOf(table, observes, args);
  const cell = cellReader(observes, columns);
  const [group, label] = [args.group, args.label].map((name) =>
    name === undefined ? -1 : columnIndex(table, name),
  ) as [number, number];
  const places = columns.map((column) => columnIndex(table, column));
  const found = new Map<string, Growing>();
  for await (const { cells, line } of table.rows) {
    const id = group < 0 ? 'series' : cells[group]!;
    const own = found.get(id) ?? { values: [], texts: [], labels: [] };
    found.set(id, own);
    const where = `${table.name}:${line}`;
    places.forEach((place, i) => {
      own.values.push(cell(cells[place]!, where, i));
    });
    own.texts.push(places.map((place) => cells[place]!).join(' '));
    if (label >= 0) own.labels.push(cells[label]!);
  }
  if (found.size === 0)
    throw dataError(`${table.name} has a header and no rows; expected one row for each step.`);
  const width = columns.length;
  async function* each(): AsyncGenerator<Observation> {
    for (const [id, { values, texts, labels }] of found)
      yield {
        ...{ id, length: texts.length, text: (t) => texts[t]!, where: `${table.name}: series "${id}"` },
        values:
          observes.kind === 'symbols'
            ? Int32Array.from(values)
            : { values: Float64Array.from(values), width },
        ...(label >= 0 && { labels }),
      };
  }
  return { each: each(), skipped: undefined, digest: source.digest };
}

/** The columns that a model reads: its own names, or in their place those that are asked for. */
function columnsOf(
  { name, columns }: Pick<Table, 'name' | 'columns'>,
  observes: Exclude<Observed, { kind: 'letters' }>,
  { column, group, label }: ObservationArguments,
): readonly string[] {
  const wanted = observes.kind === 'columns' ? observes.columns.length : 1;
  if (column && column.length !== wanted)
    throw usageError(
      `${column.length} times --column; the model reads ${wanted === 1 ? 'one column' : `${wanted} columns`}.`,
    );
  if (column) return column;
  if (observes.kind === 'columns') return observes.columns;
  const left = columns.filter((own) => own !== group && own !== label);
  if (left.length === 1) return left;
  throw usageError(
    `${name} has the columns ${columns.join(', ')}; say which one holds the symbols with --column.`,
  );
}

function cellReader(observes: Exclude<Observed, { kind: 'letters' }>, columns: readonly string[]) {
  if (observes.kind === 'columns')
    return (text: string, where: string, i: number) =>
      numberIn(text, { where, column: columns[i]!, binary: false });
  const tokens = new Map(observes.symbols.map((symbol, token) => [symbol, token]));
  return (text: string, where: string) => {
    const token = text === '' ? -1 : tokens.get(text);
    if (token !== undefined) return token;
    throw dataError(
      `${where}: "${columns[0]}" is ${JSON.stringify(text)}; expected one of ${observes.symbols.join(', ').slice(0, 200)}, or an empty cell where it is unknown.`,
    );
  };
}

/** The one column of a table that is left for a new model to read. Throws a usage error where there are several. */
export async function tableColumns(
  path: string,
  { group, label }: ObservationArguments,
): Promise<readonly string[]> {
  if (path === '-') throw usageError('Name the columns with --column where the table is standard input.');
  const source = openSource(path);
  const { columns, rows } = await openTable(source.chunks, { name: source.name });
  await rows[Symbol.asyncIterator]().return?.(undefined);
  const left = columns.filter((column) => column !== group && column !== label);
  if (left.length === 1) return left;
  throw usageError(
    `${path} has the columns ${columns.join(', ')}; say with --column which of them hold the numbers.`,
  );
}
