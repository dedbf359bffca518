import { dataError, usageError } from '../../../core/errors.ts';
import { type Alphabet, type AmbiguityPolicy, alphabetByName } from '../../../data/alphabet.ts';
import { bedIntervals } from '../../../data/bed/bed.ts';
import { refuseDuplicates, skipCounter, skippedSentence } from '../../../data/dataset.ts';
import { wholeNumber } from '../../../data/interval.ts';
import { checkLetters, guessAlphabet } from '../../../data/letters.ts';
import { peek } from '../../../data/opening.ts';
import { findColumn, openRecords, type RawRecord } from '../../../data/read-records.ts';
import { openSource, type Source, type SourceDigest } from '../../../data/source.ts';
import { columnIndex, openTable, sniffDelimiter } from '../../../data/table/table.ts';
import type { Span, SpanData, SpanRecord } from './data.ts';

/** What becomes of sequences with several spans: refuse them, or keep the first one or the longest. */
export const severalPolicies = ['error', 'first', 'longest'] as const;
export type SeveralSpans = (typeof severalPolicies)[number];

/** Where sequences and their spans are, and how to read them. */
export interface LetterSource {
  /** FASTA and its like, or a table with a sequence column and columns of start and end; `-` is standard input. */
  sequences: string;
  /** The span of each sequence: BED, or a table with columns id, start and end; 0-based, the end excluded. */
  spans?: string | undefined;
  /** Columns of ids, sequences, groups, starts and ends. */
  id?: string | undefined;
  sequence?: string | undefined;
  group?: string | undefined;
  start?: string | undefined;
  end?: string | undefined;
  several?: SeveralSpans | undefined;
  /** What a sequence without a span is: one that holds none, or one that is left out. */
  without?: 'none' | 'skip' | undefined;
  alphabet?: Alphabet | undefined;
  ambiguous?: AmbiguityPolicy | undefined;
}

/** A span as it was read, and where it stands, for messages. */
interface Placed extends Span {
  readonly place: string;
}

/**
 * Reads sequences, each with the one span that is to be found in it. Coordinates are BED's: the first letter is 0, the end is excluded.
 * Spans of ids without a sequence are counted; sequences without a span hold none, or with `without: 'skip'` are left out and counted.
 *
 * Throws a data error that names file and line for a span that leaves its sequence, is empty or on the minus strand, for a second span of
 * one sequence (unless `several` chooses), and for letters outside the alphabet.
 * @example await readLetterSpans({ sequences: 'mrna.fa', spans: 'cds.bed' })
 */
export async function readLetterSpans(options: LetterSource): Promise<SpanData> {
  const { sequences, spans, several = 'error', without = 'none' } = options;
  if (sequences === '-' && spans === '-')
    throw usageError(
      'Sequences and spans cannot both come from standard input; name a file for one of them.',
    );
  const named = (name: 'id' | 'sequence') => options[name] !== undefined && { [name]: options[name] };
  const opened = await openRecords(sequences, { ...named('id'), ...named('sequence') });
  const raw: RawRecord[] = [];
  for await (const record of opened.records) raw.push(record);
  if (raw.length === 0) throw dataError(`${opened.name} holds no sequences.`);
  refuseDuplicates(raw, opened.name);
  const read =
    spans === undefined
      ? { placed: ownSpans(raw, opened, options), digest: undefined }
      : await readSpanFile(spans, options);
  const groupAt = options.group === undefined ? -1 : columnIndex(opened, options.group);
  const { alphabet, why } = options.alphabet
    ? { alphabet: options.alphabet, why: undefined }
    : guessAlphabet(raw.map(({ sequence }) => sequence));
  const odd = skipCounter('letters outside the alphabet');
  const bare = skipCounter('no span');
  const records = raw.flatMap((record): SpanRecord[] => {
    const { id, sequence, line } = record;
    if (!checkLetters(sequence, alphabet, options.ambiguous ?? 'mask', { file: opened.name, line, id })) {
      odd.add(id);
      return [];
    }
    const span = chosenSpan(record, read.placed.get(id) ?? [], several);
    if (span === null && without === 'skip') {
      bare.add(id);
      return [];
    }
    return [{ id, passage: sequence, span, ...(groupAt >= 0 && { group: record.cells![groupAt]! }) }];
  });
  const known = new Set(raw.map(({ id }) => id));
  const strangers = [...read.placed.keys()].filter((id) => !known.has(id));
  if (strangers.length === read.placed.size && read.placed.size > 0)
    throw dataError(
      `none of the ${strangers.length} ids in ${spans} (such as "${strangers[0]}") is that of a sequence in ${opened.name} (such as "${raw[0]!.id}"). Make the ids the same.`,
    );
  return assembled(records, {
    alphabet,
    sources: [opened.digest(), ...(read.digest ? [read.digest()] : [])],
    skipped: [odd, bare],
    notes: [why, strangersSentence(strangers)].filter((note) => note !== undefined),
  });
}

function assembled(
  records: readonly SpanRecord[],
  {
    alphabet,
    sources,
    skipped,
    notes,
  }: {
    alphabet: Alphabet;
    sources: readonly SourceDigest[];
    skipped: readonly ReturnType<typeof skipCounter>[];
    notes: readonly string[];
  },
): SpanData {
  if (records.length === 0 || records.every(({ span }) => span === null))
    throw dataError(
      'no sequence has a span; there is nothing to learn or to compare with. Give them with --spans.',
    );
  const left = skipped.filter(({ count }) => count > 0);
  return {
    kind: 'letters',
    alphabet: { name: alphabet.name, letters: alphabet.letters },
    question: false,
    records,
    sources,
    skipped: left.map(({ reason, count, examples }) => ({ reason, count, examples })),
    notes: [...notes, ...left.map((one) => skippedSentence(one)!)],
  };
}

