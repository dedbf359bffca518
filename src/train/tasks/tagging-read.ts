import { dataError, usageError } from '../../core/errors.ts';
import { type Alphabet, type AmbiguityPolicy, alphabetByName } from '../../data/alphabet.ts';
import { refuseDuplicates, skipCounter, skippedSentence } from '../../data/dataset.ts';
import { fastaRecords } from '../../data/fasta/fasta-records.ts';
import { checkLetters, guessAlphabet } from '../../data/letters.ts';
import { peek } from '../../data/opening.ts';
import { findColumn } from '../../data/read-records.ts';
import { openSource, type Source } from '../../data/source.ts';
import { columnIndex, openTable, sniffDelimiter } from '../../data/table/table.ts';
import type { TaggerSpec } from '../../models/tagger/spec.ts';
import { taggedConll } from './tagging-conll.ts';
import { type RawTagged, type TaggedData, type TaggedOptions, taggedData } from './tagging-data.ts';

/** Where tagged sequences are, and how to read them. */
export interface TaggedSource extends Omit<TaggedOptions, 'known'> {
  /** CoNLL columns, FASTA, or a table with a sequence column; `-` is standard input. */
  sequences: string;
  /** Of FASTA: a table with the tags of each record, joined by id, or FASTA whose letters are the tags. */
  labels?: string;
  /** The column of tags: a name (of a table, or of CoNLL `upos`, `pos`, `ner` …), or of CoNLL a number from 1, where the last one is the default. */
  label?: string;
  /** Of CoNLL: the column of words, by number or name; the second of CoNLL-U, else the first. */
  word?: string;
  /** The column of ids of a table. */
  id?: string;
  /** The column of sequences of a table. */
  sequence?: string;
  /** The column of a table that says which records belong together. */
  group?: string;
  alphabet?: Alphabet;
  ambiguous?: AmbiguityPolicy;
  /** What the model that is evaluated reads and knows. */
  model?: Pick<TaggerSpec, 'input' | 'tags' | 'rules'>;
}

/** Formats that hold sequences whose tokens can be tagged. */
export type SequenceFormat = 'conll' | 'fasta' | 'table';

/** What a file holds, by its name and first bytes; CoNLL is what is neither FASTA nor a table with a sequence column. */
export function sequenceFormat(
  opening: Uint8Array,
  name: string,
  { sequence, labels }: Pick<TaggedSource, 'sequence' | 'labels'> = {},
): SequenceFormat {
  const first = String.fromCharCode(opening.find((byte) => byte > 32) ?? 0);
  if (first === '>' || (first === ';' && labels !== undefined)) return 'fasta';
  if (sequence !== undefined || /\.(csv|tsv|tab)(\.b?gz)?$/i.test(name)) return 'table';
  const header = new TextDecoder().decode(opening).split(/[\r\n]/, 1)[0]!;
  const cells = header.split(sniffDelimiter(opening, name)).map((cell) => cell.trim().replaceAll('"', ''));
  return findColumn(cells, sequenceNames) === undefined ? 'conll' : 'table';
}

const sequenceNames = ['sequence', 'seq'];
const tagNames = ['tags', 'tag', 'labels', 'label', 'structure', 'target'];

/**
 * Reads letters or words with a tag for each. CoNLL columns hold words, or letters where an alphabet is given; FASTA and tables hold
 * letters, and their tags are texts of equal length (`CCHHHHC`) or lists divided by blanks or commas (`O B-x I-x`). Records
 * without tags are left out and counted.
 *
 * Throws a data error that names file and line for anything that is wrong in the files.
 * @example await readTagged({ sequences: 'train.conll', label: 'ner' })
 */
