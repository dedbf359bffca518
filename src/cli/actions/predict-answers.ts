import { usageError } from '../../core/errors.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { checkedRecords, type SequenceRecord, skipCounter, skippedSentence } from '../../data/dataset.ts';
import { openRecords } from '../../data/read-records.ts';
import type { Model } from '../../models/model.ts';
import { openPredictor } from '../../models/predict.ts';
import type { Messages } from '../messages.ts';
import type { PredictArguments } from '../verbs/predict.ts';
import { deviceFor } from './device.ts';
import { predictionLines } from './prediction-lines.ts';
import { threadsFor } from './threads.ts';
import { trackReader } from './track-reader.ts';

/** Predicts record by record as they are read, and writes as it goes. */
export async function predictAnswers(
  { directory, model }: { directory: string; model: Model },
  sequences: string,
  args: PredictArguments,
  messages: Messages,
): Promise<void> {
  const { batchSize, attention = false, output, ambiguous } = args;
  const { architecture, config, output: answers } = model.spec;
  if (attention && architecture !== 'attention-bilstm' && config.pool !== 'attention')
    throw usageError(
      `${directory} is a ${architecture} without attention. Leave --attention out, or train attention-bilstm.`,
    );
  const skipped = skipCounter('ambiguous letters');
  const records = await modelRecords(model, sequences, args, skipped);
  const threads = threadsFor(args.threads, architecture, config);
  const predictor = await openPredictor(model, {
    device: await deviceFor(args.device, messages),
    threads,
    batchSize,
    attention,
    ambiguous: 'mask',
    worker: true,
  });
  try {
    const format = args.format ?? (/\.jsonl?(\.gz)?$/.test(output) ? 'jsonl' : 'tsv');
    await atomicWrite(output, predictionLines(answers, predictor.predict(records), { format, attention }));
  } finally {
    await predictor.close();
  }
  const sentence = ambiguous === 'skip' ? skippedSentence(skipped) : undefined;
  if (sentence) messages.say(sentence);
}

/** The records of a file as the model needs them: letters checked, tracks read. */
async function modelRecords(
  { spec: { alphabet, tracks } }: Model,
  path: string,
  { id, sequence, ambiguous }: PredictArguments,
  skipped: { add(id: string): void },
): Promise<AsyncIterable<SequenceRecord>> {
  const opened = await openRecords(path, { ...(id && { id }), ...(sequence && { sequence }) });
  const checks = {
    alphabet: alphabetByName(alphabet.name, alphabet.letters),
    ambiguous,
    file: opened.name,
    skipped,
  };
  return checkedRecords(trackReader(opened, tracks), checks);
}
