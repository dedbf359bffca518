import { dataError } from '../../../core/errors.ts';
import { wholeNumber } from '../../../data/interval.ts';
import { jsonlTable } from '../../../data/jsonl/jsonl-table.ts';
import { type ByteChunks, peek } from '../../../data/opening.ts';
import { findColumn } from '../../../data/read-records.ts';
import type { Source } from '../../../data/source.ts';
import { columnIndex, openTable, type Table } from '../../../data/table/table.ts';
import type { SpanRecord, Unanswered } from './data.ts';

/** Which columns of a table (keys of JSON lines) hold what. */
export interface TextColumns {
  id?: string | undefined;
  question?: string | undefined;
  passage?: string | undefined;
  answer?: string | undefined;
  start?: string | undefined;
  group?: string | undefined;
}

const names = {
  question: ['question'],
  passage: ['passage', 'context', 'text'],
  answer: ['answer', 'answers', 'answer_text'],
  start: ['start', 'answer_start'],
};

/** Opens a table; JSON lines are told by their first byte, whatever the file is called. */
export async function openPassages(chunks: ByteChunks, name: string): Promise<Table> {
  const { opening, chunks: all } = await peek(chunks);
  const first = String.fromCharCode(opening.find((byte) => byte > 32) ?? 0);
  return first === '{' ? jsonlTable(all, { name }) : openTable(all, { name });
}

/** Whether a table holds passages of text rather than sequences. */
export const holdsPassages = (columns: string[], { passage }: TextColumns): boolean =>
  passage !== undefined || findColumn(columns, names.passage) !== undefined;

/** Passages of a table, with questions where there is such a column; without answers. */
export async function* tablePassages(
  table: Table,
  columns: TextColumns,
): AsyncGenerator<Unanswered & { cells: string[]; line: number }> {
  const at = (given: string | undefined, known: string[]) => {
    const column = given ?? findColumn(table.columns, known);
    return column === undefined ? -1 : columnIndex(table, column);
  };
  const passageAt = columnIndex(
    table,
    columns.passage ?? findColumn(table.columns, names.passage) ?? 'passage',
  );
  const [questionAt, idAt] = [at(columns.question, names.question), at(columns.id, ['id'])];
  let row = 0;
  for await (const { cells, line } of table.rows) {
    row++;
    const id = idAt < 0 ? String(row) : cells[idAt]!;
    const place = `${table.name}:${line}: record "${id}"`;
    const passage = filled(cells[passageAt]!, 'passage', place);
    const question = questionAt < 0 ? undefined : filled(cells[questionAt]!, 'question', place);
    yield { id, passage, ...(question !== undefined && { question }), cells, line };
  }
}

function filled(text: string, what: string, place: string): string {
  if (text.trim() === '')
    throw dataError(`${place} has an empty ${what}. Fill it in, or leave the record out.`);
  return text;
}

/**
 * Records of a table with the columns question (if there are some), passage, answer and start: where the answer begins in its passage, in
 * characters from 0. An empty answer says that there is none. Without a start the answer has to stand in its passage exactly once.
 */
export async function tableRecords({ chunks, name }: Source, columns: TextColumns): Promise<SpanRecord[]> {
  const table = await openPassages(chunks, name);
  const at = (given: string | undefined, known: string[]) => given ?? findColumn(table.columns, known);
  const answerAt = columnIndex(table, at(columns.answer, names.answer) ?? 'answer');
  const start = at(columns.start, names.start);
  const startAt = start === undefined ? -1 : columnIndex(table, start);
  const groupAt = columns.group === undefined ? -1 : columnIndex(table, columns.group);
  const records: SpanRecord[] = [];
  for await (const { cells, line, ...read } of tablePassages(table, columns)) {
    const place = `${name}:${line}: record "${read.id}"`;
    const answer = cells[answerAt]!;
    const begins = startAt < 0 ? '' : cells[startAt]!;
    const span =
      answer === ''
        ? null
        : placed(
            read.passage,
            answer,
            begins === '' ? undefined : wholeNumber(begins, `${place}: start`),
            place,
          );
    records.push({ ...read, span, ...(groupAt >= 0 && { group: cells[groupAt]! }) });
  }
  return records;
}