const strangersSentence = (ids: readonly string[]): string | undefined =>
  ids.length === 0
    ? undefined
    : `${ids.length} ${ids.length === 1 ? 'span names' : 'spans name'} no sequence that is there: ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', …' : ''}.`;

/** The span of a sequence; null where it has none. */
function chosenSpan(
  { id, sequence }: RawRecord,
  found: readonly Placed[],
  several: SeveralSpans,
): Span | null {
  for (const { start, end, place } of found) {
    if (end > sequence.length)
      throw dataError(
        `${place}: the span ${start}–${end} of "${id}" ends after its sequence, which has ${sequence.length} letters. Spans are 0-based, the end excluded.`,
      );
    if (end <= start)
      throw dataError(
        `${place}: the span ${start}–${end} of "${id}" holds no letter; expected at least one.`,
      );
  }
  if (found.length > 1 && several === 'error')
    throw dataError(
      `${found[1]!.place}: "${id}" has a span already (${found[0]!.place}); expected one a sequence. Choose one with --several first or --several longest.`,
    );
  const size = ({ start, end }: Span) => end - start;
  const [best] = several === 'longest' ? [...found].sort((a, b) => size(b) - size(a)) : found;
  return best ? { start: best.start, end: best.end } : null;
}

type Spans = Map<string, Placed[]>;

function put(spans: Spans, id: string, span: Placed): void {
  const own = spans.get(id) ?? [];
  own.push(span);
  spans.set(id, own);
}

/** Spans in columns of the table that holds the sequences. */
function ownSpans(
  raw: readonly RawRecord[],
  opened: { name: string; columns: string[] },
  options: LetterSource,
): Spans {
  const { columns, name } = opened;
  if (columns.length === 0)
    throw usageError(`${name} holds sequences alone. Give their spans as BED or a table with --spans.`);
  const [startAt, endAt] = spanColumns(opened, options);
  const spans: Spans = new Map();
  for (const { id, cells, line } of raw) {
    const span = spanOfCells(cells![startAt]!, cells![endAt]!, `${name}:${line}`);
    if (span) put(spans, id, span);
  }
  return spans;
}

function spanColumns(
  table: { name: string; columns: string[] },
  { start, end }: LetterSource,
): [number, number] {
  const named = (given: string | undefined, names: string[]) =>
    columnIndex(table, given ?? findColumn(table.columns, names) ?? names[0]!);
  return [named(start, ['start', 'from', 'begin']), named(end, ['end', 'stop', 'to'])];
}

/** Two empty cells are no span. */
function spanOfCells(start: string, end: string, place: string): Placed | undefined {
  if (start === '' && end === '') return undefined;
  return { start: wholeNumber(start, `${place}: start`), end: wholeNumber(end, `${place}: end`), place };
}

async function readSpanFile(path: string, options: LetterSource) {
  const source = openSource(path);
  const { opening, chunks } = await peek(source.chunks);
  const own = { ...source, chunks };
  const placed = isTable(opening, source.name) ? await tableSpans(own, options) : await bedSpans(own);
  if (placed.size === 0) throw dataError(`${source.name} holds no spans.`);
  return { placed, digest: source.digest };
}

/** A table names its columns; the second and third column of BED are numbers from the first line on. */
function isTable(opening: Uint8Array, name: string): boolean {
  if (/\.(bed|narrowpeak)(\.b?gz)?$/i.test(name)) return false;
  if (/\.(jsonl|ndjson)(\.b?gz)?$/i.test(name)) return true;
  const header = new TextDecoder().decode(opening).split(/[\r\n]/, 1)[0]!;
  const cells = header.split(sniffDelimiter(opening, name)).map((cell) => cell.trim().replaceAll('"', ''));
  return (
    !header.startsWith('#') && !/^(track|browser)\b/.test(header) && !cells.some((cell) => /^\d+$/.test(cell))
  );
}

async function bedSpans({ chunks, name }: Source): Promise<Spans> {
  const spans: Spans = new Map();
  for await (const { chrom, start, end, strand, line } of bedIntervals(chunks, { name })) {
    const place = `${name}:${line}`;
    if (strand === '-')
      throw dataError(
        `${place}: the span of "${chrom}" is on the minus strand; spans are read along the sequence as it stands. Turn the sequence round, or give the strand as ".".`,
      );
    put(spans, chrom, { start, end, place });
  }
  return spans;
}

async function tableSpans({ chunks, name }: Source, options: LetterSource): Promise<Spans> {
  const table = await openTable(chunks, { name });
  const { columns } = table;
  const asked = options.id !== undefined && columns.includes(options.id) ? options.id : undefined;
  const idAt = columnIndex(
    table,
    asked ?? findColumn(columns, ['id']) ?? findColumn(columns, ['chrom', 'name']) ?? columns[0]!,
  );
  const [startAt, endAt] = spanColumns(table, options);
  const spans: Spans = new Map();
  for await (const { cells, line } of table.rows) {
    const span = spanOfCells(cells[startAt]!, cells[endAt]!, `${name}:${line}`);
    if (span) put(spans, cells[idAt]!, span);
  }
  return spans;
}

/** The alphabet of a model that reads letters. */
export const alphabetOfModel = (tokenizer: { alphabet: { name: string; letters: string } }): Alphabet =>
  alphabetByName(tokenizer.alphabet.name, tokenizer.alphabet.letters);