export async function readTagged(options: TaggedSource): Promise<TaggedData> {
  const { sequences, labels, model, unknown, scheme, alphabet } = options;
  if (sequences === '-' && labels === '-')
    throw usageError('Sequences and tags cannot both come from standard input; name a file for one of them.');
  const source = openSource(sequences);
  const { opening, chunks } = await peek(source.chunks);
  const format = sequenceFormat(opening, source.name, options);
  const own = { ...source, chunks };
  const raw =
    format === 'conll'
      ? { rows: await taggedConll(own, options), sources: [], skipped: [] }
      : await fromRecords(own, format, options);
  const told = {
    ...(unknown !== undefined && { unknown }),
    ...(scheme && { scheme }),
    ...(model && { known: { tags: model.tags, scheme: model.rules.scheme } }),
    sources: [source.digest(), ...raw.sources],
  };
  const given = alphabet ?? (model?.input.kind === 'letters' ? alphabetOf(model.input) : undefined);
  if (format === 'conll' && !given) return taggedData(raw.rows, { ...told, kind: 'words' });
  if (model?.input.kind === 'words')
    throw dataError(`${source.name} holds letters; the model tags words. Give CoNLL columns.`);
  return letters(raw, given, { ...told, ambiguous: options.ambiguous ?? 'mask', name: source.name });
}

const alphabetOf = ({ alphabet: { name, letters: own } }: TaggerSpec['input'] & { kind: 'letters' }) =>
  alphabetByName(name, own);

/** What was read, letters unchecked. */
interface RawRows {
  readonly rows: readonly (RawTagged & { readonly line: number })[];
  readonly sources: TaggedData['sources'];
  readonly skipped: TaggedData['skipped'];
}

/** Checks letters against the alphabet, which is told by them where it is not given. */
function letters(
  { rows, skipped }: RawRows,
  given: Alphabet | undefined,
  {
    ambiguous,
    name,
    ...told
  }: TaggedOptions & {
    ambiguous: AmbiguityPolicy;
    name: string;
    sources: TaggedData['sources'];
  },
): TaggedData {
  const texts = rows.map(({ tokens }) => (typeof tokens === 'string' ? tokens : tokens.join('')));
  const { alphabet, why } = given ? { alphabet: given, why: undefined } : guessAlphabet(texts);
  const left = skipCounter('letters outside the alphabet');
  const kept = rows.flatMap((row, i) => {
    const sequence = texts[i]!;
    if (typeof row.tokens !== 'string' && sequence.length !== row.tokens.length)
      throw dataError(`${row.place}: expected one letter a line, as an alphabet was given.`);
    if (checkLetters(sequence, alphabet, ambiguous, { file: name, line: row.line, id: row.id }))
      return [{ ...row, tokens: sequence }];
    left.add(row.id);
    return [];
  });
  const all = [...skipped, left].filter(({ count }) => count > 0);
  const notes = [why, ...all.map(skippedSentence)].filter((note) => note !== undefined);
  return taggedData(kept, {
    ...told,
    kind: 'letters',
    alphabet: { name: alphabet.name, letters: alphabet.letters },
    skipped: all.map(({ reason, count, examples }) => ({ reason, count, examples })),
    notes,
  });
}

/** A record of letters with the text of its tags, if it has one. */
interface Lettered {
  readonly id: string;
  readonly sequence: string;
  readonly line: number;
  readonly labels?: string;
  readonly group?: string;
}

async function fromRecords(
  source: Source,
  format: 'fasta' | 'table',
  options: TaggedSource,
): Promise<RawRows> {
  const { name } = source;
  const records = format === 'fasta' ? await fastaLetters(source) : await tableLetters(source, options);
  refuseDuplicates(records, name);
  const table = options.labels === undefined ? undefined : await readTagTable(options.labels, options);
  const missing = skipCounter('no tags');
  const rows = records.flatMap(({ id, sequence, line, labels, group }) => {
    const own = table
      ? table.rows.get(id)
      : labels === undefined
        ? undefined
        : { text: labels, place: `${name}:${line}` };
    if (!own || own.text === '') {
      missing.add(id);
      return [];
    }
    return [
      {
        id,
        tokens: sequence,
        labels: splitTags(own.text, sequence.length),
        line,
        place: `${own.place}: record "${id}"`,
        ...(group !== undefined && { group }),
      },
    ];
  });
  if (rows.length === 0)
    throw dataError(
      `${name}: no record has tags. Give a table of them with --labels, the column with --label, or CoNLL columns.`,
    );
  return { rows, sources: table ? [table.digest()] : [], skipped: [missing] };
}