/** Where an answer stands; its start counts characters (Unicode code points), as Python does. */
function placed(passage: string, answer: string, start: number | undefined, place: string) {
  if (start === undefined) {
    const first = passage.indexOf(answer);
    if (first < 0) throw dataError(`${place}: the answer ${shown(answer)} does not stand in its passage.`);
    if (passage.indexOf(answer, first + 1) >= 0)
      throw dataError(
        `${place}: the answer ${shown(answer)} stands in its passage more than once. Say where with a column start.`,
      );
    return { start: first, end: first + answer.length };
  }
  const from = unitOf(passage, start);
  if (from === undefined)
    throw dataError(
      `${place}: the answer begins at character ${start}; the passage has ${[...passage].length}, counted from 0.`,
    );
  const found = passage.slice(from, from + answer.length);
  if (found !== answer)
    throw dataError(
      `${place}: the answer ${shown(answer)} does not stand at character ${start} of its passage; there is ${shown(found)}. Starts are counted from 0.`,
    );
  return { start: from, end: from + answer.length };
}

/** The place in UTF-16 units of a character; undefined where there are fewer. */
function unitOf(text: string, character: number): number | undefined {
  // Most texts have no character of two units.
  if (!/[\ud800-\udbff]/.test(text)) return character < text.length ? character : undefined;
  let unit = 0;
  let seen = 0;
  for (const one of text) {
    if (seen++ === character) return unit;
    unit += one.length;
  }
  return undefined;
}

const shown = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** An object, or a data error that says what was expected there. */
function objectAt(value: unknown, place: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw dataError(`${place}: expected an object, as in SQuAD's format.`);
}

function listAt(value: unknown, place: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw dataError(`${place}: expected a list, as in SQuAD's format.`);
}

function textAt(value: unknown, place: string): string {
  if (typeof value === 'string') return value;
  throw dataError(`${place}: expected text, as in SQuAD's format.`);
}

/** What SQuAD's format holds; spans are null without looking at answers where `answers` is false. */
export async function squadRecords(
  { chunks, name }: Source,
  { answers: wanted = true } = {},
): Promise<SpanRecord[]> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  let root: unknown;
  try {
    root = JSON.parse(text + decoder.decode());
  } catch (error) {
    throw dataError(
      `${name} is not valid JSON: ${(error as Error).message}. Call JSON lines, one object a line, .jsonl.`,
    );
  }
  const records: SpanRecord[] = [];
  listAt(objectAt(root, name).data, `${name}: data`).forEach((entry, a) => {
    const article = objectAt(entry, `${name}: data[${a}]`);
    const group = typeof article.title === 'string' ? { group: article.title } : {};
    listAt(article.paragraphs, `${name}: data[${a}].paragraphs`).forEach((item, p) => {
      const where = `${name}: data[${a}].paragraphs[${p}]`;
      const paragraph = objectAt(item, where);
      const passage = filled(textAt(paragraph.context, `${where}.context`), 'passage (context)', where);
      listAt(paragraph.qas, `${where}.qas`).forEach((qa, q) => {
        records.push({
          ...squadRecord(objectAt(qa, `${where}.qas[${q}]`), passage, `${where}.qas[${q}]`, wanted),
          ...group,
        });
      });
    });
  });
  return records;
}

/** A question of SQuAD: version 1 has answers, version 2 may say `is_impossible`. The first answer is the one to be learned. */
function squadRecord(
  qa: Record<string, unknown>,
  passage: string,
  place: string,
  wanted: boolean,
): SpanRecord {
  const id = qa.id === undefined ? place : String(qa.id);
  const own = `${place}: record "${id}"`;
  const question = filled(textAt(qa.question, `${place}.question`), 'question', own);
  const base = { id, passage, question, span: null };
  if (!wanted) return base;
  const answers = listAt(qa.answers ?? [], `${place}.answers`).map((entry, i) => {
    const answer = objectAt(entry, `${place}.answers[${i}]`);
    return { text: textAt(answer.text, `${place}.answers[${i}].text`), start: answer.answer_start };
  });
  const [first] = answers;
  if (qa.is_impossible === true || !first) {
    if (qa.is_impossible === true && first)
      throw dataError(`${own} is marked impossible and has an answer. Leave one of the two out.`);
    if (qa.is_impossible === undefined && !first)
      throw dataError(`${own} has no answer. Give one, or say "is_impossible": true (SQuAD 2.0).`);
    return base;
  }
  if (first.text === '')
    throw dataError(`${own} has an empty answer. Say "is_impossible": true if there is none.`);
  if (!Number.isInteger(first.start) || (first.start as number) < 0)
    throw dataError(
      `${own}: answer_start is ${JSON.stringify(first.start)}; expected a whole number from 0.`,
    );
  const span = placed(passage, first.text, first.start as number, own);
  return { ...base, span, answers: [...new Set(answers.map(({ text }) => text))] };
}
