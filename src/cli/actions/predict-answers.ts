import { usageError } from '../../core/errors.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import {
  checkedRecords,
  type SequenceRecord,
  type Skipped,
  skipCounter,
  skippedSentence,
} from '../../data/dataset.ts';
import { openRecords } from '../../data/read-records.ts';
import type { Model } from '../../models/model.ts';
import { openPredictor } from '../../models/predict.ts';
import type { Messages } from '../messages.ts';
import type { PredictArguments } from '../verbs/predict.ts';
import { deviceFor } from './device.ts';
import { type Unknown, unknownCounter, withFeatures } from './feature-reader.ts';
import { predictionLines } from './prediction-lines.ts';
import { regionsOf } from './regions.ts';
import { threadsFor } from './threads.ts';
import { trackReader } from './track-reader.ts';

/** Predicts record by record as they are read, and writes as it goes. */
export async function predictAnswers(
  { directory, model }: { directory: string; model: Model },
  sequences: string,
  args: PredictArguments,
  messages: Messages,
): Promise<void> {
  const { batchSize, attention = false, output, ambiguous, dropoutPasses: passes, seed } = args;
  if (attention && passes !== undefined)
    throw usageError('--attention and --dropout-passes do not go together; give one of them.');
  const { architecture, config, output: answers } = model.spec;
  if (attention && architecture !== 'attention-bilstm' && config.pool !== 'attention')
    throw usageError(
      `${directory} is a ${architecture} without attention. Leave --attention out, or train attention-bilstm.`,
    );
  const skipped = skipCounter('ambiguous letters');
  const unknown = unknownCounter();
  const { records, others, place } = await modelRecords(model, sequences, args, { skipped, unknown });
  const threads = threadsFor(args.threads, architecture, config);
  const predictor = await openPredictor(model, {
    device: await deviceFor(args.device, messages),
    threads,
    batchSize,
    attention,
    ...(passes !== undefined && { dropout: { passes, seed } }),
    ambiguous: 'mask',
    worker: true,
  });
  try {
    const format = args.format ?? (/\.jsonl?(\.gz)?$/.test(output) ? 'jsonl' : 'tsv');
    await atomicWrite(
      output,
      predictionLines(answers, predictor.predict(records), {
        ...{ format, attention, place },
        deviations: passes !== undefined,
      }),
    );
  } finally {
    await predictor.close();
  }
  const strange = unknown.sentence();
  if (strange) messages.say(strange);
  for (const left of [...others, ...(ambiguous === 'skip' ? [skipped] : [])]) {
    const sentence = skippedSentence(left);
    if (sentence) messages.say(sentence);
  }
}

/** The records of a file as the model needs them: letters checked, tracks read, regions cut out of their genome as in training. */
async function modelRecords(
  { spec: { alphabet, tracks, features = [] }, training }: Model,
  path: string,
  args: PredictArguments,
  { skipped, unknown }: { skipped: { add(id: string): void }; unknown: Unknown },
): Promise<{
  records: AsyncIterable<SequenceRecord>;
  others: readonly Skipped[];
  place: (() => string) | undefined;
}> {
  const { id, sequence, ambiguous } = args;
  const regions = regionsOf(path, args, training);
  const { table } = args;
  // With --table, --id is a column of that one.
  const raw = await openRecords(path, {
    ...(id && (table === undefined ? { id } : { maybeId: id })),
    ...(sequence && { sequence }),
    ...(regions && { regions }),
  });
  const opened = await withFeatures(raw, features, { table, id }, unknown);
  const checks = {
    alphabet: alphabetByName(alphabet.name, alphabet.letters),
    ambiguous,
    file: opened.name,
    skipped,
  };
  const records = checkedRecords(trackReader(opened, tracks), checks);
  const others = opened.skipped ?? [];
  if (!regions) return { records, others, place: undefined };
  // Predictions come in the order of the records, none left out: places wait for theirs.
  const places: string[] = [];
  async function* placed() {
    for await (const record of records) {
      places.push(record.description || record.id);
      yield record;
    }
  }
  return { records: placed(), others, place: () => places.shift()! };
}
