import { dataError } from '../../core/errors.ts';
import { describeOpening } from '../fasta/not-fasta.ts';
import { lineBatches } from '../lines.ts';
import type { ByteChunks } from '../opening.ts';
import { type AlignedRow, type Alignment, checkAlignment } from './alignment.ts';

/**
 * Reads alignments in Stockholm format 1.0 (as Pfam, Rfam and HMMER write it), one in memory at a time. Rows may come
 * in several blocks; annotations of file, rows, columns and letters (`#=GF`, `#=GS`, `#=GC`, `#=GR`) are kept; other
 * comments are not.
 *
 * Throws a data error with `name` and line for: another format, rows or annotations of unequal width, a row that
 * comes twice in one block, annotations of a row that is not there, an alignment that does not end in `//`.
 * @example
 * for await (const { name, rows } of stockholmAlignments([bytes])) console.log(name, rows[0].id, rows[0].text);
 */
export async function* stockholmAlignments(
  chunks: ByteChunks,
  { name = 'input' }: { name?: string } = {},
): AsyncGenerator<Alignment, void, undefined> {
  let open: Builder | undefined;
  let any = false;
  for await (const { lines, first } of lineBatches(chunks, { name })) {
    for (const [i, text] of lines.entries()) {
      const place = `${name}:${first + i}`;
      if (!open) {
        if (text.trim() === '') continue;
        if (!/^# STOCKHOLM 1\./.test(text)) throw notStockholm(place, text, any);
        open = builder(name, first + i);
        any = true;
      } else if (text.startsWith('//')) {
        yield open.end();
        open = undefined;
      } else open.line(text, place, first + i);
    }
  }
  if (!any) throw dataError(`${name} is empty; expected Stockholm.`);
  if (open) {
    throw dataError(
      `${name} is truncated: its last alignment does not end in "//". Copy or download it again, or add the line.`,
    );
  }
}

function notStockholm(place: string, text: string, after: boolean) {
  const found = describeOpening(new TextEncoder().encode(text));
  return dataError(
    after
      ? `${place}: after "//" expected a further alignment, "# STOCKHOLM 1.0"; this looks like ${found}.`
      : `${place}: expected Stockholm, which begins with "# STOCKHOLM 1.0"; this looks like ${found}.`,
  );
}

interface OpenRow {
  id: string;
  parts: string[];
  line: number;
  block: number;
  description: string[];
  notes: [string, string][];
  letters: Map<string, string[]>;
}

type Builder = ReturnType<typeof builder>;

/** Gathers the lines of one alignment that begins on line `start`. */
function builder(name: string, start: number) {
  const rows = new Map<string, OpenRow>();
  const columns = new Map<string, string[]>();
  const notes: [string, string][] = [];
  let title: string | undefined;
  let block = 0;
  const row = (id: string, line: number): OpenRow => {
    const before = rows.get(id);
    if (before) return before;
    const fresh = { id, parts: [], line, block: -1, description: [], notes: [], letters: new Map() };
    rows.set(id, fresh);
    return fresh;
  };

  const annotation = (text: string, place: string, line: number) => {
    const of = rowAnnotation.exec(text);
    if (of) {
      const [, kind, id, tag, rest] = of as unknown as [string, string, string, string, string];
      const open = row(id, line);
      if (kind === 'GR') append(open.letters, tag, withoutBlanks(rest));
      else if (tag === 'DE') open.description.push(rest);
      else open.notes.push([tag, rest]);
      return;
    }
    const [, kind, tag, rest] = (fileAnnotation.exec(text) ?? []) as string[];
    if (kind === undefined) throw dataError(`${place}: "${text.slice(0, 40)}" is no whole annotation.`);
    if (kind === 'GC') append(columns, tag!, withoutBlanks(rest!));
    else if (tag === 'ID' && title === undefined) title = rest!;
    else notes.push([tag!, rest!]);
  };

  return {
    line(text: string, place: string, line: number) {
      if (text.startsWith('#')) {
        if (/^#=G[FSCR]/.test(text)) annotation(text, place, line);
        return;
      }
      const [, id, letters] = /^\s*(\S+)\s+(\S.*?)\s*$/.exec(text) ?? [];
      if (id === undefined) {
        if (text.trim() === '') block++;
        else
          throw dataError(`${place}: "${text.trim().slice(0, 40)}" is no row; expected an id and letters.`);
        return;
      }
      const open = row(id, line);
      if (open.block === block) throw twiceInBlock(place, id);
      if (open.parts.length === 0) open.line = line;
      open.block = block;
      open.parts.push(withoutBlanks(letters!));
    },
    end(): Alignment {
      // Notes may come before the letters, and not in their order.
      const open = [...rows.values()].sort((a, b) => a.line - b.line);
      const bare = open.find(({ parts }) => parts.length === 0);
      if (bare) {
        throw dataError(
          `${name}:${bare.line}: annotations of row "${bare.id}", which the alignment does not have.`,
        );
      }
      if (open.length === 0) throw dataError(`${name}:${start}: an alignment without rows.`);
      const alignment: Alignment = {
        ...(title !== undefined && { name: title }),
        rows: open.map(closedRow),
        columns: texts(columns),
        ...(notes.length > 0 && { notes }),
      };
      checkAlignment(
        alignment,
        name,
        open.map(({ line }) => line),
      );
      return alignment;
    },
  };
}

const rowAnnotation = /^#=(GS|GR)\s+(\S+)\s+(\S+)\s*(.*?)\s*$/;
const fileAnnotation = /^#=(GF|GC)\s+(\S+)\s*(.*?)\s*$/;
const withoutBlanks = (text: string) => text.replace(/\s+/g, '');

const twiceInBlock = (place: string, id: string) =>
  dataError(
    `${place}: row "${id}" occurs twice in one block; ids must be unique, and blocks are separated by blank lines.`,
  );

function append(to: Map<string, string[]>, tag: string, text: string) {
  const parts = to.get(tag);
  if (parts) parts.push(text);
  else to.set(tag, [text]);
}

const texts = (of: Map<string, string[]>): Record<string, string> =>
  Object.fromEntries([...of].map(([tag, parts]) => [tag, parts.join('')]));

const closedRow = ({ id, parts, description, notes, letters }: OpenRow): AlignedRow => ({
  id,
  text: parts.join(''),
  ...(description.length > 0 && { description: description.join(' ') }),
  ...(letters.size > 0 && { letters: texts(letters) }),
  ...(notes.length > 0 && { notes }),
});
