import { dataError } from '../../core/errors.ts';
import type { Genome } from '../genome/genome.ts';
import { wholeNumber } from '../interval.ts';
import { lineBatches } from '../lines.ts';
import type { ByteChunks } from '../opening.ts';
import type { RandomAccess } from '../random-access.ts';

/** A line of a `.fai` index (samtools faidx): where a sequence begins, and how its lines are laid out. */
export interface FaidxEntry {
  name: string;
  length: number;
  /** Byte of the first base. */
  offset: number;
  /** Bases in a line, and bytes with the line end. */
  lineBases: number;
  lineBytes: number;
}

/** Reads a `.fai` index. Throws a data error with `name` and line for columns that are missing or no numbers, and names that come twice. */
export async function readFaidx(
  chunks: ByteChunks,
  { name = 'input' }: { name?: string } = {},
): Promise<FaidxEntry[]> {
  const entries: FaidxEntry[] = [];
  const seen = new Set<string>();
  for await (const { lines, first } of lineBatches(chunks, { name })) {
    for (const [i, text] of lines.entries()) {
      if (text === '') continue;
      const place = `${name}:${first + i}`;
      const [id, ...cells] = text.split('\t');
      if (cells.length < 4)
        throw dataError(`${place}: ${cells.length + 1} columns; an index of FASTA (.fai) has 5.`);
      if (seen.has(id!)) throw dataError(`${place}: "${id}" occurs twice.`);
      seen.add(id!);
      const what = ['length', 'offset', 'bases in a line', 'bytes in a line'];
      const [length, offset, lineBases, lineBytes] = what.map((column, c) =>
        wholeNumber(cells[c]!, `${place}: ${column}`),
      ) as [number, number, number, number];
      if (length > 0 && (lineBases < 1 || lineBytes < lineBases))
        throw dataError(`${place}: lines of ${lineBases} bases in ${lineBytes} bytes cannot be.`);
      entries.push({ name: id!, length, offset, lineBases, lineBytes });
    }
  }
  return entries;
}

/** Writes a `.fai` index, as `samtools faidx` does. */
export const faidxText = (entries: readonly FaidxEntry[]): string =>
  entries
    .map(
      ({ name, length, offset, lineBases, lineBytes }) =>
        `${[name, length, offset, lineBases, lineBytes].join('\t')}\n`,
    )
    .join('');

const LF = 10;
const CR = 13;
const GREATER = 62;

/**
 * Indexes FASTA as `samtools faidx` does, in one pass and constant memory. Returns undefined where there can be no index: lines of unequal
 * length within a sequence, blank lines in it, or lines that end in CR alone. Throws a data error for a file without records or with an id
 * that comes twice.
 */
export async function buildFaidx(
  chunks: ByteChunks,
  { name = 'input' }: { name?: string } = {},
): Promise<FaidxEntry[] | undefined> {
  const builder = faidxBuilder(name);
  for await (const chunk of chunks) {
    let from = 0;
    while (from < chunk.length) {
      const end = chunk.indexOf(LF, from);
      const to = end < 0 ? chunk.length : end + 1;
      builder.part(chunk.subarray(from, to), end >= 0);
      from = to;
    }
    if (builder.failed()) return undefined;
  }
  return builder.end();
}

function faidxBuilder(name: string) {
  const utf8 = new TextDecoder();
  const entries: FaidxEntry[] = [];
  const seen = new Set<string>();
  let header: number[] | undefined;
  let position = 0;
  let lineStart = true;
  let bases = 0;
  let bytes = 0;
  let carriage = false;
  let shorter = false;
  let failed = false;

  const endOfHeader = () => {
    const id = utf8.decode(Uint8Array.from(header!)).trim().split(/\s/, 1)[0]!;
    if (seen.has(id)) throw dataError(`${name}: id "${id}" occurs twice; an index needs unique ids.`);
    seen.add(id);
    entries.push({ name: id, length: 0, offset: position, lineBases: 0, lineBytes: 0 });
    header = undefined;
    shorter = false;
  };
  const endOfLine = () => {
    const entry = entries.at(-1)!;
    // Only the last line of a sequence may be shorter, or end otherwise.
    if (shorter && bases > 0) failed = true;
    entry.length += bases;
    if (entry.lineBytes === 0) Object.assign(entry, { lineBases: bases, lineBytes: bytes });
    else if (bases > entry.lineBases) failed = true;
    shorter ||= bases < entry.lineBases || bytes !== entry.lineBytes;
  };

  return {
    failed: () => failed,
    /** A line or a part of it, with its end where that is there. */
    part(chunk: Uint8Array, ends: boolean) {
      if (lineStart) {
        [bases, bytes, carriage] = [0, 0, false];
        if (chunk[0] === GREATER) header = [];
        else if (entries.length === 0) failed = true;
      }
      const visible = ends ? chunk.length - 1 : chunk.length;
      position += chunk.length;
      bytes += chunk.length;
      if (header) {
        for (let i = lineStart ? 1 : 0; i < visible; i++) header.push(chunk[i]!);
        if (ends) endOfHeader();
      } else if (!failed) {
        // A CR belongs to the line end only where it stands before the LF.
        const inner = visible > 0 && chunk[visible - 1] === CR ? visible - 1 : visible;
        if (carriage && inner > 0) failed = true;
        if (chunk.subarray(0, inner).some((byte) => byte <= 32)) failed = true;
        carriage = inner < visible;
        bases += inner;
        if (ends) endOfLine();
      }
      lineStart = ends;
    },
    end(): FaidxEntry[] | undefined {
      if (header) endOfHeader();
      else if (!lineStart && !failed && entries.length > 0) {
        bytes++;
        endOfLine();
      }
      if (entries.length === 0) throw dataError(`${name} holds no records; expected FASTA.`);
      return failed ? undefined : entries;
    },
  };
}

