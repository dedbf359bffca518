import { dataError } from '../../core/errors.ts';
import { type ByteChunks, withOpening } from '../opening.ts';
import { describeOpening } from './not-fasta.ts';

/** One FASTA record; `line` is where its header stands, counted from 1. */
export interface FastaRecord {
  id: string;
  description: string;
  sequence: string;
  line: number;
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const SEMICOLON = 59;
const GREATER = 62;

/**
 * Reads FASTA (Pearson and Lipman 1988) from bytes in pieces of any size, one record in memory at a time.
 *
 * The id is the header up to its first blank, the description is the rest. Lines end in LF, CRLF or CR and
 * may be of any length; blank lines, blanks inside sequence lines and blanks before `>` are ignored; lines
 * that start with `;` are comments. Letters are not checked here; lower case (soft masking) is kept
 * unless `foldCase`.
 *
 * Throws a data error with `name` and line for: an empty file, text before the first `>`, a header
 * without a name, a header without sequence.
 * @example
 * for await (const { id, sequence } of fastaRecords([bytes], { name: 'x.fa' })) console.log(id, sequence.length);
 */
export async function* fastaRecords(
  chunks: ByteChunks,
  { name = 'input', foldCase = false }: { name?: string; foldCase?: boolean } = {},
): AsyncGenerator<FastaRecord, void, undefined> {
  const reader = recordReader(name);
  const finished = (record: FastaRecord) =>
    foldCase ? { ...record, sequence: record.sequence.toUpperCase() } : record;
  for await (const chunk of withOpening(chunks)) {
    let from = 0;
    while (from < chunk.length) {
      from = reader.read(chunk, from);
      const record = reader.take();
      if (record) yield finished(record);
    }
  }
  reader.end();
  const last = reader.take();
  if (last) yield finished(last);
}

type Where = 'line start' | 'sequence' | 'header' | 'comment';

/**
 * The state between chunks. `read` consumes bytes up to the end of the chunk or of a record, which `take`
 * then returns. The work is linear in the number of bytes however lines and chunks fall.
 */
function recordReader(name: string) {
  const bytes = growingBytes();
  let where: Where = 'line start';
  let line = 1;
  let afterCr = false;
  let empty = true;
  let open: Header | undefined;
  let done: FastaRecord | undefined;

  const closeRecord = () => {
    if (!open) return;
    done = { ...open, sequence: bytes.text(`${name}:${open.line}: record "${open.id}"`) };
    if (done.sequence === '') throw noSequence(name, open);
    open = undefined;
  };
  const endLine = (byte: number) => {
    if (where === 'header') open = parseHeader(bytes.text(`${name}:${line}: the header`), line, name);
    if (byte === CR || !afterCr) line++;
    where = 'line start';
  };
  /** Decides what a line is by its first visible byte; returns where to go on. */
  const startLine = (chunk: Uint8Array, at: number) => {
    if (chunk[at] === GREATER) {
      closeRecord();
      where = 'header';
      return at + 1;
    }
    where = chunk[at] === SEMICOLON ? 'comment' : 'sequence';
    if (where === 'sequence' && !open) throw notFasta(name, line, chunk.subarray(at));
    return at;
  };

  return {
    read(chunk: Uint8Array, from: number): number {
      let i = from;
      empty &&= chunk.length === 0;
      while (i < chunk.length && !done) {
        const byte = chunk[i]!;
        if (byte === LF || byte === CR) {
          endLine(byte);
          i++;
        } else if (where === 'sequence') i = bytes.appendVisible(chunk, i);
        else if (where !== 'line start') {
          const end = lineEnd(chunk, i);
          if (where === 'header') bytes.append(chunk.subarray(i, end));
          i = end;
        } else if (isBlank(byte)) i++;
        else i = startLine(chunk, i);
        afterCr = byte === CR;
      }
      return i;
    },
    take() {
      const record = done;
      done = undefined;
      return record;
    },
    end() {
      if (where === 'header') endLine(LF);
      if (!open) throw dataError(`${name} ${empty ? 'is empty' : 'holds no records'}; expected FASTA.`);
      closeRecord();
    },
  };
}

type Header = Omit<FastaRecord, 'sequence'>;

function parseHeader(text: string, line: number, name: string): Header {
  const [, id, description] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(text)!;
  if (id === '') throw dataError(`${name}:${line}: a header without a name; write an id after ">".`);
  return { id: id!, description: description!, line };
}

const noSequence = (name: string, { line, id }: Header) =>
  dataError(
    `${name}:${line}: record "${id}" has a header but no sequence. Add its sequence or remove the header.`,
  );

const notFasta = (name: string, line: number, rest: Uint8Array) =>
  dataError(
    `${name}:${line}: expected FASTA, a line that starts with ">"; this looks like ${describeOpening(rest)}.`,
  );

function lineEnd(chunk: Uint8Array, from: number): number {
  let i = from;
  while (i < chunk.length && chunk[i] !== LF && chunk[i] !== CR) i++;
  return i;
}

/** Space, tab, vertical tab, form feed. Other control bytes stay, so that the check of letters meets them. */
const isBlank = (byte: number) => byte === SPACE || byte === 9 || byte === 11 || byte === 12;

/** V8 strings hold at most 2²⁹ − 24 characters. */
const LONGEST = 2 ** 29 - 24;

/** Bytes in one buffer that doubles when full, so that appending costs constant time on average. */
function growingBytes() {
  const utf8 = new TextDecoder();
  let buffer = new Uint8Array(65_536);
  let filled = 0;
  const reserve = (more: number) => {
    if (filled + more <= buffer.length) return;
    const grown = new Uint8Array(Math.max(2 * buffer.length, filled + more));
    grown.set(buffer.subarray(0, filled));
    buffer = grown;
  };
  return {
    append(part: Uint8Array) {
      reserve(part.length);
      buffer.set(part, filled);
      filled += part.length;
    },
    /** Copies everything but blanks up to the end of the line; the hot loop. Returns where it stopped. */
    appendVisible(chunk: Uint8Array, from: number): number {
      reserve(chunk.length - from);
      const out = buffer;
      let n = filled;
      let i = from;
      for (; i < chunk.length; i++) {
        const byte = chunk[i]!;
        if (byte > SPACE) out[n++] = byte;
        else if (byte === LF || byte === CR) break;
        else if (!isBlank(byte)) out[n++] = byte;
      }
      filled = n;
      return i;
    },
    /** The bytes as text; empties the buffer. */
    text(what: string): string {
      if (filled > LONGEST)
        throw dataError(`${what} is longer than the ${LONGEST} letters that can be held.`);
      const text = utf8.decode(buffer.subarray(0, filled));
      filled = 0;
      return text;
    },
  };
}
