import { dataError, usageError } from '../../core/errors.ts';
import { lineBatches } from '../lines.ts';
import type { ByteChunks } from '../opening.ts';

/** One sentence: `columns[c][i]` is what column c says of word i. */
export interface ConllSentence {
  /** From a comment `# sent_id = …` or `# id = …`, else the number of the sentence, from 1. */
  id: string;
  columns: string[][];
  /** Where its first word stands, counted from 1. */
  line: number;
  /** How many `-DOCSTART-` lines came before; a group to split by. 0 where the file has none. */
  document: number;
  /** Comment lines before its words, without `#`. */
  comments: string[];
}

/** How many columns there are, or their names; how they are told apart; whether lines with `#` before a sentence are comments. */
export interface ConllOptions {
  name?: string;
  columns?: number | readonly string[];
  comments?: boolean;
}

/**
 * Reads CoNLL columns: one word a line, columns divided by a tab (else by blanks), sentences divided by blank lines.
 *
 * Lines that begin with `#` before the first word of a sentence are comments unless `comments` is false; after it they
 * are words, as `#` may be one. A `-DOCSTART-` line begins a document and is no sentence. Of CoNLL-U (ten columns,
 * tabs) the ranges (`1-2`) and empty nodes (`8.1`) are left out, as they are no words of their own.
 *
 * Throws a data error with `name` and line for a line whose number of columns is not that of `columns`, or of the first word;
 * for a file without words; a usage error for fewer than one column.
 * @example
 * for await (const { columns: [letters, tags] } of conllSentences([bytes], { columns: ['letter', 'tag'] })) …
 */
export async function* conllSentences(
  chunks: ByteChunks,
  { name = 'input', columns, comments = true }: ConllOptions = {},
): AsyncGenerator<ConllSentence, void, undefined> {
  const reader = sentenceReader(name, columns, comments);
  for await (const { lines, first } of lineBatches(chunks, { name })) {
    for (const [i, text] of lines.entries()) {
      const sentence = reader.line(text, first + i);
      if (sentence) yield sentence;
    }
  }
  const last = reader.end();
  if (last) yield last;
}

function sentenceReader(name: string, columns: number | readonly string[] | undefined, comments: boolean) {
  let expected = typeof columns === 'number' ? columns : columns?.length;
  if (expected !== undefined && !(Number.isInteger(expected) && expected > 0))
    throw usageError(`CoNLL has 1 or more columns, not ${expected}.`);
  let delimiter: RegExp | undefined;
  let conllU = false;
  let count = 0;
  let document = 0;
  let open: ConllSentence | undefined;
  let said: string[] = [];

  const finished = () => {
    const sentence = open;
    open = undefined;
    if (sentence) said = [];
    return sentence;
  };
  const word = (text: string, line: number) => {
    delimiter ??= text.includes('\t') ? /\t/ : /\s+/;
    const cells = delimiter.source === '\\t' ? text.split('\t') : text.trim().split(delimiter);
    if (expected === undefined) {
      expected = cells.length;
      conllU = expected === 10 && /^1(-\d+)?$/.test(cells[0]!);
    }
    if (cells.length !== expected) throw unevenColumns(`${name}:${line}`, cells, expected, columns);
    if (conllU && /^\d+[-.]\d+$/.test(cells[0]!)) return;
    if (!open) count++;
    open ??= {
      id: idIn(said) ?? String(count),
      columns: cells.map(() => []),
      line,
      document,
      comments: said,
    };
    for (const [c, cell] of cells.entries()) open.columns[c]!.push(cell);
  };

  return {
    line(text: string, line: number): ConllSentence | undefined {
      if (text.trim() === '') return finished();
      if (!open && comments && text.startsWith('#')) {
        said.push(text.slice(1).trim());
        return undefined;
      }
      if (!open && text.startsWith('-DOCSTART-')) document++;
      else word(text, line);
      return undefined;
    },
    end() {
      const last = finished();
      if (!last && delimiter === undefined)
        throw dataError(`${name} holds no words; expected CoNLL columns, one word a line.`);
      return last;
    },
  };
}

const idIn = (comments: string[]): string | undefined =>
  comments
    .map((comment) => /^(?:sent_id|id)\s*=\s*(\S.*)$/.exec(comment)?.[1])
    .find((id) => id !== undefined);

function unevenColumns(
  place: string,
  cells: string[],
  expected: number,
  columns: number | readonly string[] | undefined,
) {
  const why =
    typeof columns === 'object'
      ? ` (${columns.join(', ')})`
      : columns === undefined
        ? ', as the first word has'
        : '';
  return dataError(
    `${place}: ${cells.length} columns (${JSON.stringify(cells.join(' ').slice(0, 40))}); expected ${expected}${why}. ` +
      'Columns are divided by tabs, or else by blanks; sentences by blank lines.',
  );
}

/**
 * Writes a sentence as CoNLL columns divided by tabs, with the blank line that ends it. Throws a data error for what
 * could not be read back: no words, columns of unequal length, cells with a tab or a line break or that are empty.
 * @example conllText({ columns: [['A', 'C'], ['B', 'I']] }) // 'A\tB\nC\tI\n\n'
 */
export function conllText({
  id,
  columns,
  comments = [],
}: Pick<ConllSentence, 'columns'> & Partial<Pick<ConllSentence, 'id' | 'comments'>>): string {
  const what = id === undefined ? 'A sentence' : `Sentence "${id}"`;
  const [first = []] = columns;
  if (first.length === 0) throw dataError(`${what} cannot be written as CoNLL: it has no words.`);
  for (const [c, column] of columns.entries()) {
    if (column.length !== first.length)
      throw dataError(
        `${what} cannot be written as CoNLL: column ${c + 1} has ${column.length} words; expected ${first.length}.`,
      );
    const bad = column.find((cell) => cell === '' || /[\t\r\n]/.test(cell) || cell.trim() === '');
    if (bad !== undefined)
      throw dataError(
        `${what} cannot be written as CoNLL: ${JSON.stringify(bad)} is no cell; cells are not empty and have no tab or line break.`,
      );
  }
  if (columns.length === 1 && /\s/.test(first.join('')))
    throw dataError(`${what} cannot be written as CoNLL: words of a single column have no blanks.`);
  const heads =
    comments.some((comment) => idIn([comment]) !== undefined) || id === undefined ? [] : [`sent_id = ${id}`];
  const above = [...heads, ...comments].map((comment) => `# ${comment}\n`);
  const words = first.map((_, i) => `${columns.map((column) => column[i]).join('\t')}\n`);
  return `${[...above, ...words].join('')}\n`;
}
