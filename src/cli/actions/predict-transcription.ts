import { usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import type { Model } from '../../models/model.ts';
import { type TranscriberSpec, targetTokenizer } from '../../models/transcriber/spec.ts';
import { openRecordings } from '../../train/tasks/ctc/read.ts';
import { openTranscriber, type Transcribed } from '../../train/tasks/ctc/transcribe.ts';
import type { TranscriptionArguments } from '../ctc-options.ts';
import type { Messages } from '../messages.ts';
import type { PredictArguments } from '../verbs/predict.ts';
import { deviceFor } from './device.ts';
import { searchSettings, transcriberThreads } from './transcription-settings.ts';

type Arguments = PredictArguments & TranscriptionArguments;

/** Transcribes record by record as they are read, and writes as it goes. */
export async function predictTranscription(
  { directory, model }: { directory: string; model: Model<TranscriberSpec> },
  path: string,
  args: Arguments,
  messages: Messages,
): Promise<void> {
  const { output, id, source, group, time, batchSize } = args;
  if (args.attention) throw usageError(`${directory} has no attention. Leave --attention out.`);
  const where = {
    device: await deviceFor(args.device, messages),
    threads: transcriberThreads(args.threads, model.spec.config),
    worker: true,
  };
  const search = await searchSettings(model.spec, args, where);
  const transcriber = await openTranscriber(model, where);
  const lines = linesOf(model.spec, args);
  async function* all(): AsyncGenerator<string> {
    yield lines.head;
    const { records } = await openRecordings(path, { id, source, group, time }, model.spec.input);
    for await (const found of transcriber.transcribe(records, { ...search.options, batchSize }))
      yield lines.of(found);
  }
  try {
    await atomicWrite(output, all());
  } finally {
    await transcriber.close();
    await search.close();
  }
}

/** How transcriptions are written down. */
function linesOf(spec: TranscriberSpec, { output, format, positions, best }: Arguments) {
  const tokenizer = targetTokenizer(spec);
  const rows = (table: readonly (readonly (string | number)[])[]) =>
    table.map((row) => `${row.map((value) => cell(`${value}`)).join('\t')}\n`).join('');
  const spans = ({ tokens }: Transcribed) =>
    tokens.map(({ token, from, to, confidence }) => ({
      token: tokenizer.token(token),
      from,
      to,
      confidence: rounded(confidence, 4),
    }));
  if ((format ?? (/\.jsonl?(\.gz)?$/.test(output) ? 'jsonl' : 'tsv')) === 'jsonl')
    return {
      head: '',
      of: (found: Transcribed) =>
        `${JSON.stringify(jsonOf(found, positions ? spans(found) : undefined, best))}\n`,
    };
  if (positions) {
    if (best !== undefined)
      throw usageError(
        '--positions tells of the best transcription alone; leave --best out, or write jsonl.',
      );
    return {
      head: rows([['id', 'token', 'from', 'to', 'confidence']]),
      of: (found: Transcribed) =>
        rows(spans(found).map(({ token, from, to, confidence }) => [found.id, token, from, to, confidence])),
    };
  }
  if (best !== undefined)
    return {
      head: rows([['id', 'rank', 'prediction', 'logProbability']]),
      of: ({ id, alternatives }: Transcribed) =>
        rows(
          alternatives.map(({ text, logProbability }, i) => [id, i + 1, text, rounded(logProbability, 6)]),
        ),
    };
  return {
    head: rows([['id', 'prediction', 'logProbability', 'confidence']]),
    of: (found: Transcribed) =>
      rows([[found.id, found.text, rounded(found.logProbability, 6), rounded(leastConfidence(found), 4)]]),
  };
}

const jsonOf = (found: Transcribed, tokens: object | undefined, best: number | undefined) => ({
  id: found.id,
  prediction: found.text,
  logProbability: rounded(found.logProbability, 6),
  confidence: rounded(leastConfidence(found), 4),
  ...(tokens && { tokens }),
  ...(best !== undefined && {
    alternatives: found.alternatives.map(({ text, logProbability }) => ({
      prediction: text,
      logProbability: rounded(logProbability, 6),
    })),
  }),
});

/** The confidence in the token that is the least sure; 1 where nothing was written. */
const leastConfidence = ({ tokens }: Transcribed) =>
  tokens.reduce((least, { confidence }) => Math.min(least, confidence), 1);

const rounded = (value: number, digits: number) => Number(value.toPrecision(digits));

/** Cells that would break the table are quoted, as table readers expect (RFC 4180). */
const cell = (text: string) => (/[\t\r\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