/**
 * A genome in an indexed FASTA file: letters are read where the index says. `file` gives uncompressed bytes by position (for bgzip see
 * `openGenome`). Before its first letters are given, each sequence is held against its header in the file.
 *
 * Throws a data error that names both files where the index does not match.
 */
export function indexedFasta(
  file: Pick<RandomAccess, 'read' | 'close'>,
  index: readonly FaidxEntry[],
  {
    name = 'input',
    indexName = `${name}.fai`,
    circular = [],
  }: { name?: string; indexName?: string; circular?: readonly string[] } = {},
): Genome {
  const entries = new Map(index.map((entry) => [entry.name, entry]));
  const checked = new Map<string, Promise<void>>();
  const mismatch = (why: string) =>
    dataError(
      `${indexName} does not match ${name}: ${why}. Remove ${indexName}, or make it again (samtools faidx ${name}).`,
    );

  const letters = async (entry: FaidxEntry, start: number, end: number) => {
    if (start >= end) return '';
    const { offset, lineBases, lineBytes } = entry;
    const byteOf = (base: number) => offset + Math.floor(base / lineBases) * lineBytes + (base % lineBases);
    const [from, to] = [byteOf(start), byteOf(end - 1) + 1];
    const bytes = await file.read(to - from, from);
    const text = withoutLineEnds(utf8.decode(bytes), entry, start % lineBases);
    if (text?.length === end - start) return text;
    throw mismatch(`bases ${start + 1} to ${end} of "${entry.name}" are not where it says`);
  };
  const check = async (entry: FaidxEntry) => {
    const back = Math.min(entry.offset, 1 << 16);
    const before = utf8.decode(await file.read(back, entry.offset - back));
    const header = before.slice(before.lastIndexOf('\n', before.length - 2) + 1);
    const known = before.endsWith('\n') && (header.startsWith('>') || header.length === back);
    if (!known || (header.startsWith('>') && header.slice(1).trim().split(/\s/, 1)[0] !== entry.name))
      throw mismatch(`"${entry.name}" should begin at byte ${entry.offset}, where its header does not stand`);
    const { offset, length, lineBases, lineBytes } = entry;
    if (length === 0) return;
    const last = length - 1;
    const end = offset + Math.floor(last / lineBases) * lineBytes + (last % lineBases) + 1;
    const after = utf8.decode(await file.read(3, end));
    if (!/^(\r?\n(>|\r?\n|$)|$)/.test(after))
      throw mismatch(`"${entry.name}" does not end after ${length} bases`);
  };

  return {
    name,
    chromosomes: new Map(
      index.map(({ name: id, length }) => [
        id,
        { name: id, length, ...(circular.includes(id) && { circular: true }) },
      ]),
    ),
    async letters(chrom, start, end) {
      const entry = entries.get(chrom)!;
      let first = checked.get(chrom);
      if (!first) {
        first = check(entry);
        checked.set(chrom, first);
      }
      await first;
      return letters(entry, start, end);
    },
    close: () => file.close(),
  };
}

const utf8 = new TextDecoder();

/**
 * The bases of lines, the first of which begins at base `column`; undefined where line ends stand anywhere but between lines, or
 * anything but letters between them.
 */
function withoutLineEnds(
  text: string,
  { lineBases, lineBytes }: FaidxEntry,
  column: number,
): string | undefined {
  const parts: string[] = [];
  for (let at = -column; at < text.length; at += lineBytes) {
    parts.push(text.slice(Math.max(0, at), at + lineBases));
    const between = text.slice(Math.max(0, at + lineBases), Math.max(0, at + lineBytes));
    if (!/^[\r\n]*$/.test(between)) return undefined;
  }
  const bases = parts.join('');
  return /[>\s]/.test(bases) ? undefined : bases;
}
