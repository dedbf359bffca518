import { dataError, usageError } from '../../core/errors.ts';

/**
 * Writes records as FASTA, one piece of text per record; sequence lines hold `width` letters (0: one line).
 * Throws a data error for an id with blanks, a line break in the description, or an empty sequence: such a
 * record could not be read back.
 * @example [...fastaText([{ id: 'x', sequence: 'ACGTACGTAC' }], { width: 4 })].join('') // '>x\nACGT\nACGT\nAC\n'
 */
export function* fastaText(
  records: Iterable<{ id: string; description?: string; sequence: string }>,
  { width = 60 }: { width?: number } = {},
): Generator<string> {
  if (!Number.isInteger(width) || width < 0)
    throw usageError(`A line width is 0 or more letters, not ${width}.`);
  for (const { id, description = '', sequence } of records) {
    if (!/^\S+$/.test(id)) throw dataError(`Record "${id}" cannot be written as FASTA: an id has no blanks.`);
    if (/[\r\n]/.test(description)) {
      throw dataError(`Record "${id}" cannot be written as FASTA: its description has a line break.`);
    }
    if (sequence === '') throw dataError(`Record "${id}" cannot be written as FASTA: it has no sequence.`);
    const header = description === '' ? `>${id}` : `>${id} ${description}`;
    const lines = [header];
    const step = width || sequence.length;
    for (let i = 0; i < sequence.length; i += step) lines.push(sequence.slice(i, i + step));
    yield `${lines.join('\n')}\n`;
  }
}
