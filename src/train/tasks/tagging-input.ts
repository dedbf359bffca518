import { dataError } from '../../core/errors.ts';
import { type AmbiguityPolicy, alphabetByName } from '../../data/alphabet.ts';
import { conllSentences } from '../../data/conll/conll.ts';
import { checkedRecords, type SequenceRecord } from '../../data/dataset.ts';
import { lineBatches } from '../../data/lines.ts';
import { type ByteChunks, peek } from '../../data/opening.ts';
import { openRecords, type RawRecord } from '../../data/read-records.ts';
import { openSource } from '../../data/source.ts';
import type { TaggerInput } from '../../models/tagger/spec.ts';
import { conllColumn, defaultWord } from './tagging-conll.ts';
import type { Untagged } from './tagging-predict.ts';

/** A sequence to be tagged, with what else its file said of it. */
export interface TaggingInput extends Untagged {
  /** Of CoNLL: all columns, and the comment lines. */
  readonly columns?: readonly (readonly string[])[];
  readonly comments?: readonly string[];
}

/** How a file of sequences to be tagged is read. */
export interface TaggingInputOptions {
  /** Of words: CoNLL columns, or running text, one sentence a line; told by the lines otherwise. */
  format?: 'conll' | 'text' | undefined;
  /** Of CoNLL: the column of words, by number or name. */
  word?: string | undefined;
  /** The columns of a table of sequences. */
  id?: string | undefined;
  sequence?: string | undefined;
  ambiguous?: AmbiguityPolicy;
  skipped?: { add(id: string): void };
}

/**
 * Streams what a tagger reads: FASTA or a table for letters; CoNLL columns or text for words. `-` is standard input. Throws a data error
 * that names file and line, or record, for what is wrong.
 */
export async function* taggingInput(
  path: string,
  reads: TaggerInput,
  options: TaggingInputOptions = {},
): AsyncGenerator<TaggingInput, void, undefined> {
  if (reads.kind === 'letters') yield* lettersOf(path, reads.alphabet, options);
  else yield* wordsOf(path, options);
}

async function* lettersOf(
  path: string,
  { name, letters }: { name: string; letters: string },
  { id, sequence, ambiguous = 'mask', skipped = { add: () => {} } }: TaggingInputOptions,
): AsyncGenerator<TaggingInput> {
  const opened = await openRecords(path, { ...(id && { id }), ...(sequence && { sequence }) });
  const checks = { alphabet: alphabetByName(name, letters), ambiguous, file: opened.name, skipped };
  for await (const record of checkedRecords(withoutCells(opened.records), checks))
    yield { id: record.id, tokens: record.sequence };
}

async function* withoutCells(records: AsyncIterable<RawRecord>): AsyncGenerator<SequenceRecord> {
  for await (const { cells: _, ...record } of records) yield record;
}

async function* wordsOf(path: string, { format, word }: TaggingInputOptions): AsyncGenerator<TaggingInput> {
  const source = openSource(path);
  const { opening, chunks } = await peek(source.chunks, 16_384);
  const { name } = source;
  if (String.fromCharCode(opening.find((byte) => byte > 32) ?? 0) === '>')
    throw dataError(`${name} looks like FASTA; the model tags words. Give CoNLL columns or text.`);
  if ((format ?? wordFormat(opening)) === 'text') yield* textLines(chunks, name);
  else
    for await (const sentence of conllSentences(chunks, { name })) {
      const { id, columns, comments } = sentence;
      const at = conllColumn(word, columns.length, name) ?? defaultWord(sentence);
      yield { id, tokens: columns[at]!, columns, comments };
    }
}

/** Text where lines have unequal numbers of words, or there is one line of several; CoNLL where all have as many, as columns do. */
export function wordFormat(opening: Uint8Array): 'conll' | 'text' {
  const lines = new TextDecoder().decode(opening).split(/\r\n|\r|\n/);
  // The last line may be cut.
  const whole = lines.length > 1 && opening.length >= 16_384 ? lines.slice(0, -1) : lines;
  const shown = whole.filter(
    (line) => line.trim() !== '' && !line.startsWith('#') && !line.startsWith('-DOCSTART-'),
  );
  if (shown.some((line) => line.includes('\t'))) return 'conll';
  const counts = new Set(shown.map((line) => line.trim().split(/\s+/).length));
  return counts.size > 1 || (shown.length === 1 && !counts.has(1)) ? 'text' : 'conll';
}

async function* textLines(chunks: ByteChunks, name: string): AsyncGenerator<TaggingInput> {
  for await (const { lines, first } of lineBatches(chunks, { name }))
    for (const [i, line] of lines.entries()) {
      const tokens = splitWords(line);
      if (tokens.length > 0) yield { id: `line ${first + i}`, tokens };
    }
}

/**
 * Words and punctuation marks of running text: letters and digits that hyphens, apostrophes, points or commas join are one word, anything
 * else that can be seen stands alone.
 * @example splitWords('Mr. Hall-Dane paid 3.50, no?') // Mr . Hall-Dane paid 3.50 , no ?
 */
export const splitWords = (line: string): string[] =>
  line.match(/[\p{L}\p{N}\p{M}]+(?:['’.,_-][\p{L}\p{N}\p{M}]+)*|[^\s\p{L}\p{N}\p{M}]/gu) ?? [];
