import { usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { bedLine } from '../../data/bed/bed.ts';
import { skipCounter, skippedSentence } from '../../data/dataset.ts';
import { tsvLine } from '../../data/table/tsv-text.ts';
import type { Model } from '../../models/model.ts';
import type { SpanSpec } from '../../models/span/spec.ts';
import { passagesOf } from '../../train/tasks/spans/input.ts';
import { type Answer, openSpanFinder, type SpanResult } from '../../train/tasks/spans/predict.ts';
import type { Messages } from '../messages.ts';
import type { SpanPredictArguments } from '../span-options.ts';
import type { PredictArguments } from '../verbs/predict.ts';
import { deviceFor } from './device.ts';
import { spanThreads } from './span-settings.ts';

type Format = 'tsv' | 'jsonl' | 'bed';
type Arguments = Omit<PredictArguments, 'format'> & SpanPredictArguments & { format?: Format };

/** Finds the span of each passage as they are read, and writes as it goes. */
export async function predictSpans(
  { directory, model }: { directory: string; model: Model<SpanSpec> },
  path: string,
  args: Arguments,
  messages: Messages,
): Promise<void> {
  const { output, id, sequence, passage, question, ambiguous, batchSize, best = 1, longest } = args;
  const { spec } = model;
  if (args.attention) throw usageError(`${directory} has no attention to show. Leave --attention out.`);
  const format = args.format ?? formatOf(output);
  if (format === 'bed' && spec.tokenizer.kind !== 'letters')
    throw usageError('BED is for spans of sequences; write those of text as tsv or jsonl.');
  if (best > 1 && format !== 'jsonl')
    throw usageError('--best writes several spans a record, which JSON lines hold: add --format jsonl.');
  const skipped = skipCounter('ambiguous letters');
  const finder = await openSpanFinder(model, {
    device: await deviceFor(args.device, messages),
    threads: spanThreads(args.threads, spec.config),
    ...{ worker: true, batchSize, best, longest },
  });
  const passages = passagesOf(path, spec, { id, sequence, passage, question, ambiguous, skipped });
  try {
    await atomicWrite(output, lines(finder.find(passages), format, { best, optional: spec.optional }));
  } finally {
    await finder.close();
  }
  const sentence = ambiguous === 'skip' ? skippedSentence(skipped) : undefined;
  if (sentence) messages.say(sentence);
}

const formatOf = (output: string): Format => {
  const suffix = /\.(jsonl?|bed)(\.b?gz)?$/i.exec(output)?.[1]?.toLowerCase();
  return suffix === 'bed' ? 'bed' : suffix ? 'jsonl' : 'tsv';
};

const digits = (value: number) => Number(value.toPrecision(6));
const told = ({ start, end, text, probability }: Answer) => ({
  start,
  end,
  text,
  probability: digits(probability),
});

async function* lines(
  results: AsyncIterable<SpanResult>,
  format: Format,
  { best: wanted, optional }: { best: number; optional: boolean },
): AsyncGenerator<string> {
  if (format === 'tsv')
    yield tsvLine(['id', 'start', 'end', 'prediction', 'probability', ...(optional ? ['none'] : [])]);
  for await (const { id, answer, none, best } of results) {
    if (format === 'bed') {
      // BED has no word for "none": such sequences have no line. A score is at most 1000.
      if (answer)
        yield bedLine({
          ...{ chrom: id, start: answer.start, end: answer.end },
          name: 'span',
          score: Math.round(1000 * answer.probability),
          strand: '.',
        });
      continue;
    }
    const absent = optional ? { none: digits(none) } : {};
    if (format === 'tsv') {
      const cells = answer ? told(answer) : { start: '', end: '', text: '', probability: digits(none) };
      yield tsvLine([id, cells.start, cells.end, cells.text, cells.probability, ...Object.values(absent)]);
      continue;
    }
    const listed = wanted > 1 ? { best: best.map(told) } : {};
    yield `${JSON.stringify({ id, prediction: answer ? told(answer) : null, ...absent, ...listed })}\n`;
  }
}
