import { dataError, usageError } from '../../core/errors.ts';
import { peek } from '../../data/opening.ts';
import { openSource, type SourceDigest } from '../../data/source.ts';
import { groupNumbers, groupSplit } from '../../data/split/groups.ts';
import { columnIndex, openTable } from '../../data/table/table.ts';

/** A text and what it is to become. */
export interface TextPair {
  readonly id: string;
  readonly source: string;
  readonly target: string;
}

/** Texts side by side. */
export interface PairData {
  readonly pairs: readonly TextPair[];
  readonly sources: readonly SourceDigest[];
}

/** Which columns of a table hold what. */
export interface PairColumns {
  /** Left out: row numbers from 1 are the ids. */
  id?: string;
  source?: string;
  target?: string;
}

/** A text without its pair, as it is read for prediction. */
export interface TextRecord {
  readonly id: string;
  readonly text: string;
}

/**
 * Reads pairs of texts from a table with a header (TSV, CSV, JSON Lines), or standard input for `-`; gzip is unpacked on the way.
 * Throws a data error that names file and line for a source without any letter, and where a column is missing; a usage error where both columns
 * are the same. An empty target is a target: nothing is to be written.
 * @example await readPairs('pairs.tsv', { source: 'english', target: 'french' })
 */
export async function readPairs(
  path: string,
  { id, source = 'source', target = 'target' }: PairColumns = {},
): Promise<PairData> {
  if (source === target)
    throw usageError(`--source and --target name the same column, "${source}"; expected two.`);
  const opened = openSource(path);
  const table = await openTable(opened.chunks, { name: opened.name });
  const [from, to] = [columnIndex(table, source), columnIndex(table, target)];
  const named = id === undefined ? -1 : columnIndex(table, id);
  const pairs: TextPair[] = [];
  for await (const { cells, line } of table.rows) {
    const [text, truth] = [cells[from]!, cells[to]!];
    if (text === '')
      throw dataError(`${opened.name}:${line}: the column "${source}" is empty; expected a text.`);
    pairs.push({ id: named < 0 ? `${pairs.length + 1}` : cells[named]!, source: text, target: truth });
  }
  if (pairs.length === 0) throw dataError(`${opened.name} has a header but no pairs.`);
  return { pairs, sources: [opened.digest()] };
}

/**
 * Reads texts to be translated as they come: a table that has the column, or plain text with one a line (the file ends in `.txt`, or no
 * column is asked for and its first line has none called `source`). Line numbers are the ids where no column of ids is named.
 */
export async function* readTexts(
  path: string,
  { id, source }: Pick<PairColumns, 'id' | 'source'> = {},
): AsyncGenerator<TextRecord> {
  const opened = openSource(path);
  const { opening, chunks } = await peek(opened.chunks);
  if (opening.length === 0) throw dataError(`${opened.name} is empty; expected texts.`);
  const first = new TextDecoder().decode(opening).split(/[\r\n]/, 1)[0]!;
  const isTable =
    source !== undefined || (/(^|[\t,;"{])source($|[\t,;"])/.test(first) && !/\.txt(\.b?gz)?$/.test(path));
  if (!isTable) {
    yield* plainLines(chunks);
    return;
  }
  const table = await openTable(chunks, { name: opened.name });
  const from = columnIndex(table, source ?? 'source');
  const named = id === undefined ? -1 : columnIndex(table, id);
  let row = 0;
  for await (const { cells, line } of table.rows) {
    row++;
    if (cells[from] === '') throw dataError(`${opened.name}:${line}: there is no text to translate.`);
    yield { id: named < 0 ? `${row}` : cells[named]!, text: cells[from]! };
  }
}

/** One text a line; empty lines are texts without any letter and keep their numbers. */
async function* plainLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TextRecord> {
  const utf8 = new TextDecoder('utf-8');
  let rest = '';
  let line = 0;
  for await (const chunk of chunks) {
    const parts = (rest + utf8.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop()!;
    for (const text of parts) yield { id: `${++line}`, text: text.replace(/\r$/, '') };
  }
  rest += utf8.decode();
  if (rest !== '') yield { id: `${++line}`, text: rest };
}

/** Some of the pairs, in the given order. */
export const pairSubset = (data: PairData, indices: ArrayLike<number>): PairData => ({
  ...data,
  pairs: Array.from(indices, (i) => data.pairs[i]!),
});

/** Splits pairs at random; all that have the same source stay on one side, so that no test source was seen. */
export function splitPairs(
  data: PairData,
  { test = 0.2, seed = 42 }: { test?: number; seed?: number } = {},
): { fit: PairData; test: PairData } {
  const groups = groupNumbers(data.pairs.map(({ source }) => source));
  const { train, test: held } = groupSplit(groups, { test, seed });
  return { fit: pairSubset(data, train), test: pairSubset(data, held) };
}
