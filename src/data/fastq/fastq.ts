import { dataError, usageError } from '../../core/errors.ts';
import { describeOpening } from '../fasta/not-fasta.ts';
import { lineBatches } from '../lines.ts';
import type { ByteChunks } from '../opening.ts';

/** One read; `line` is where its header stands, counted from 1. */
export interface FastqRecord {
  id: string;
  description: string;
  sequence: string;
  /** One character a base, as it stands in the file. See `phred`. */
  quality: string;
  line: number;
}

/**
 * Reads FASTQ (Cock et al. 2010) as a stream. Sequence and qualities may go over several lines; blank lines between
 * records are passed over; a read may be empty, as trimming leaves it. Letters are not checked here.
 *
 * Throws a data error with `name`, line and read for: another format, an empty file, a header without name, a "+" line that
 * names another read, more or fewer qualities than bases, a quality that is no printable character, an end within a read.
 * @example
 * for await (const { id, sequence, quality } of fastqRecords([bytes])) console.log(id, sequence, phred(quality));
 */
export async function* fastqRecords(
  chunks: ByteChunks,
  { name = 'input' }: { name?: string } = {},
): AsyncGenerator<FastqRecord, void, undefined> {
  const reader = recordReader(name);
  let any = false;
  for await (const { lines, first } of lineBatches(chunks, { name })) {
    for (let i = 0; i < lines.length; ) {
      const whole = reader.between() ? fourLines(lines, i, first) : undefined;
      const record = whole ?? reader.line(lines[i]!, first + i);
      i += whole ? 4 : 1;
      if (!record) continue;
      any = true;
      yield record;
    }
  }
  reader.end();
  if (!any) throw dataError(`${name} is empty; expected FASTQ.`);
}

const printable = /^[!-~]*$/;

/** The record of four lines that nearly all files consist of; undefined where there is anything else to look at. */
function fourLines(lines: string[], i: number, first: number): FastqRecord | undefined {
  if (i + 3 >= lines.length) return undefined;
  const [head, sequence, plus, quality] = [lines[i]!, lines[i + 1]!, lines[i + 2]!, lines[i + 3]!];
  if (plus !== '+' || sequence.length !== quality.length || sequence === '') return undefined;
  if (!head.startsWith('@') || !printable.test(quality) || !printable.test(sequence)) return undefined;
  const { id, description } = headerOf(head);
  return id === '' ? undefined : { id, description, sequence, quality, line: first + i };
}

function headerOf(text: string): { id: string; description: string } {
  const blank = text.search(/\s/);
  return blank < 0
    ? { id: text.slice(1), description: '' }
    : { id: text.slice(1, blank), description: text.slice(blank).trim() };
}

function recordReader(name: string) {
  let where: 'header' | 'sequence' | 'quality' = 'header';
  let open: FastqRecord = { id: '', description: '', sequence: '', quality: '', line: 0 };
  const say = (line: number, what: string) => dataError(`${name}:${line}: ${what}`);

  const header = (text: string, line: number) => {
    if (!text.startsWith('@')) {
      const found = describeOpening(new TextEncoder().encode(text));
      throw say(line, `expected FASTQ, a line that starts with "@"; this looks like ${found}.`);
    }
    open = { ...headerOf(text), sequence: '', quality: '', line };
    if (open.id === '') throw say(line, 'a header without a name; write an id after "@".');
    where = 'sequence';
  };
  const separator = (text: string, line: number) => {
    const again = text.slice(1).trim();
    const expected = open.description === '' ? open.id : `${open.id} ${open.description}`;
    if (again !== '' && again !== expected && again !== open.id)
      throw say(line, `the "+" line of read "${open.id}" names "${again}"; expected the same name, or none.`);
    where = 'quality';
  };
  const closed = (line: number): FastqRecord | undefined => {
    if (open.quality.length < open.sequence.length) return undefined;
    const { id, sequence, quality } = open;
    if (quality.length > sequence.length)
      throw say(
        line,
        `read "${id}" has ${quality.length} qualities for ${sequence.length} bases; expected one a base.`,
      );
    const bad = quality.search(/[^!-~]/);
    if (bad >= 0)
      throw say(
        line,
        `read "${id}" has ${JSON.stringify(quality[bad])} as quality ${bad + 1}; expected "!" to "~".`,
      );
    where = 'header';
    return open;
  };

  return {
    /** Whether the next line begins a record. */
    between: () => where === 'header',
    line(text: string, line: number): FastqRecord | undefined {
      if (where === 'header') {
        if (text.trim() !== '') header(text, line);
      } else if (where === 'sequence') {
        if (text.startsWith('+')) {
          separator(text, line);
          return closed(line);
        }
        open.sequence += text.trim();
      } else {
        open.quality += text.trim();
        return closed(line);
      }
      return undefined;
    },
    end(): void {
      if (where === 'header') return;
      throw say(
        open.line,
        `read "${open.id}" is cut off: ${open.sequence.length} bases and ${open.quality.length} qualities at the end of ` +
          'the file. Copy or download it again.',
      );
    },
  };
}

/**
 * Phred scores of a quality string, by Sanger's offset of 33 (64 in Illumina files from before 2011). Throws a data error for a
 * character below the offset.
 * @example phred('!5I') // Uint8Array [0, 20, 40]
 */
export function phred(quality: string, { offset = 33 }: { offset?: 33 | 64 } = {}): Uint8Array {
  if (offset !== 33 && offset !== 64)
    throw usageError(`Qualities have an offset of 33 or 64, not ${offset}.`);
  return Uint8Array.from(quality, (character, i) => {
    const score = character.charCodeAt(0) - offset;
    if (score >= 0 && score <= 93) return score;
    throw dataError(
      `quality ${i + 1} is ${JSON.stringify(character)}, which no offset of ${offset} gives. Use the offset ${97 - offset}.`,
    );
  });
}

/** Writes Phred scores, 0 to 93, with Sanger's offset of 33. */
export const phredText = (scores: ArrayLike<number>): string =>
  Array.from(scores, (score) => {
    if (Number.isInteger(score) && score >= 0 && score <= 93) return String.fromCharCode(score + 33);
    throw dataError(`A Phred score is a whole number from 0 to 93, not ${score}.`);
  }).join('');

/**
 * Writes a read in four lines. Throws a data error for what could not be read back: an id with blanks, a description
 * with a line break, other than one quality a base.
 * @example fastqText({ id: 'r1', sequence: 'ACGT', quality: 'IIII' }) // '@r1\nACGT\n+\nIIII\n'
 */
export function fastqText({
  id,
  description = '',
  sequence,
  quality,
}: Omit<FastqRecord, 'line' | 'description'> & { description?: string }): string {
  const refuse = (why: string) => dataError(`Read "${id}" cannot be written as FASTQ: ${why}.`);
  if (!/^\S+$/.test(id)) throw refuse('an id has no blanks');
  if (/[\r\n]/.test(description)) throw refuse('its description has a line break');
  if (/\s/.test(sequence)) throw refuse('its sequence has a blank');
  if (quality.length !== sequence.length)
    throw refuse(`it has ${quality.length} qualities for ${sequence.length} bases`);
  if (!printable.test(quality)) throw refuse('a quality is a character from "!" to "~"');
  return `@${id}${description && ` ${description}`}\n${sequence}\n+\n${quality}\n`;
}
