import { dataError } from '../../core/errors.ts';
import { type Alignment, checkAlignment, type Notes } from './alignment.ts';

/**
 * Writes an alignment in Stockholm format 1.0, every row on one line, one piece of text a line. Throws a data error for
 * what could not be read back: rows of unequal width, blanks in ids or tags, line breaks in notes.
 * @example [...stockholmText({ rows: [{ id: 'a', text: 'AC-T' }], columns: { RF: 'xx.x' } })].join('')
 * // '# STOCKHOLM 1.0\n\na       AC-T\n#=GC RF xx.x\n//\n'
 */
export function* stockholmText(alignment: Alignment): Generator<string> {
  const { name, rows, columns, notes = [] } = alignment;
  refuseUnwritable(alignment);
  yield '# STOCKHOLM 1.0\n';
  if (name !== undefined) yield `#=GF ID ${name}\n`;
  for (const [tag, text] of notes) yield `#=GF ${tag} ${text}`.trimEnd().concat('\n');
  for (const { id, description, notes = [] } of rows) {
    if (description) yield `#=GS ${id} DE ${description}\n`;
    for (const [tag, text] of notes) yield `#=GS ${id} ${tag} ${text}`.trimEnd().concat('\n');
  }
  yield '\n';
  const left = rows.flatMap(({ id, letters = {} }) => [
    id,
    ...Object.keys(letters).map((tag) => `#=GR ${id} ${tag}`),
  ]);
  const margin = [...left, ...Object.keys(columns).map((tag) => `#=GC ${tag}`)].reduce(
    (most, { length }) => Math.max(most, length),
    0,
  );
  for (const { id, text, letters = {} } of rows) {
    yield `${id.padEnd(margin)} ${text}\n`;
    for (const [tag, marks] of Object.entries(letters))
      yield `${`#=GR ${id} ${tag}`.padEnd(margin)} ${marks}\n`;
  }
  for (const [tag, marks] of Object.entries(columns)) yield `${`#=GC ${tag}`.padEnd(margin)} ${marks}\n`;
  yield '//\n';
}

function refuseUnwritable(alignment: Alignment) {
  const { name, rows, columns, notes = [] } = alignment;
  checkAlignment(alignment, 'The alignment');
  if (name !== undefined) refuseNotes([['ID', name]]);
  refuseNotes(notes);
  for (const { id, text, description = '', letters = {}, notes = [] } of rows) {
    if (!/^(?!#|\/\/)\S+$/.test(id))
      throw unwritable(`row "${id}"`, 'an id has no blanks and begins with neither "#" nor "//"');
    if (/\s/.test(text)) throw unwritable(`row "${id}"`, 'its text has a blank');
    refuseNotes([['DE', description], ...notes]);
    refuseMarks(letters);
  }
  refuseMarks(columns);
}

function refuseNotes(notes: Notes) {
  for (const [tag, text] of notes) {
    if (!/^\S+$/.test(tag)) throw unwritable(`the tag "${tag}"`, 'a tag has no blanks');
    if (/[\r\n]/.test(text)) throw unwritable(`the text of ${tag}`, 'it has a line break');
  }
}

function refuseMarks(annotations: Record<string, string>) {
  for (const [tag, marks] of Object.entries(annotations)) {
    if (!/^\S+$/.test(tag)) throw unwritable(`the tag "${tag}"`, 'a tag has no blanks');
    if (/\s/.test(marks)) throw unwritable(`annotation ${tag}`, 'it has a blank; mark nothing with "."');
  }
}

const unwritable = (what: string, why: string) =>
  dataError(`The alignment cannot be written as Stockholm: ${what}: ${why}.`);