/** One tag a letter, or tags divided by blanks, commas or semicolons. */
function splitTags(text: string, length: number): string[] {
  if (text.length === length && !/[\s,;]/.test(text)) return [...text];
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  return parts.length === 1 && length !== 1 ? [...text] : parts;
}

async function fastaLetters({ chunks, name }: Source): Promise<Lettered[]> {
  const records: Lettered[] = [];
  for await (const { id, sequence, line } of fastaRecords(chunks, { name }))
    records.push({ id, sequence, line });
  return records;
}

async function tableLetters(
  { chunks, name }: Source,
  { id, sequence, label, labels, group }: TaggedSource,
): Promise<Lettered[]> {
  const table = await openTable(chunks, { name });
  const { columns } = table;
  const at = columnIndex(table, sequence ?? findColumn(columns, sequenceNames) ?? 'sequence');
  const idColumn = id !== undefined && labels !== undefined && !columns.includes(id) ? undefined : id;
  const ids = idColumn ?? findColumn(columns, ['id']);
  const tags = labels === undefined ? tagColumn(columns, label, name) : undefined;
  const [idAt, tagsAt, groupAt] = [ids, tags, group].map((column) =>
    column === undefined ? -1 : columnIndex(table, column),
  ) as [number, number, number];
  const records: Lettered[] = [];
  for await (const { cells, line } of table.rows)
    records.push({
      id: idAt < 0 ? String(records.length + 1) : cells[idAt]!,
      sequence: cells[at]!,
      line,
      ...(tagsAt >= 0 && { labels: cells[tagsAt]! }),
      ...(groupAt >= 0 && { group: cells[groupAt]! }),
    });
  if (records.length === 0) throw dataError(`${name} holds a header line but no rows.`);
  return records;
}

function tagColumn(columns: string[], label: string | undefined, name: string): string {
  if (label !== undefined) return label;
  const named = findColumn(columns, tagNames);
  if (named !== undefined) return named;
  throw usageError(`Which column of ${name} holds the tags? Say --label with one of: ${columns.join(', ')}.`);
}

/** Tags by id: a table, or FASTA in which tags are letters. */
async function readTagTable(path: string, { id, label }: TaggedSource) {
  const source = openSource(path);
  const { opening, chunks } = await peek(source.chunks);
  const rows = new Map<string, { text: string; place: string }>();
  const { name } = source;
  if (String.fromCharCode(opening.find((byte) => byte > 32) ?? 0) === '>') {
    for await (const record of fastaRecords(chunks, { name }))
      rows.set(record.id, { text: record.sequence, place: `${name}:${record.line}` });
    return { rows, digest: source.digest };
  }
  const table = await openTable(chunks, { name });
  const idColumn = id ?? findColumn(table.columns, ['id']) ?? table.columns[0]!;
  const idAt = columnIndex(table, idColumn);
  const others = table.columns.filter((column) => column !== idColumn);
  const tags =
    label === undefined && others.length === 1 ? others[0]! : tagColumn(table.columns, label, name);
  const tagsAt = columnIndex(table, tags);
  for await (const { cells, line } of table.rows) {
    const key = cells[idAt]!;
    if (rows.has(key)) throw dataError(`${name}:${line}: id "${key}" occurs twice; ids must be unique.`);
    rows.set(key, { text: cells[tagsAt]!, place: `${name}:${line}` });
  }
  return { rows, digest: source.digest };
}
