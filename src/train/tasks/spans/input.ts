import { dataError } from '../../../core/errors.ts';
import type { AmbiguityPolicy } from '../../../data/alphabet.ts';
import { checkedRecords, type SequenceRecord } from '../../../data/dataset.ts';
import { peek } from '../../../data/opening.ts';
import { openRecords, type RawRecord } from '../../../data/read-records.ts';
import { openSource } from '../../../data/source.ts';
import type { SpanSpec } from '../../../models/span/spec.ts';
import type { Unanswered } from './data.ts';
import { formatOf } from './read.ts';
import { alphabetOfModel } from './read-letters.ts';
import { openPassages, squadRecords, type TextColumns, tablePassages } from './read-text.ts';

/** How passages are read that are to be answered. */
export interface PassageOptions extends Pick<TextColumns, 'id' | 'passage' | 'question'> {
  sequence?: string | undefined;
  ambiguous?: AmbiguityPolicy | undefined;
  skipped?: { add(id: string): void };
}

/**
 * Streams what a span model reads: sequences (FASTA and its like, or a table), or passages in a table, JSON lines or SQuAD's JSON (which is read
 * whole); answers that stand beside them are not looked at. `-` is standard input. Throws a data error that names file and line, or record.
 */
export async function* passagesOf(
  path: string,
  spec: Pick<SpanSpec, 'tokenizer' | 'question'>,
  { id, sequence, passage, question, ambiguous = 'mask', skipped = { add: () => {} } }: PassageOptions = {},
): AsyncGenerator<Unanswered, void, undefined> {
  if (spec.tokenizer.kind === 'letters') {
    const alphabet = alphabetOfModel(spec.tokenizer);
    const columns = { ...(id !== undefined && { id }), ...(sequence !== undefined && { sequence }) };
    const opened = await openRecords(path, columns);
    const checks = { alphabet, ambiguous, file: opened.name, skipped };
    for await (const record of checkedRecords(withoutCells(opened.records), checks))
      yield { id: record.id, passage: record.sequence };
    return;
  }
  const source = openSource(path);
  const { opening, chunks } = await peek(source.chunks, 2 ** 16);
  const own = { ...source, chunks };
  if (formatOf(opening, source.name, passage ?? 'passage') === 'squad') {
    for (const record of await squadRecords(own, { answers: false })) yield asked(record, spec, source.name);
    return;
  }
  const table = await openPassages(chunks, source.name);
  for await (const record of tablePassages(table, { id, passage, question }))
    yield asked(record, spec, source.name);
}

async function* withoutCells(records: AsyncIterable<RawRecord>): AsyncGenerator<SequenceRecord> {
  for await (const { cells: _, ...record } of records) yield record;
}

function asked(
  { id, passage, question }: Unanswered,
  spec: Pick<SpanSpec, 'question'>,
  name: string,
): Unanswered {
  if (!spec.question) return { id, passage };
  if (question !== undefined) return { id, passage, question };
  throw dataError(
    `${name}: record "${id}" has no question; the model needs one. Name its column with --question.`,
  );
}
