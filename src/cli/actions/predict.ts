import { usageError } from '../../core/errors.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { checkedRecords, type SequenceRecord, skipCounter, skippedSentence } from '../../data/dataset.ts';
import { openRecords } from '../../data/read-records.ts';
import type { ForecasterSpec } from '../../models/forecaster/spec.ts';
import { loadAnyModel, loadModel } from '../../models/load-model.ts';
import type { MaskedSpec } from '../../models/masked/spec.ts';
import type { Model } from '../../models/model.ts';
import { openPredictor } from '../../models/predict.ts';
import type { TrainedTranslator } from '../../models/translator/scorer.ts';
import { openMessages } from '../messages.ts';
import type { PredictArguments } from '../verbs/predict.ts';
import { deviceFor } from './device.ts';
import { predictionLines } from './prediction-lines.ts';
import { threadsFor } from './threads.ts';
import { trackReader } from './track-reader.ts';

/** Predicts record by record as they are read, and writes as it goes. */
export async function predict(directory: string, sequences: string, args: PredictArguments): Promise<void> {
  const messages = openMessages(args);
  const { batchSize, attention = false, output, ambiguous } = args;
  const loaded = await loadAnyModel(directory);
  if (loaded.spec.kind === 'translator') {
    const { predictTranslation } = await import('./predict-translation.ts');
    const model = loaded as TrainedTranslator;
    return predictTranslation({ directory, model }, sequences, args, messages);
  }
  if (loaded.spec.kind === 'forecaster') {
    const { predictForecast } = await import('./predict-forecast.ts');
    return predictForecast({ directory, model: loaded as Model<ForecasterSpec> }, sequences, args, messages);
  }
  if (loaded.spec.kind === 'masked') {
    const { predictMasked } = await import('./predict-masked.ts');
    return predictMasked({ directory, model: loaded as Model<MaskedSpec> }, sequences, args, messages);
  }
  if (args.positions)
    throw usageError(
      `${directory} is no masked model; only these tell the letters of each place. Leave --positions out.`,
    );
  // Another kind is refused, in the words that say what it is for.
  const model = (loaded.spec.kind ?? 'answer') === 'answer' ? (loaded as Model) : await loadModel(directory);
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
