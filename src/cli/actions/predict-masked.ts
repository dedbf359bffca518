import { dataError, usageError } from '../../core/errors.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { checkedRecords, skipCounter, skippedSentence } from '../../data/dataset.ts';
import { openRecords } from '../../data/read-records.ts';
import {
  informationGain,
  type LetterProbabilities,
  letterProbabilities,
} from '../../models/masked/letters.ts';
import { type MaskedReader, openMaskedReader } from '../../models/masked/reader.ts';
import type { MaskedSpec } from '../../models/masked/spec.ts';
import { maskedVocabulary } from '../../models/masked/vocabulary.ts';
import type { Model } from '../../models/model.ts';
import { readTexts } from '../../train/tasks/translation-data.ts';
import type { Messages } from '../messages.ts';
import type { PairArguments } from '../translation-options.ts';
import type { PredictArguments } from '../verbs/predict.ts';
import { deviceFor } from './device.ts';
import { maskedThreads } from './masked-settings.ts';

/** A text and its name. */
interface Text {
  readonly id: string;
  readonly text: string;
}

/**
 * Writes what a masked model knows of sequences as they are read: of each its embedding, the mean hidden state, or with `positions` of each letter
 * the probability of every letter in its place.
 */
export async function predictMasked(
  { directory, model }: { directory: string; model: Model<MaskedSpec> },
  path: string,
  args: PredictArguments & Pick<PairArguments, 'source'>,
  messages: Messages,
): Promise<void> {
  const { output, positions = false, batchSize } = args;
  const { spec, weights } = model;
  const { alphabet } = maskedVocabulary(spec);
  if (args.attention)
    throw usageError('--attention is for models that pool by attention; a masked model has --positions.');
  if (positions && !alphabet)
    throw usageError(
      `${directory} reads tokens that spell no alphabet letter by letter. Leave --positions out; without it there are embeddings.`,
    );
  const skipped = skipCounter('ambiguous letters');
  const reader = await openMaskedReader(spec, weights, {
    device: await deviceFor(args.device, messages),
    threads: maskedThreads(args.threads, spec.architecture, spec.config),
    worker: true,
  });
  const format = args.format ?? (/\.jsonl?(\.gz)?$/.test(output) ? 'jsonl' : 'tsv');
  const groups = grouped(texts(path, spec, args, skipped), batchSize);
  const lines = positions ? positionLines : embeddingLines;
  try {
    await atomicWrite(output, lines(groups, { reader, spec, format }));
  } finally {
    await reader.close();
  }
  const sentence = args.ambiguous === 'skip' ? skippedSentence(skipped) : undefined;
  if (sentence) messages.say(sentence);
}

/** Letters from files of sequences, checked; other text from lines or a column. */
async function* texts(
  path: string,
  { tokenizer }: MaskedSpec,
  { id, sequence, source, ambiguous }: PredictArguments,
  skipped: { add(id: string): void },
): AsyncGenerator<Text> {
  if (!('alphabet' in tokenizer)) {
    yield* readTexts(path, { ...(id && { id }), ...(source && { source }) });
    return;
  }
  const opened = await openRecords(path, { ...(id && { id }), ...(sequence && { sequence }) });
  const { name, letters } = tokenizer.alphabet;
  const checks = { alphabet: alphabetByName(name, letters), ambiguous, file: opened.name, skipped };
  for await (const record of checkedRecords(opened.records, checks))
    yield { id: record.id, text: record.sequence };
}

async function* grouped(records: AsyncIterable<Text>, size: number): AsyncGenerator<Text[]> {
  let group: Text[] = [];
  let letters = 0;
  for await (const record of records) {
    group.push(record);
    letters += record.text.length;
    if (group.length < size && letters < 1e6) continue;
    yield group;
    group = [];
    letters = 0;
  }
  if (group.length > 0) yield group;
}

interface Writing {
  readonly reader: MaskedReader;
  readonly spec: MaskedSpec;
  readonly format: 'tsv' | 'jsonl';
}

async function* embeddingLines(
  groups: AsyncIterable<Text[]>,
  { reader, spec, format }: Writing,
): AsyncGenerator<string> {
  const { encode } = maskedVocabulary(spec);
  let headed = false;
  for await (const group of groups) {
    const sequences = group.map(({ id, text }) => {
      const tokens = encode(text);
      if (tokens.length === 0)
        throw dataError(`${JSON.stringify(id)} has no token; expected at least one. Leave it out.`);
      return tokens;
    });
    for (const [i, embedding] of (await reader.embeddings(sequences)).entries()) {
      const numbers = Array.from(embedding, sixDigits);
      const { id } = group[i]!;
      if (format === 'jsonl') {
        yield `${JSON.stringify({ id, embedding: numbers })}\n`;
        continue;
      }
      if (!headed) yield line(['id', ...numbers.map((_, d) => `e${d + 1}`)]);
      headed = true;
      yield line([id, ...numbers.map(String)]);
    }
  }
}

async function* positionLines(
  groups: AsyncIterable<Text[]>,
  { reader, spec, format }: Writing,
): AsyncGenerator<string> {
  const { letters } = maskedVocabulary(spec).alphabet!;
  if (format === 'tsv')
    yield line(['id', 'position', 'letter', ...[...letters].map((letter) => `p(${letter})`), 'information']);
  for await (const group of groups) {
    const found = await letterProbabilities(
      reader,
      spec,
      group.map(({ text }) => text),
    );
    for (const [i, told] of found.entries()) yield* recordLines(group[i]!, told, letters, format);
  }
}

function* recordLines(
  { id, text }: Text,
  { probabilities }: LetterProbabilities,
  letters: string,
  format: 'tsv' | 'jsonl',
): Generator<string> {
  const even = [...letters].map(() => 1 / letters.length);
  const gains = Array.from(informationGain(probabilities, even), sixDigits);
  const rows = Array.from(text, (_, at) =>
    Array.from(probabilities.subarray(at * letters.length, (at + 1) * letters.length), sixDigits),
  );
  if (format === 'jsonl') {
    yield `${JSON.stringify({ id, sequence: text, probabilities: rows, information: gains })}\n`;
    return;
  }
  for (const [at, row] of rows.entries())
    yield line([id, `${at + 1}`, text[at]!, ...row.map(cellOf), cellOf(gains[at]!)]);
}

/** Empty where a letter is ambiguous, or in no token: nothing is known of it. */
const cellOf = (value: number) => (Number.isNaN(value) ? '' : String(value));

const sixDigits = (value: number) => Number(value.toPrecision(6));

/** Cells that would break the table are quoted, as table readers expect (RFC 4180). */
const line = (cells: readonly string[]) =>
  `${cells.map((text) => (/[\t\r\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join('\t')}\n`;
