import { dataError } from '../../../core/errors.ts';
import { skipCounter, skippedSentence } from '../../../data/dataset.ts';
import { peek } from '../../../data/opening.ts';
import { openSource } from '../../../data/source.ts';
import { sniffDelimiter } from '../../../data/table/table.ts';
import type { SpanSpec } from '../../../models/span/spec.ts';
import type { SpanData, SpanRecord } from './data.ts';
import { alphabetOfModel, type LetterSource, readLetterSpans } from './read-letters.ts';
import { holdsPassages, squadRecords, type TextColumns, tableRecords } from './read-text.ts';

/** Where passages and their spans are, and how to read them. */
export interface SpanSource extends LetterSource, TextColumns {
  /** What a trained model reads; then the data must be of that kind. */
  model?: Pick<SpanSpec, 'tokenizer' | 'question' | 'optional'> | undefined;
}

/** What a file holds: letters whose spans are given as places, a table of passages, or SQuAD's JSON. */
export type SpanFormat = 'letters' | 'table' | 'squad';

/** Tells by name and first bytes what a file holds; closes it again. */
export async function spanFormat(path: string, { spans, passage }: Pick<SpanSource, 'spans' | 'passage'>) {
  if (spans !== undefined) return 'letters';
  const { name, chunks } = openSource(path);
  const { opening, chunks: all } = await peek(chunks, 2 ** 16);
  for await (const _ of all) break;
  return formatOf(opening, name, passage);
}

/** One object with a list called data, rather than an object a line. */
function isSquad(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text.split(/[\r\n]/, 1)[0]!).data);
  } catch {
    // The object goes on after this line, or after these bytes.
    return /"data"\s*:\s*\[/.test(text);
  }
}

/** The same for bytes that are at hand. */
export function formatOf(opening: Uint8Array, name: string, passage?: string | undefined): SpanFormat {
  const text = new TextDecoder().decode(opening).trimStart();
  if (/^[>;@]/.test(text)) return 'letters';
  if (text.startsWith('{')) {
    if (isSquad(text)) return 'squad';
    const keys = [...text.matchAll(/"([^"\\]+)"\s*:/g)].map(([, key]) => key!);
    return holdsPassages(keys, { passage }) ? 'table' : 'letters';
  }
  const header = text.split(/[\r\n]/, 1)[0]!;
  const columns = header.split(sniffDelimiter(opening, name)).map((cell) => cell.trim().replaceAll('"', ''));
  return holdsPassages(columns, { passage }) ? 'table' : 'letters';
}

/**
 * Reads passages, each with the one span that answers or with none: sequences with BED or a table of places (see `readLetterSpans`), SQuAD's JSON
 * (versions 1 and 2), or a table or JSON lines with the columns question, passage (or context), answer and start.
 *
 * Throws a data error that names file and line, or record, for anything that is wrong in the files, and for data that a given model does not
 * read.
 * @example await readSpans({ sequences: 'train-v2.0.json' })
 */
export async function readSpans(source: SpanSource): Promise<SpanData> {
  const { sequences, model } = source;
  // What comes from standard input can be looked at only once: without spans beside it, it is text.
  const format =
    sequences === '-' && source.spans === undefined ? 'stream' : await spanFormat(sequences, source);
  const tokenizer = model?.tokenizer;
  if (format === 'letters') {
    if (tokenizer && tokenizer.kind !== 'letters')
      throw dataError(
        `${sequences} holds sequences; the model reads text. Give SQuAD's JSON, or a table with a column passage.`,
      );
    const without = source.without ?? (model && !model.optional ? 'skip' : undefined);
    const alphabet = source.alphabet ?? (tokenizer && alphabetOfModel(tokenizer as never));
    return readLetterSpans({ ...source, without, alphabet });
  }
  if (tokenizer?.kind === 'letters')
    throw dataError(
      `${sequences} holds text; the model reads sequences. Give FASTA and the spans with --spans.`,
    );
  return readText(source, format);
}

async function readText(source: SpanSource, format: SpanFormat | 'stream'): Promise<SpanData> {
  const { model } = source;
  const opened = openSource(source.sequences);
  const { opening, chunks } = await peek(opened.chunks);
  const own = { ...opened, chunks };
  const found = format === 'stream' ? formatOf(opening, opened.name, source.passage ?? 'passage') : format;
  const read = found === 'squad' ? await squadRecords(own) : await tableRecords(own, source);
  if (read.length === 0) throw dataError(`${opened.name} holds no records.`);
  refuseRepeated(read, opened.name);
  const question = read.some((record) => record.question !== undefined);
  if (model && model.question !== question)
    throw dataError(
      `${opened.name} has ${question ? 'questions' : 'no questions'}; the model ${model.question ? 'needs one for each passage' : 'reads none'}.`,
    );
  const impossible = skipCounter('no span, which the model does not know of');
  const skips = model !== undefined && !model.optional;
  const records = read.filter(({ id, span }) => {
    const out = span === null && (skips || source.without === 'skip');
    if (out) impossible.add(id);
    return !out;
  });
  if (records.every(({ span }) => span === null))
    throw dataError(`${opened.name}: no record has an answer; there is nothing to learn or to compare with.`);
  const sentence = skippedSentence(impossible);
  return {
    ...{ kind: 'text', question, records, sources: [opened.digest()] },
    skipped: sentence
      ? [{ reason: impossible.reason, count: impossible.count, examples: impossible.examples }]
      : [],
    notes: sentence ? [sentence] : [],
  };
}

function refuseRepeated(records: readonly SpanRecord[], name: string): void {
  const seen = new Set<string>();
  for (const { id } of records) {
    if (seen.has(id)) throw dataError(`${name}: id "${id}" occurs twice; ids must be unique, one span each.`);
    seen.add(id);
  }
}
